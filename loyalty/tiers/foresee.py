"""What another ladder would change, before it is saved: who would rise at once, who would have to earn more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session

from loyalty.ledger.tables import StatusYear
from loyalty.programme.find import TheProgramme
from loyalty.tiers.decide import Step
from loyalty.tiers.review import years_of
from loyalty.tiers.tables import TierHolding

_holding = TierHolding.__table__  # type: ignore[attr-defined]
_year = StatusYear.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Foreseen:
    """How many holders would rise with the next review, and how many would no longer earn the tier they have.

    The latter keep it until the date they were promised.
    """

    rise: int
    fall: int


def foresee(
    session: Session, now_ladder: Sequence[Step], then_ladder: Sequence[Step], *, programme: TheProgramme, now: datetime
) -> Foreseen:
    """Compare two ladders over what everybody earned in this year and the one before.

    Args:
        now_ladder, then_ladder: every tier, archived ones too.
    """
    years = years_of(programme, now)
    last, this = (
        sa.func.sum(sa.case((condition, _year.c.points), else_=0))
        for condition in (_year.c.ends_at <= years.last, _year.c.ends_at > years.last)
    )
    earned = (
        sa.select(
            _year.c.holder_id,
            _year.c.bucket,
            _highest(now_ladder, last, this).label("now_earned"),
            _highest(then_ladder, last, this).label("then_earned"),
        )
        .where(_year.c.ends_at > years.before)
        .group_by(_year.c.holder_id, _year.c.bucket)
        .subquery()
    )
    has = sa.and_(_holding.c.holder_id == earned.c.holder_id, _holding.c.bucket == earned.c.bucket)
    kinds = (_holding.c.tier_id, earned.c.now_earned, earned.c.then_earned)
    found = session.execute(
        sa.select(*kinds, sa.func.count().label("holders"))
        .select_from(earned.outerjoin(_holding, has))
        .group_by(*kinds)
    ).all()
    before, then = ({each.id: each.threshold for each in steps} for steps in (now_ladder, then_ladder))
    return Foreseen(
        rise=sum(row.holders for row in found if row.then_earned > then.get(row.tier_id, 0)),
        fall=sum(
            row.holders
            for row in found
            if row.tier_id is not None and row.now_earned >= before[row.tier_id] and row.then_earned < then[row.tier_id]
        ),
    )


def _highest(ladder: Sequence[Step], *sums: sa.ColumnElement[int]) -> sa.ColumnElement[int]:
    """The threshold of the highest open tier that one of these sums reaches, or 0."""
    open_steps = sorted((each.threshold for each in ladder if each.is_open), reverse=True)
    reached = [(sa.or_(*(each >= threshold for each in sums)), threshold) for threshold in open_steps]
    return sa.case(*reached, else_=0) if reached else sa.literal(0)
