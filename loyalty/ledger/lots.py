"""Lots: which points expire when, and which are spent first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session

from loyalty import bulk
from loyalty.ids import bucket_of
from loyalty.ledger.tables import Lot, StatusYear

_lot = Lot.__table__  # type: ignore[attr-defined]
_year = StatusYear.__table__  # type: ignore[attr-defined]


@dataclass(slots=True)
class OpenLot:
    """A lot with something left; points that slide are drawn after those that do not. Of status points, a year that
    counts some."""

    holder_id: int
    expires_at: datetime
    left: int
    sliding: int = 0

    @property
    def slides(self) -> int:
        """How much of what is left slides."""
        return min(self.left, self.sliding)


def open_lots(
    session: Session, holder_ids: Iterable[int], *, sliding_after: datetime | None = None
) -> dict[int, list[OpenLot]]:
    """What is left in the lots of these locked holders, soonest expiry first.

    Args:
        sliding_after: only lots with points that slide, and that end after this instant.
    """
    holder_ids = list(holder_ids)
    left = _lot.c.granted - _lot.c.used - _lot.c.expired
    chosen = sa.select(_lot.c.holder_id, _lot.c.expires_at, left, _lot.c.sliding).where(
        bulk.one_of(session, _lot.c.holder_id, holder_ids),
        bulk.of_holders(session, _lot.c.bucket, holder_ids),
        left > 0,
    )
    if sliding_after is not None:
        chosen = chosen.where(_lot.c.sliding > 0, _lot.c.expires_at > sliding_after)
    lots: dict[int, list[OpenLot]] = {}
    for holder_id, expires_at, amount, sliding in session.execute(chosen.order_by(_lot.c.expires_at)):
        lots.setdefault(holder_id, []).append(OpenLot(holder_id, expires_at, amount, sliding))
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


@dataclass(frozen=True, slots=True)
class Due:
    """What has come to its end and is not swept yet."""

    lots: int
    fans: int
    points: int


def due(session: Session, at: datetime) -> Due:
    """What is to expire at an instant."""
    left = _lot.c.granted - _lot.c.used - _lot.c.expired
    counted = sa.select(sa.func.count(), sa.func.count(_lot.c.holder_id.distinct()), sa.func.sum(left))
    lots, holders, points = session.execute(counted.where(_lot.c.expires_at <= at, left > 0)).one()
    return Due(lots=lots, fans=holders, points=int(points or 0))


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
