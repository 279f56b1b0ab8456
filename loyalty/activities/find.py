"""Activities and withdrawals as they are kept."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from loyalty import bulk
from loyalty.activities.tables import Activity, Verdicts, Withdrawal

_activity = Activity.__table__  # type: ignore[attr-defined]
_verdicts = Verdicts.__table__  # type: ignore[attr-defined]
_withdrawal = Withdrawal.__table__  # type: ignore[attr-defined]
WHOLE = 0  # withdrawn_quantity of an act that is wholly gone


@dataclass(frozen=True, slots=True)
class KeptActivity:
    """What is on record about an act."""

    id: int
    bucket: int
    holder_id: int
    act_key: str
    fingerprint: str
    identity_id: int
    quantity: int
    local_day: int
    happened_at: datetime
    outcome: str
    reason: str
    points: int
    status_points: int
    verdicts: list[Any]


_facts = tuple(_activity.c[name] for name in KeptActivity.__dataclass_fields__ if name != "verdicts")
_kept = sa.select(*_facts, _verdicts.c.verdicts).join(_verdicts, _verdicts.c.digest == _activity.c.verdicts_digest)


def kept_activities(
    session: Session, act_keys: Iterable[str], *, holder_ids: Iterable[int] | None = None
) -> dict[str, KeptActivity]:
    """Those of the acts that are on record, by key.

    Args:
        holder_ids: whose they can be, also formerly; None: it is not known, and every machine is asked.
    """
    chosen = _kept.where(bulk.one_of(session, _activity.c.act_key, act_keys))
    if holder_ids is not None:
        chosen = chosen.where(bulk.of_holders(session, _activity.c.bucket, holder_ids))
    rows = session.execute(chosen)
    return {row.act_key: KeptActivity(*row) for row in rows}


def standing_act_keys(session: Session, activity_ids: Iterable[int]) -> list[str]:
    """The natural keys of those of these activities that are not withdrawn."""
    these = bulk.one_of(session, _activity.c.id, activity_ids)
    chosen = sa.select(_activity.c.act_key).where(these, _activity.c.outcome != "withdrawn")
    return list(session.execute(chosen).scalars())


def waiting_withdrawals(session: Session, act_keys: Iterable[str]) -> dict[str, int]:
    """For acts withdrawn before they came: how many units of each, `WHOLE` when all of it."""
    rows = session.execute(
        sa.select(_withdrawal.c.act_key, _withdrawal.c.withdrawn_quantity).where(
            bulk.one_of(session, _withdrawal.c.act_key, act_keys), _withdrawal.c.applied_at.is_(None)
        )
    )
    waiting: dict[str, int] = {}
    for act_key, quantity in rows:
        seen = waiting.get(act_key)
        waiting[act_key] = WHOLE if WHOLE in (seen, quantity) else max(seen or 0, quantity)
    return waiting


def earlier_acts(session: Session, days: Collection[tuple[int, int]]) -> dict[tuple[int, int, str | None], int]:
    """How many activities are on record for each (holder, local day), by kind (None: of any kind)."""
    rows = session.execute(
        sa.select(_activity.c.holder_id, _activity.c.local_day, _activity.c.kind, sa.func.count())
        .where(
            bulk.one_of_pairs(session, _activity.c.holder_id, _activity.c.local_day, days),
            bulk.of_holders(session, _activity.c.bucket, (holder_id for holder_id, _ in days)),
        )
        .group_by(_activity.c.holder_id, _activity.c.local_day, _activity.c.kind)
    )
    counts: dict[tuple[int, int, str | None], int] = {}
    for holder_id, day, kind, count in rows:
        counts[holder_id, day, kind] = count
        counts[holder_id, day, None] = counts.get((holder_id, day, None), 0) + count
    return counts
