"""A fan answers in an animation: the attempt is counted, and what is right is recorded, judged and posted at once.

Fifty thousand fans may do so within a minute. What everybody shares (the animation) is only read; what is written is
each fan's own; and those who answer while a transaction runs share the next one.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlmodel import Session

from loyalty import clock
from loyalty.animation import AnimationKind, Standing
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
from loyalty.errors import NotFound, Refused
from loyalty.fans.find import present
from loyalty.flows.animate import activity, id_of
from loyalty.flows.earn import Outcome, earn
from loyalty.flows.watch import freeze_if_strange
from loyalty.gather import Gatherers, OneByOne
from loyalty.i18n import Words
from loyalty.ids import bucket_of

_AT_ONCE = 200  # answers of one transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """An answer that was taken.

    Attributes:
        animation: in which.
        state: "recorded", or "in_review": kept, and a person looks at it first.
        quantity: what it is worth, in units.
        outcome: what it earned; None while it is in review.
        waiting: what the fan is told while it is.
    """

    animation: Animation
    state: str
    quantity: int
    outcome: Outcome | None = None
    waiting: Words | None = None


def answer(db: Database, slug: str, *, fan_id: int, said: Mapping[str, Any]) -> Taken:
    """Take a fan's answer, with those of the fans who answer at the same time.

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
    machine = str(bucket_of(fan_id)) if db.is_distributed else ""  # those answer together whose rows are together
    return _gatherers.of(db, machine).do(_Said(slug, fan_id, said, clock.now()))


@dataclass(frozen=True, slots=True)
class _Said:
    """What one fan said in an animation, and when."""

    slug: str
    fan_id: int
    said: Mapping[str, Any]
    at: datetime


@dataclass(frozen=True, slots=True)
class _Given:
    """The same, as far as it may count as an attempt."""

    said: _Said
    given: Mapping[str, Any]


def _take_all(db: Database, _machine: str, asked: Sequence[_Said]) -> list[Taken | Exception]:
    return db.write(lambda session: _take_turn(session, asked))


_gatherers: Gatherers[Database, _Said, Taken] = Gatherers(
    _take_all, apart=lambda asked: (asked.slug, asked.fan_id), most=_AT_ONCE
)


def _take_turn(session: Session, asked: Sequence[_Said]) -> list[Taken | Exception]:
    """What became of answers; refusals are returned, for what they counted has to be committed."""
    known = find.by_slug(session, {each.slug for each in asked})
    fans = present(session, {each.fan_id for each in asked})
    results: dict[tuple[str, int], Taken | Exception] = {}
    open_now: dict[tuple[str, bool], list[_Given]] = {}
    for each in asked:
        try:
            animation, kind = _looked_at(each, known, fans)
            given = _Given(each, kind.load_answer(each.said))
            _refuse_shut(animation, kind, each.at)
        except Refused as refused:
            results[each.slug, each.fan_id] = refused
        else:
            open_now.setdefault((each.slug, each.at < animation.starts_at), []).append(given)
    for (slug, is_early), attempted in sorted(open_now.items()):
        taken = _take(session, known[slug], attempted, is_early=is_early)
        results |= {(slug, fan_id): each for fan_id, each in taken.items()}
    return [results[each.slug, each.fan_id] for each in asked]


def _looked_at(asked: _Said, known: Mapping[str, Animation], fans: Collection[int]) -> tuple[Animation, AnimationKind]:
    if asked.fan_id not in fans:
        raise NotFound(what="fan")
    if asked.slug not in known:
        raise AnimationNotFound(slug=asked.slug)
    return known[asked.slug], kind_named(known[asked.slug].kind)


def _take(
    session: Session, animation: Animation, asked: Sequence[_Given], *, is_early: bool
) -> dict[int, Taken | Exception]:
    """What became of attempts in one animation, by fan."""
    kind = kind_named(animation.kind)
    most = kind.attempts(animation.settings)
    tried = parts.attempts(
        session, id_of(animation), [each.said.fan_id for each in asked], most=most, answered_too=is_early
    )
    results: dict[int, Taken | Exception] = {}
    waiting: list[parts.Answer] = []
    right: list[tuple[int, parts.Answer]] = []
    for each in asked:
        fan_id, at = each.said.fan_id, each.said.at
        attempt = tried.get(fan_id)
        if attempt is None:
            results[fan_id] = _why_not(session, animation, each.said, most)
            continue
        standing = Standing(attempts_left=None if most is None else most - attempt.attempts)
        accepted = kind.check(find.opened(animation), each.given, standing, at)
        if isinstance(accepted, Refused):
            results[fan_id] = accepted
            continue
        answered = parts.Answer(attempt, accepted, at)
        if is_early or accepted.hidden or animation.frozen_at or kind.settled_later:
            waiting.append(answered)
            kept = Taken(animation=animation, state=IN_REVIEW, quantity=accepted.quantity, waiting=kind.waiting)
            results[fan_id] = accepted.hidden or kept
        else:
            right.append((fan_id, answered))
    parts.keep_for_review(session, waiting)
    if waiting and is_early:
        freeze_if_strange(session, animation)
    return results | _record(session, animation, kind, right)


def _record(
    session: Session, animation: Animation, kind: AnimationKind, right: Sequence[tuple[int, parts.Answer]]
) -> dict[int, Taken]:
    if not right:
        return {}
    acts = [
        activity(
            animation,
            kind.activity_kind,
            fan_id=fan_id,
            quantity=answered.accepted.quantity,
            happened_at=answered.happened_at,
        )
        for fan_id, answered in right
    ]
    outcomes = earn(Joined(session), acts, source=f"animation:{animation.slug}")
    problem = next((each.problem for each in outcomes if each.problem is not None), None)
    if problem is not None:  # somebody recorded this very act by other means: nothing of this is kept
        raise problem if len(right) == 1 else OneByOne
    decided = [(*each, outcome) for each, outcome in zip(right, outcomes, strict=True)]
    parts.keep_recorded(
        session, [replace(answered, activity_id=outcome.activity_id) for _, answered, outcome in decided]
    )
    return {
        fan_id: Taken(animation=animation, state="recorded", quantity=answered.accepted.quantity, outcome=outcome)
        for fan_id, answered, outcome in decided
    }


def _why_not(session: Session, animation: Animation, asked: _Said, most: int | None) -> Refused:
    try:
        _refuse_done(find.part(session, id_of(animation), asked.fan_id), animation, most=most, now=asked.at)
    except Refused as refused:
        return refused
    raise AssertionError("an attempt is refused for a reason")


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
