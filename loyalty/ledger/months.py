"""Months of the programme: where each begins and ends, in its own time zone."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

_WRITTEN = re.compile(r"(?P<year>[1-9]\d{3})-(?P<month>0[1-9]|1[0-2])", re.ASCII)


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """One month; written "2026-10", kept as 202610."""

    year: int
    month: int

    @property
    def number(self) -> int:
        """How it is kept."""
        return self.year * 100 + self.month

    def __str__(self) -> str:
        return f"{self.year:04}-{self.month:02}"

    def later(self, months: int) -> Month:
        """The month so many months after; before, when negative."""
        years, month = divmod(self.year * 12 + self.month - 1 + months, 12)
        return Month(years, month + 1)

    def begins_at(self, zone: ZoneInfo) -> datetime:
        """Its first instant."""
        return datetime(self.year, self.month, 1, tzinfo=zone).astimezone(UTC)

    def ends_at(self, zone: ZoneInfo) -> datetime:
        """The first instant that is no longer of it."""
        return self.later(1).begins_at(zone)


def month_of(instant: datetime, zone: ZoneInfo) -> Month:
    """The month that an instant falls in."""
    local = instant.astimezone(zone)
    return Month(local.year, local.month)


def numbered(number: int) -> Month:
    """The month kept as 202610."""
    return Month(number // 100, number % 100)


def written(text: str) -> Month | None:
    """The month written "2026-10"; None when it is not one."""
    found = _WRITTEN.fullmatch(text)
    return Month(int(found["year"]), int(found["month"])) if found else None


def months_before(instant: datetime, months: int, zone: ZoneInfo) -> datetime:
    """The same day and time so many months earlier; the 31st of a shorter month is its last day."""
    local = instant.astimezone(zone)
    earlier = month_of(instant, zone).later(-months)
    day = min(local.day, monthrange(earlier.year, earlier.month)[1])
    return local.replace(year=earlier.year, month=earlier.month, day=day).astimezone(UTC)
