"""What came of animations: when answers came, what they earned, how many wait for a person."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from loyalty.activities.tables import Activity
from loyalty.animations.tables import IN_REVIEW, RECORDED, Animation, AnimationPart

_part = AnimationPart.__table__  # type: ignore[attr-defined]
_activity = Activity.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Earned:
    """What an animation has given."""

    fans: int
    points: int
    status_points: int


def earned(session: Session, animation_id: int) -> Earned:
    """What the recorded answers of an animation earned; what was withdrawn since is not among it."""
    recorded = sa.select(_part.c.activity_id).where(_part.c.animation_id == animation_id, _part.c.state == RECORDED)
    row = session.execute(
        sa.select(
            sa.func.count(),
            sa.func.coalesce(sa.func.sum(_activity.c.points), 0),
            sa.func.coalesce(sa.func.sum(_activity.c.status_points), 0),
        )
        .select_from(_activity)
        .where(_activity.c.id.in_(recorded), _activity.c.outcome != "withdrawn")
    ).one()
    return Earned(int(row[0]), int(row[1]), int(row[2]))


def first_and_last(session: Session, animation_id: int) -> tuple[datetime | None, datetime | None]:
    """When the first and the last answer that counts were given."""
    at = _part.c.happened_at
    ends = (
        sa.select(at).where(_part.c.animation_id == animation_id, at.is_not(None)).order_by(order).limit(1)
        for order in (at, at.desc())
    )
    first, last = (session.execute(each).scalar_one_or_none() for each in ends)
    return first, last


def waiting(session: Session, *, limit: int = 100) -> Sequence[tuple[Animation, int]]:
    """Those of the latest animations in which answers wait for a person, with how many."""
    latest = sa.select(col(Animation.id)).where(col(Animation.voided_at).is_(None))
    latest = latest.order_by(col(Animation.id).desc()).limit(limit)
    counted = (
        sa.select(_part.c.animation_id, sa.func.count())
        .where(_part.c.animation_id.in_(latest.subquery().select()), _part.c.state == IN_REVIEW)
        .group_by(_part.c.animation_id)
    )
    how_many = {animation_id: int(count) for animation_id, count in session.execute(counted)}
    chosen = select(Animation).where(col(Animation.id).in_(how_many)).order_by(col(Animation.ends_at))
    return [(each, how_many[each.id or 0]) for each in session.exec(chosen)]
