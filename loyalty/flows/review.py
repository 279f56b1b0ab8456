"""Answers that waited for a person are released, and earn as of when they were given, or are refused with a reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session

from loyalty import clock
from loyalty.animations import find, parts
from loyalty.animations.kinds import kind_named
from loyalty.animations.refusals import AnimationNotFound
from loyalty.animations.tables import IN_REVIEW, RECORDED, REFUSED, Animation
from loyalty.db import Database, Joined
from loyalty.flows.animate import activity, id_of
from loyalty.flows.earn import earn
from loyalty.staff import audit

_AT_ONCE = 500  # answers of one transaction
MOST = 5_000  # answers of one call


@dataclass(frozen=True, slots=True)
class Reviewed:
    """What a review did.

    Attributes:
        answers: how many were decided.
        points: what they earned.
        left: how many wait still; for those a call had no room for, call again.
    """

    answers: int
    points: int
    left: int


def release(db: Database, slug: str, *, actor: str, reason: str, part_ids: Sequence[int] | None = None) -> Reviewed:
    """Record answers that waited: each is judged by the rules in force when it was given, and worth what it was then.

    Args:
        part_ids: which; None: all, up to `MOST` a call. One decided already is passed over.

    Raises:
        AnimationNotFound: there is none, or it was voided.
    """
    return _review(db, slug, to=RECORDED, actor=actor, reason=reason, part_ids=part_ids)


def refuse(db: Database, slug: str, *, actor: str, reason: str, part_ids: Sequence[int] | None = None) -> Reviewed:
    """Refuse answers that waited; the fan is told the reason.

    Args:
        part_ids: see `release`.

    Raises:
        AnimationNotFound
    """
    return _review(db, slug, to=REFUSED, actor=actor, reason=reason, part_ids=part_ids)


def _review(db: Database, slug: str, *, to: str, actor: str, reason: str, part_ids: Sequence[int] | None) -> Reviewed:
    answers = points = 0
    while answers < MOST:
        limit = min(_AT_ONCE, MOST - answers)
        done, earned = db.write(
            lambda session: _decide(session, slug, to, actor, reason, part_ids, limit)  # noqa: B023
        )
        answers, points = answers + done, points + earned
        if done < limit:
            break
    left = db.read(lambda session: find.counts(session, id_of(find.animation(session, slug)))).get(IN_REVIEW, 0)
    return Reviewed(answers, points, left)


def _decide(
    session: Session, slug: str, to: str, actor: str, reason: str, part_ids: Sequence[int] | None, limit: int
) -> tuple[int, int]:
    animation = find.animation(session, slug)
    if animation.voided_at is not None and to == RECORDED:
        raise AnimationNotFound(slug=slug)
    taken = parts.take_from_review(
        session,
        id_of(animation),
        to=to,
        by=actor,
        reason=reason,
        now=clock.now(),
        limit=limit,
        part_ids=part_ids,
    )
    if not taken:
        return 0, 0
    points = _earn(session, animation, taken) if to == RECORDED else 0
    audit.record(
        session,
        actor=actor,
        action="animation.released" if to == RECORDED else "animation.refused",
        subject=f"animation:{slug}",
        before={"state": IN_REVIEW, "answers": [str(row.id) for row in taken]},
        after={"state": to, "points": points},
        reason=reason,
    )
    return len(taken), points


def _earn(session: Session, animation: Animation, taken: Sequence[find.Part]) -> int:
    kind = kind_named(animation.kind).activity_kind
    facts = [
        activity(animation, kind, fan_id=row.fan_id, quantity=row.quantity, happened_at=row.happened_at)
        for row in taken
    ]
    outcomes = earn(Joined(session), facts, source=f"animation:{animation.slug}")
    decided = list(zip(taken, outcomes, strict=True))
    parts.note_activities(
        session, [(each.activity_id, row.id, row.bucket) for row, each in decided if each.activity_id]
    )
    parts.turn_down(session, [row.id for row, each in decided if each.activity_id is None])
    return sum(outcome.points for outcome in outcomes if outcome.status == "recorded")
