"""When a fan was last on our pages, to the day: for how long data are kept hangs on it, and nothing more is needed."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session

from loyalty import bulk, clock
from loyalty.fans.tables import Fan

_fan = Fan.__table__  # type: ignore[attr-defined]


def note_seen(session: Session, fan_ids: Collection[int]) -> None:
    """Write down that these fans are here today; a warning that the account is erased is over."""
    today = clock.now().replace(hour=0, minute=0, second=0, microsecond=0)
    known = sa.and_(_fan.c.last_seen_at == today, _fan.c.warned_at.is_(None))
    session.execute(
        sa.update(_fan)
        .where(bulk.one_of(session, _fan.c.id, fan_ids), sa.or_(_fan.c.last_seen_at.is_(None), ~known))
        .values(last_seen_at=today, warned_at=None)
    )


def note_warned(session: Session, fan_ids: Sequence[int], *, now: datetime) -> set[int]:
    """Write down that these fans are warned; returns those whom nobody had warned meanwhile."""
    warned = session.execute(
        sa.update(_fan)
        .where(bulk.one_of(session, _fan.c.id, fan_ids), _fan.c.warned_at.is_(None))
        .values(warned_at=now)
        .returning(_fan.c.id)
    )
    return set(warned.scalars())
