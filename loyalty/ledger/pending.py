"""Points that wait until they can be spent: which, whose, until when."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from loyalty import bulk
from loyalty.ids import bucket_of
from loyalty.ledger.tables import PendingAward

_pending = PendingAward.__table__  # type: ignore[attr-defined]
_WAITS = _pending.c.pending > 0


def due_buckets(session: Session, at: datetime) -> list[int]:
    """The buckets that have points to make spendable at an instant."""
    chosen = sa.select(_pending.c.bucket).where(_WAITS, _pending.c.available_at <= at).distinct()
    return sorted(session.execute(chosen).scalars())


def due(session: Session, bucket: int, *, at: datetime, limit: int) -> Sequence[Any]:
    """The awards of a locked bucket whose time has come, by holder."""
    chosen = sa.select(_pending).where(_pending.c.bucket == bucket, _WAITS, _pending.c.available_at <= at)
    return session.execute(chosen.order_by(_pending.c.holder_id, _pending.c.id).limit(limit)).all()


def done(session: Session, awards: Iterable[tuple[int, int]]) -> None:
    """Note that awards, by number and bucket, wait no more."""
    bulk.update(session, _pending, [(0, *each) for each in awards], keys=("id", "bucket"), sets=("pending",))


def of_entries(session: Session, entry_ids: Iterable[int], *, bucket: int) -> dict[tuple[int, int], int]:
    """What of these entries waits still, for a holder of this bucket, by entry and leg."""
    chosen = sa.select(_pending.c.entry_id, _pending.c.leg, _pending.c.pending).where(
        bulk.one_of(session, _pending.c.entry_id, entry_ids), _pending.c.bucket == bucket, _WAITS
    )
    return {(row.entry_id, row.leg): row.pending for row in session.execute(chosen)}


def lower(session: Session, *, entry_id: int, leg: int, bucket: int, by: int) -> None:
    """Take back part of what waits, or all of it."""
    session.execute(
        sa.update(_pending)
        .where(_pending.c.entry_id == entry_id, _pending.c.leg == leg, _pending.c.bucket == bucket)
        .values(pending=_pending.c.pending - by)
    )


def give(session: Session, *, source_id: int, target_id: int, target_bucket: int) -> None:
    """Let what waits for one holder wait for another."""
    theirs = (_pending.c.holder_id == source_id, _pending.c.bucket == bucket_of(source_id), _WAITS)
    bulk.move(session, _pending, theirs, holder_id=target_id, bucket=target_bucket)


def of_holder(session: Session, holder_id: int) -> list[tuple[datetime, int]]:
    """What waits for a holder: until when and how much, the soonest first."""
    chosen = (
        sa.select(_pending.c.available_at, sa.func.sum(_pending.c.pending))
        .where(_pending.c.holder_id == holder_id, _WAITS)
        .group_by(_pending.c.available_at)
        .order_by(_pending.c.available_at)
    )
    return [(at, int(points)) for at, points in session.execute(chosen)]
