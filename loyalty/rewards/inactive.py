"""Fans, and accounts that are nobody's yet, without a sign of life since some day: found set by set, in pieces.

A sign of life is a visit to our pages, an account linked, something done anywhere, an exchange.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from loyalty.activities.tables import Activity
from loyalty.day import day_number
from loyalty.fans.tables import Fan, Identity
from loyalty.rewards.tables import Redemption

_fan = Fan.__table__  # type: ignore[attr-defined]
_identity = Identity.__table__  # type: ignore[attr-defined]
_activity = Activity.__table__  # type: ignore[attr-defined]
_redemption = Redemption.__table__  # type: ignore[attr-defined]


def to_warn(session: Session, *, unseen_since: datetime, limit: int) -> Sequence[Any]:
    """Fans without a sign of life since then whom nobody warned yet: rows of `id`, `email` and `language`."""
    return session.execute(_unseen(unseen_since).where(_fan.c.warned_at.is_(None)).limit(limit)).all()


def to_forget(
    session: Session, *, unseen_since: datetime, warned_before: datetime, limit: int, fan_id: int | None = None
) -> list[int]:
    """Fans who were warned before an instant, and gave no sign of life since the other; or whether this one is such."""
    chosen = _unseen(unseen_since).where(_fan.c.warned_at <= warned_before).limit(limit)
    if fan_id is not None:
        chosen = chosen.where(_fan.c.id == fan_id)
    return [row.id for row in session.execute(chosen)]


def accounts_to_forget(session: Session, *, unseen_since: datetime, limit: int) -> list[int]:
    """Network accounts nobody linked that did nothing since then."""
    chosen = sa.select(_identity.c.id).where(
        _identity.c.fan_id.is_(None),
        _identity.c.first_seen_at < unseen_since,
        _identity.c.external_id.not_like("erased:%"),
        ~_did_something(_identity.c.id, unseen_since),
    )
    return list(session.execute(chosen.order_by(_identity.c.id).limit(limit)).scalars())


def _unseen(since: datetime) -> sa.Select[Any]:
    linked = sa.exists().where(_identity.c.fan_id == _fan.c.id, _identity.c.linked_at >= since)
    exchanged = sa.exists().where(_redemption.c.fan_id == _fan.c.id, _redemption.c.created_at >= since)
    return (
        sa.select(_fan.c.id, _fan.c.email, _fan.c.language)
        .where(
            _fan.c.erased_at.is_(None),
            _fan.c.merged_into.is_(None),  # who turned out to be another fan has nothing left to forget
            _fan.c.created_at < since,
            sa.or_(_fan.c.last_seen_at.is_(None), _fan.c.last_seen_at < since),
            ~linked,
            ~exchanged,
            ~_did_something(_fan.c.id, since),
        )
        .order_by(_fan.c.id)
    )


def _did_something(holder_id: sa.ColumnElement[int], since: datetime) -> sa.Exists:
    day = since - timedelta(days=1)  # local days differ from ours by less; the index is by day
    return sa.exists().where(
        _activity.c.holder_id == holder_id,
        _activity.c.local_day >= day_number(day),
        _activity.c.happened_at >= since,
    )
