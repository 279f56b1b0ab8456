"""What networks said is no more: kept once, waiting for its act where it came first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session

from loyalty import bulk, ids
from loyalty.activities.fact import WithdrawnFact
from loyalty.activities.find import WHOLE
from loyalty.activities.tables import Activity, Withdrawal

_withdrawal = Withdrawal.__table__  # type: ignore[attr-defined]
_activity = Activity.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class WaitingWithdrawal:
    """A withdrawal not applied yet; `withdrawn_quantity` is `WHOLE` when all of the act is gone."""

    id: int
    act_key: str
    withdrawn_quantity: int
    happened_at: datetime


def keep_withdrawals(session: Session, facts: Sequence[WithdrawnFact], *, source: str, now: datetime) -> list[bool]:
    """Keep each withdrawal once; says of each whether it is new."""
    wanted = {(fact.act_key, fact.withdrawn_quantity or WHOLE): fact for fact in facts}
    fresh = dict(zip(sorted(wanted), ids.many(len(wanted)), strict=True))
    bulk.insert_missing(
        session,
        _withdrawal,
        ("id", "act_key", "withdrawn_quantity", "source", "happened_at", "recorded_at", "points_reversed"),
        [(new_id, *key, source, wanted[key].happened_at or now, now, 0) for key, new_id in fresh.items()],
        keys=("act_key", "withdrawn_quantity"),
    )
    ours = set(
        session.execute(
            sa.select(_withdrawal.c.id).where(bulk.one_of(session, _withdrawal.c.id, fresh.values()))
        ).scalars()
    )
    return [fresh[fact.act_key, fact.withdrawn_quantity or WHOLE] in ours for fact in facts]


def waiting(session: Session, act_keys: Iterable[str]) -> list[WaitingWithdrawal]:
    """The withdrawals of these acts that wait to be applied: parts first, growing, then the whole."""
    rows = session.execute(
        sa.select(
            _withdrawal.c.id, _withdrawal.c.act_key, _withdrawal.c.withdrawn_quantity, _withdrawal.c.happened_at
        ).where(bulk.one_of(session, _withdrawal.c.act_key, act_keys), _withdrawal.c.applied_at.is_(None))
    )
    found = [WaitingWithdrawal(*row) for row in rows]
    return sorted(found, key=lambda each: (each.act_key, each.withdrawn_quantity == WHOLE, each.withdrawn_quantity))


def overdue(session: Session, limit: int) -> list[str]:
    """Acts on record whose withdrawal still waits: the two crossed in flight."""
    return list(
        session.execute(
            sa.select(_withdrawal.c.act_key)
            .join(_activity, _activity.c.act_key == _withdrawal.c.act_key)
            .where(_withdrawal.c.applied_at.is_(None))
            .distinct()
            .limit(limit)
        ).scalars()
    )


def mark_applied(session: Session, withdrawal_id: int, *, points: int, now: datetime) -> None:
    """The withdrawal has had its effect."""
    session.execute(
        sa.update(_withdrawal).where(_withdrawal.c.id == withdrawal_id).values(applied_at=now, points_reversed=points)
    )
