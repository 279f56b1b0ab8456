"""Lots: which points expire when, and which are spent first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlmodel import Session

from loyalty import bulk
from loyalty.ids import bucket_of
from loyalty.ledger.tables import NEVER, Lot, StatusYear

_lot = Lot.__table__  # type: ignore[attr-defined]
_year = StatusYear.__table__  # type: ignore[attr-defined]


@dataclass(slots=True)
class OpenLot:
    """A lot with something left; of status points, a year that counts some."""

    holder_id: int
    expires_at: datetime
    left: int


def end_of_lot(earned_at: datetime, months: int | None, zone: ZoneInfo) -> datetime:
    """When points earned at an instant expire: the end of the month that comes `months` after, in the programme's zone.

    Months are whole so that a holder has one lot a month, not one an award.
    """
    if months is None:
        return NEVER
    local = earned_at.astimezone(zone)
    return _first_instant(local.year, local.month + months + 1, zone)


def end_of_year(earned_at: datetime, first_month: int, zone: ZoneInfo, *, later: int = 0) -> datetime:
    """The end of the year that status points earned at an instant count in, in the programme's zone.

    Args:
        first_month: the month on whose first day a year begins: 1 for a calendar year.
        later: of so many years later.
    """
    local = earned_at.astimezone(zone)
    return _first_instant(local.year + (local.month >= first_month) + later, first_month, zone)


@lru_cache(maxsize=4096)
def _first_instant(year: int, month: int, zone: ZoneInfo) -> datetime:
    return datetime(year + (month - 1) // 12, (month - 1) % 12 + 1, 1, tzinfo=zone).astimezone(UTC)


def open_lots(session: Session, holder_ids: Iterable[int]) -> dict[int, list[OpenLot]]:
    """What is left in the lots of these locked holders, soonest expiry first."""
    holder_ids = list(holder_ids)
    left = _lot.c.granted - _lot.c.used - _lot.c.expired
    rows = session.execute(
        sa.select(_lot.c.holder_id, _lot.c.expires_at, left)
        .where(
            bulk.one_of(session, _lot.c.holder_id, holder_ids),
            bulk.of_holders(session, _lot.c.bucket, holder_ids),
            left > 0,
        )
        .order_by(_lot.c.expires_at)
    )
    lots: dict[int, list[OpenLot]] = {}
    for holder_id, expires_at, amount in rows:
        lots.setdefault(holder_id, []).append(OpenLot(holder_id, expires_at, amount))
    return lots


def status_years(session: Session, holder_id: int) -> list[OpenLot]:
    """The status points of a locked holder by the year they count in."""
    rows = session.execute(
        sa.select(_year.c.ends_at, _year.c.points)
        .where(_year.c.holder_id == holder_id, _year.c.bucket == bucket_of(holder_id), _year.c.points > 0)
        .order_by(_year.c.ends_at)
    )
    return [OpenLot(holder_id, ends_at, points) for ends_at, points in rows]


def due_buckets(session: Session, at: datetime) -> list[int]:
    """The buckets that have points to expire at an instant."""
    left = _lot.c.granted - _lot.c.used - _lot.c.expired
    rows = session.execute(sa.select(_lot.c.bucket).where(_lot.c.expires_at <= at, left > 0).distinct())
    return sorted(rows.scalars())


def draw(
    lots: list[OpenLot], amount: int, *, after: datetime | None = None, first: datetime | None = None
) -> list[tuple[datetime, int]]:
    """Take up to `amount` from lots, soonest expiry first, and say how much from which.

    Args:
        lots: of one holder; what is left in each is lowered.
        after: lots that expire at this instant or before cannot be drawn from; None: all can.
        first: the lot to draw from before the others.
    """
    drawn = []
    for lot in sorted(lots, key=lambda each: (each.expires_at != first, each.expires_at)):
        if amount == 0:
            break
        if after is not None and lot.expires_at <= after:
            continue
        part = min(lot.left, amount)
        if part:
            lot.left -= part
            amount -= part
            drawn.append((lot.expires_at, part))
    return drawn
