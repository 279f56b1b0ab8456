"""Years of status: calendar years, or seasons that begin in another month."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from loyalty.programme.expiry import first_instant


def end_of_year(earned_at: datetime, first_month: int, zone: ZoneInfo, *, later: int = 0) -> datetime:
    """The end of the year that status points earned at an instant count in, in the programme's zone.

    Args:
        first_month: the month on whose first day a year begins: 1 for a calendar year.
        later: of so many years later.
    """
    local = earned_at.astimezone(zone)
    return first_instant(date(local.year + (local.month >= first_month) + later, first_month, 1), zone)
