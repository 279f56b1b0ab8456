"""A fan answers in an animation: the attempt is counted, and what is right is recorded, judged and posted at once.

Fifty thousand fans may do so within a minute. What everybody shares (the animation) is only read; what is written is
each fan's own. A wrong answer costs one small write, a right one a transaction of its own through `earn`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session

from loyalty import clock
from loyalty.animation import Accepted, AnimationKind, Standing
from loyalty.animations import find, parts
from loyalty.animations.kinds import kind_named
from loyalty.animations.refusals import (
    AlreadyAnswered,
    AnimationNotFound,
    AnimationOver,
    AnswerInReview,
    AnswerNotKept,
    NoAttemptsLeft,
    NotOpenYet,
)
from loyalty.animations.tables import IN_REVIEW, REFUSED, TRYING, Animation
from loyalty.db import Database, Joined
from loyalty.errors import Refused
from loyalty.fans.register import get_fan
from loyalty.flows.animate import activity, id_of
from loyalty.flows.earn import Outcome, earn
from loyalty.flows.watch import freeze_if_strange
from loyalty.i18n import Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """An answer that was taken.

    Attributes:
        state: "recorded", or "in_review": kept, and a person looks at it first.
        quantity: what it is worth, in units.
        outcome: what it earned; None while it is in review.
        waiting: what the fan is told while it is.
    """

    state: str
    quantity: int
    outcome: Outcome | None = None
    waiting: Words | None = None


def answer(db: Database, slug: str, *, fan_id: int, said: Mapping[str, Any]) -> Taken:
    """Take a fan's answer.

    Args:
        said: as the kind's `answer` schema asks: {"code": "tournesol 47"}. What does not fit it is no attempt.

    Raises:
        Invalid: it does not fit.
        NotFound: there is no such fan.
        AnimationNotFound: there is none, or it was voided.
        NotOpenYet, AnimationOver, NoAttemptsLeft: whether it was right is not said.
        AlreadyAnswered, AnswerInReview, AnswerNotKept: the fan's one answer is in.
        Refused: as the kind says: `WrongCode`. The attempt counts.
        Busy: nothing was kept.
    """
    now = clock.now()

    def look(session: Session) -> tuple[Animation, find.Part | None]:
        get_fan(session, fan_id)
        animation = find.animation(session, slug)
        return animation, find.part(session, id_of(animation), fan_id)

    animation, part = db.read(look)
    kind = kind_named(animation.kind)
    given = kind.load_answer(said)
    _refuse_shut(animation, kind, now)
    most = kind.attempts(animation.settings)
    _refuse_done(part, animation, most=most, now=now)
    taken = db.write(lambda session: _take(session, animation, kind, given, fan_id=fan_id, most=most, now=now))
    if isinstance(taken, Refused):
        raise taken
    return taken


def _take(
    session: Session,
    animation: Animation,
    kind: AnimationKind,
    given: Mapping[str, Any],
    *,
    fan_id: int,
    most: int | None,
    now: datetime,
) -> Taken | Refused:
    """What became of an answer; a refusal is returned, for what it counted has to be committed."""
    is_early = now < animation.starts_at
    tried = parts.attempt(session, id_of(animation), fan_id, most=most, answered_too=is_early)
    if tried is None:  # by a twin of this request, since we looked
        _refuse_done(find.part(session, id_of(animation), fan_id), animation, most=most, now=now)
        raise AssertionError("an attempt is refused for a reason")
    standing = Standing(attempts_left=None if most is None else most - tried.attempts)
    accepted = kind.check(find.opened(animation), given, standing, now)
    if isinstance(accepted, Refused):
        return accepted
    if is_early or accepted.hidden or animation.frozen_at or kind.settled_later:
        parts.keep_for_review(session, tried, accepted, happened_at=now)
        if is_early:
            freeze_if_strange(session, animation)
        return accepted.hidden or Taken(state=IN_REVIEW, quantity=accepted.quantity, waiting=kind.waiting)
    return _record(session, animation, kind, tried, accepted, fan_id=fan_id, now=now)


def _record(
    session: Session,
    animation: Animation,
    kind: AnimationKind,
    tried: parts.Attempt,
    accepted: Accepted,
    *,
    fan_id: int,
    now: datetime,
) -> Taken:
    act = activity(animation, kind.activity_kind, fan_id=fan_id, quantity=accepted.quantity, happened_at=now)
    (outcome,) = earn(Joined(session), [act], source=f"animation:{animation.slug}")
    if outcome.problem is not None:
        raise outcome.problem  # somebody recorded this very act by other means: nothing of this is kept
    assert outcome.activity_id is not None, "what is recorded has a number"
    parts.keep_recorded(session, tried, accepted, happened_at=now, activity_id=outcome.activity_id)
    return Taken(state="recorded", quantity=accepted.quantity, outcome=outcome)


def _refuse_shut(animation: Animation, kind: AnimationKind, now: datetime) -> None:
    if animation.voided_at is not None:
        raise AnimationNotFound(slug=animation.slug)
    ended_at = find.ended_at(animation)
    if now >= ended_at:
        raise AnimationOver(ended_at=ended_at)
    if now < animation.starts_at - find.EARLY or (now < animation.starts_at and not kind.listens_early):
        raise NotOpenYet


def _refuse_done(part: find.Part | None, animation: Animation, *, most: int | None, now: datetime) -> None:
    """Refuse a fan who has an answer in, or no attempt left.

    Before the start only attempts are looked at: that there is an answer in would say that it was right.
    """
    if part is None:
        return
    if part.state != TRYING and now >= animation.starts_at:
        holes = {"answered_at": part.happened_at}
        if part.state == IN_REVIEW:
            raise AnswerInReview(**holes)
        if part.state == REFUSED:
            raise AnswerNotKept(reason=part.review_reason, **holes)
        raise AlreadyAnswered(**holes)
    if most is not None and part.attempts >= most:
        raise NoAttemptsLeft(attempts=most)
