"""Who works which delivery, and when again: a lease, a back-off, and an end.

A worker claims what is due by pushing its due time ahead; if it dies, that time comes and another claims
it.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from loyalty import bulk
from loyalty.intake.tables import Delivery

_delivery = Delivery.__table__  # type: ignore[attr-defined]

LEASE = timedelta(minutes=1)
MOST_ATTEMPTS = 10
_OPEN = ("kept", "failed")


def claim(session: Session, *, now: datetime, limit: int) -> list[int]:
    """Take up to `limit` due deliveries for `LEASE`, the longest due first; one taken too often is dead."""
    due = (
        sa.select(_delivery.c.id)
        .where(_delivery.c.state.in_(_OPEN), _delivery.c.due_at <= now)
        .order_by(_delivery.c.due_at, _delivery.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)  # SQLite has one writer and leaves this out
        .cte("due")
    )
    taken = session.execute(
        sa.update(_delivery)
        .where(_delivery.c.id.in_(sa.select(due.c.id)))
        .values(due_at=now + LEASE, attempts=_delivery.c.attempts + 1)
        .returning(_delivery.c.id, _delivery.c.attempts)
    ).all()
    for delivery_id, attempts in taken:
        if attempts > MOST_ATTEMPTS:
            bury(session, delivery_id, problem="the worker did not survive it")
    return sorted(delivery_id for delivery_id, attempts in taken if attempts <= MOST_ATTEMPTS)


def sources_of(session: Session, delivery_ids: Sequence[int]) -> list[tuple[int, int]]:
    """Each of the deliveries with its source, in their order."""
    rows = session.execute(
        sa.select(_delivery.c.id, _delivery.c.source_id)
        .where(bulk.one_of(session, _delivery.c.id, delivery_ids))
        .order_by(_delivery.c.id)
    )
    return [(delivery_id, source_id) for delivery_id, source_id in rows]


def take(session: Session, delivery_ids: Sequence[int], *, now: datetime) -> list[Delivery]:
    """Those that are still to be worked, now marked as worked: they are this transaction's alone."""
    taken = session.execute(
        sa.update(_delivery)
        .where(bulk.one_of(session, _delivery.c.id, delivery_ids), _delivery.c.state.in_(_OPEN))
        .values(state="worked", worked_at=now, problem=None)
        .returning(_delivery.c.id)
    ).scalars()
    chosen = select(Delivery).where(bulk.one_of(session, _delivery.c.id, list(taken)))
    return list(session.exec(chosen.order_by(col(Delivery.id))))


def note(session: Session, delivery_id: int, outcomes: list[dict[str, Any]]) -> None:
    """Keep what became of each thing a delivery said."""
    _change(session, delivery_id, outcomes=outcomes)


def fail(session: Session, delivery_id: int, *, problem: str, now: datetime) -> None:
    """Put a delivery back for later, each time for longer; dead after `MOST_ATTEMPTS`."""
    attempts = session.execute(
        sa.select(_delivery.c.attempts).where(_delivery.c.id == delivery_id, _delivery.c.state.in_(_OPEN))
    ).scalar()
    if attempts is None:
        return  # somebody else worked it
    if attempts >= MOST_ATTEMPTS:
        bury(session, delivery_id, problem=problem)
    else:
        _change(session, delivery_id, state="failed", problem=problem, due_at=now + back_off(attempts))


def back_off(attempts: int) -> timedelta:
    """How long to wait after so many attempts: 10 seconds, then four times as long each, at most 6 hours."""
    return timedelta(seconds=min(10 * 4 ** max(attempts - 1, 0), 6 * 3600))


def bury(session: Session, delivery_id: int, *, problem: str) -> None:
    """Set a delivery aside with its problem, until a person replays it."""
    _change(session, delivery_id, state="dead", problem=problem, worked_at=None)


def revive(session: Session, delivery_id: int, *, now: datetime) -> bool:
    """Let a dead or failed delivery be worked again, from its first attempt; False when it is neither."""
    revived: Any = session.execute(
        sa.update(_delivery)
        .where(_delivery.c.id == delivery_id, _delivery.c.state.in_(("dead", "failed")))
        .values(state="kept", attempts=0, due_at=now)
    )
    return bool(revived.rowcount)


def empty(session: Session, *, worked_before: datetime, dead_before: datetime, limit: int) -> int:
    """Forget the body and the headers of up to `limit` deliveries: worked before an instant, or come before the other
    and set aside since. Returns how many."""
    over = sa.or_(
        sa.and_(_delivery.c.state == "worked", _delivery.c.worked_at < worked_before),
        sa.and_(_delivery.c.state == "dead", _delivery.c.received_at < dead_before),
    )
    worked = sa.select(_delivery.c.id).where(over, _delivery.c.body != b"").limit(limit)
    emptied: Any = session.execute(sa.update(_delivery).where(_delivery.c.id.in_(worked)).values(body=b"", headers={}))
    return int(emptied.rowcount)


def _change(session: Session, delivery_id: int, **values: Any) -> None:
    session.execute(sa.update(_delivery).where(_delivery.c.id == delivery_id).values(**values))
