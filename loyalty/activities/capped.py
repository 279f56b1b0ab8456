"""Acts that a cap kept from all they would have earned: what may be judged again once there is room."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from loyalty import bulk
from loyalty.activities.tables import Activity, Verdicts, Withdrawal

_activity = Activity.__table__  # type: ignore[attr-defined]
_verdicts = Verdicts.__table__  # type: ignore[attr-defined]
_withdrawal = Withdrawal.__table__  # type: ignore[attr-defined]
_STANDS = _activity.c.outcome.in_(("awarded", "refused"))
_CAPPED = sa.cast(_verdicts.c.verdicts, sa.Text).like('%"cap_reached_%')

Row = sa.Row[Any]  # every column of the activity, and its `verdicts`


def capped_acts(
    session: Session, *, days: Collection[tuple[int, int]], ever: Collection[int], limit: int
) -> Sequence[Row]:
    """The acts of these (holder, local day) and those of any day of `ever`, the earliest first.

    An act that was withdrawn, were it only in part, stays as it was judged.
    """
    holder_ids = {holder_id for holder_id, _ in days} | set(ever)
    whose = []
    if days:
        whose.append(bulk.one_of_pairs(session, _activity.c.holder_id, _activity.c.local_day, days))
    if ever:
        whose.append(bulk.one_of(session, _activity.c.holder_id, ever))
    chosen = (
        sa.select(_activity, _verdicts.c.verdicts)
        .join(_verdicts, _verdicts.c.digest == _activity.c.verdicts_digest)
        .where(sa.or_(*whose), bulk.of_holders(session, _activity.c.bucket, holder_ids), _STANDS, _CAPPED)
        .order_by(_activity.c.happened_at, _activity.c.id)
        .limit(limit)
    )
    found = session.execute(chosen).all()
    gone = _withdrawn(session, [row.act_key for row in found])
    return [row for row in found if row.act_key not in gone]


def earlier_that_day(session: Session, act: Row, kind: str | None) -> int:
    """How many activities its holder had on record that day when the act came, of one kind or of any."""
    theirs = (
        _activity.c.holder_id == act.holder_id,
        _activity.c.bucket == act.bucket,
        _activity.c.local_day == act.local_day,
        _activity.c.id < act.id,
    )
    chosen = sa.select(sa.func.count()).where(*theirs)
    return int(session.execute(chosen if kind is None else chosen.where(_activity.c.kind == kind)).scalar_one())


def _withdrawn(session: Session, act_keys: Iterable[str]) -> set[str]:
    chosen = sa.select(_withdrawal.c.act_key).where(bulk.one_of(session, _withdrawal.c.act_key, act_keys))
    return set(session.execute(chosen).scalars())
