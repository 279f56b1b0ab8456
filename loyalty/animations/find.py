"""Animations and fans' parts in them, to be looked at; nothing here is locked."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from loyalty import bulk, ids
from loyalty.animation import Curve, Opened
from loyalty.animations.refusals import AnimationNotFound
from loyalty.animations.tables import TRYING, Animation, AnimationPart
from loyalty.db import is_sqlite, to_microseconds

EARLY = timedelta(days=1)  # how long before the start answers are listened to
_part = AnimationPart.__table__  # type: ignore[attr-defined]

_PARTS = sa.select(_part).where(  # made once: every fan's first page asks it
    _part.c.animation_id.in_(sa.bindparam("animations", expanding=True)),
    _part.c.fan_id == sa.bindparam("fan"),
    _part.c.bucket == sa.bindparam("bucket"),
)

Part = sa.Row[Any]  # every column of the part


def animation(session: Session, slug: str) -> Animation:
    """One animation, whatever its state.

    Raises:
        AnimationNotFound
    """
    found = session.exec(select(Animation).where(Animation.slug == slug)).one_or_none()
    if found is None:
        raise AnimationNotFound(slug=slug)
    return found


def by_slug(session: Session, slugs: Iterable[str]) -> dict[str, Animation]:
    """Those that exist of several."""
    chosen = select(Animation).where(bulk.one_of(session, Animation.__table__.c.slug, slugs))  # type: ignore[attr-defined]
    return {each.slug: each for each in session.exec(chosen)}


def animations(session: Session, *, limit: int, below_id: int | None = None) -> list[Animation]:
    """The latest made first."""
    chosen = select(Animation).order_by(col(Animation.id).desc()).limit(limit)
    if below_id is not None:
        chosen = chosen.where(col(Animation.id) < below_id)
    return list(session.exec(chosen))


def to_come(session: Session, now: datetime) -> list[Animation]:
    """Those that are on or will be, the next to end first."""
    chosen = select(Animation).where(
        col(Animation.ends_at) > now, col(Animation.closed_at).is_(None), col(Animation.voided_at).is_(None)
    )
    return list(session.exec(chosen.order_by(col(Animation.ends_at), col(Animation.id))))


def over(session: Session, now: datetime, *, limit: int, below_id: int | None = None) -> list[Animation]:
    """Those that are over, closed or voided, the latest made first."""
    done = sa.or_(
        col(Animation.ends_at) <= now, col(Animation.closed_at).is_not(None), col(Animation.voided_at).is_not(None)
    )
    chosen = select(Animation).where(done).order_by(col(Animation.id).desc()).limit(limit)
    if below_id is not None:
        chosen = chosen.where(col(Animation.id) < below_id)
    return list(session.exec(chosen))


def to_take_back(session: Session) -> list[Animation]:
    """Those that were voided and not wholly taken back yet, the first voided first."""
    chosen = select(Animation).where(col(Animation.voided_at).is_not(None), col(Animation.taken_back_at).is_(None))
    return list(session.exec(chosen.order_by(col(Animation.voided_at), col(Animation.id))))


def listening(session: Session, first: datetime, last: datetime) -> list[Animation]:
    """Those that listened at some time between two instants: open, or about to be."""
    return list(session.exec(_live(first, last).order_by(col(Animation.id))))


def opened(row: Animation) -> Opened:
    """An animation as its kind is given it."""
    return Opened(
        slug=row.slug, starts_at=row.starts_at, ends_at=row.ends_at, settings=row.settings, solution=row.solution
    )


def is_open(row: Animation, now: datetime) -> bool:
    """Whether an animation takes answers at an instant."""
    return row.voided_at is None and row.starts_at <= now < ended_at(row)


def ended_at(row: Animation) -> datetime:
    """The first instant it takes no answer."""
    return row.ends_at if row.closed_at is None else min(row.ends_at, row.closed_at)


def part(session: Session, animation_id: int, fan_id: int) -> Part | None:
    """What a fan did in an animation, if anything."""
    return session.execute(
        sa.select(_part).where(
            _part.c.animation_id == animation_id,
            _part.c.fan_id == fan_id,
            _part.c.bucket == ids.bucket_of(fan_id),
        )
    ).one_or_none()


def parts_in(session: Session, fan_id: int, animation_ids: Sequence[int]) -> dict[int, Part]:
    """What a fan did in these animations so far, by animation."""
    if not animation_ids:
        return {}
    where = {"animations": animation_ids, "fan": fan_id, "bucket": ids.bucket_of(fan_id)}
    return {row.animation_id: row for row in session.execute(_PARTS, where)}


def answers(
    session: Session, animation_id: int, *, limit: int, after_id: int = 0, state: str | None = None
) -> Sequence[Part]:
    """The answers that count, the first fans first.

    Args:
        state: "recorded", "in_review" or "refused"; None: all of them.
    """
    chosen = sa.select(_part).where(_part.c.animation_id == animation_id, _part.c.id > after_id)
    chosen = chosen.where(_part.c.state != TRYING if state is None else _part.c.state == state)
    return session.execute(chosen.order_by(_part.c.id).limit(limit)).all()


def counts(session: Session, animation_id: int) -> dict[str, int]:
    """How many fans have a part in each state; counted from their rows."""
    counted = sa.select(_part.c.state, sa.func.count()).where(_part.c.animation_id == animation_id)
    return {row.state: row[1] for row in session.execute(counted.group_by(_part.c.state))}


def early_answers(session: Session, row: Animation, *, most: int) -> int:
    """How many right answers came before the start; counted no further than `most`."""
    early = (
        sa.select(sa.literal(1))
        .where(_part.c.animation_id == row.id, _part.c.happened_at < row.starts_at)
        .limit(most)
        .subquery()
    )
    return int(session.execute(sa.select(sa.func.count()).select_from(early)).scalar_one())


def curve(session: Session, row: Animation) -> Curve:
    """How many answers that count came before the start and in each minute since: one pass over one index."""
    since: Any = _part.c.happened_at
    if is_sqlite(session):
        microseconds = sa.type_coerce(since, sa.BigInteger) - to_microseconds(row.starts_at)
        minute = microseconds // sa.literal(60_000_000, sa.BigInteger)
    else:
        minute = sa.func.floor(sa.extract("epoch", since - row.starts_at) / 60)
    at = sa.case((since < row.starts_at, sa.literal(-1)), else_=sa.cast(minute, sa.Integer)).label("minute")
    counted = (
        sa.select(at, sa.func.count()).where(_part.c.animation_id == row.id, since.is_not(None)).group_by("minute")
    )
    minutes = {int(minute): int(count) for minute, count in session.execute(counted)}
    return Curve(early=minutes.pop(-1, 0), minutes=minutes)


def _live(first: datetime, last: datetime) -> Any:
    return select(Animation).where(
        col(Animation.ends_at) > first,
        col(Animation.starts_at) <= last + EARLY,
        col(Animation.voided_at).is_(None),
    )
