"""What the station hosts: codes said on air, and whatever kind of animation comes next."""

from typing import Any

from flask import Response

from loyalty import clock
from loyalty.animations import find
from loyalty.animations.kinds import kind_named
from loyalty.animations.on_air_code import WrongCode
from loyalty.animations.refusals import (
    AlreadyAnswered,
    AnimationExists,
    AnimationNotFound,
    AnimationOver,
    AnswerInReview,
    AnswerNotKept,
    NoAttemptsLeft,
    NotOpenYet,
)
from loyalty.animations.schema import OpenSchema
from loyalty.animations.tables import IN_REVIEW, RECORDED, REFUSED, TRYING, Animation
from loyalty.db import Joined
from loyalty.errors import NotFound
from loyalty.flows import animate, review
from loyalty.flows.answer import Taken, answer
from loyalty.flows.earn import ActivityConflict
from loyalty.flows.void_animation import void_animation
from loyalty.i18n import Words
from loyalty.web.api.animation_schemas import (
    AnimationCountedSchema,
    AnimationEndSchema,
    AnimationOpenedSchema,
    AnimationSchema,
    AnimationSolutionSchema,
    AnswersQuery,
    AnswersReviewedSchema,
    AnswersReviewSchema,
    FanAnswerSchema,
    FanAnswerTakenSchema,
    KnownFanAnswerSchema,
)
from loyalty.web.api.idempotency import answer_once
from loyalty.web.api.openapi import Routes
from loyalty.web.api.outcomes import told_outcome
from loyalty.web.api.schemas import PageQuery, page, page_of
from loyalty.web.guards import caller, guard, scope
from loyalty.web.services import current_services

routes = Routes(
    "animations", "What the station hosts itself, such as codes said on air; fans' answers, and their review."
)

EXAMPLE = {
    "kind": "on_air_code",
    "show": "la-matinale",
    "starts_at": "2026-11-23T08:00:00+01:00",
    "minutes": 30,
    "settings": {"units_at_air": 100, "units_floor": 20, "decay_minutes": 10},
}
_OPENED = AnimationOpenedSchema()


@routes.route("/animations", methods=["POST"])
@guard(scope("animations:write"))
@routes.arguments(OpenSchema, example=EXAMPLE)
@routes.response(201, AnimationOpenedSchema)
@routes.refuses(AnimationExists)
@routes.idempotent
def open_animation(said: dict[str, Any]) -> Response:
    """Open an animation

    It takes answers from `starts_at`, for `minutes`. A code nobody gave is made: it is in the answer.
    """
    actor = caller().actor

    def run(db: Joined) -> dict[str, Any]:
        row = animate.open_animation(db, said, actor=actor)
        return {**_shown(row), "solution": row.solution}

    return answer_once(_OPENED, run)


@routes.route("/animations")
@guard(scope("animations:read"))
@routes.arguments(PageQuery, location="query")
@routes.response(200, page_of(AnimationSchema))
def list_animations(query: dict[str, Any]) -> Any:
    """See animations, the latest made first"""
    limit, cursor = query["limit"], query["cursor"]
    rows = current_services().db.read(lambda session: find.animations(session, limit=limit + 1, below_id=cursor))
    found = page(rows, limit, animate.id_of)
    return {**found, "items": [_shown(row) for row in found["items"]]}


@routes.route("/animations/<slug:slug>")
@guard(scope("animations:read"))
@routes.response(200, AnimationCountedSchema)
@routes.refuses(AnimationNotFound)
def show_animation(slug: str) -> Any:
    """See an animation, and how many took part"""
    return _counted(slug)


@routes.route("/animations/<slug:slug>/solution")
@guard(scope("animations:write"))
@routes.response(200, AnimationSolutionSchema)
@routes.refuses(AnimationNotFound)
def show_solution(slug: str) -> Any:
    """See what the right answer is

    Only for those who may open animations: before air, whoever knows a code can give it away.
    """
    return {"solution": current_services().db.read(lambda session: find.animation(session, slug)).solution}


@routes.route("/animations/<slug:slug>/close", methods=["POST"])
@guard(scope("animations:write"))
@routes.arguments(AnimationEndSchema, example={"reason": "Fin de l'émission"})
@routes.response(200, AnimationCountedSchema)
@routes.refuses(AnimationNotFound)
def close_animation(said: dict[str, Any], slug: str) -> Any:
    """Close an animation before its end

    Answers in review stay to be decided. Again changes nothing.
    """
    animate.close_animation(current_services().db, slug, actor=caller().actor, reason=said["reason"])
    return _counted(slug)


@routes.route("/animations/<slug:slug>/void", methods=["POST"])
@guard(scope("animations:write"))
@routes.arguments(AnimationEndSchema, example={"reason": "Ouvert par erreur"})
@routes.response(200, AnimationCountedSchema)
@routes.refuses(AnimationNotFound)
def void(said: dict[str, Any], slug: str) -> Any:
    """Declare that an animation never should have been

    It closes, answers in review are refused, and what it earned is taken back: at once or, where that is much, by the
    worker in the minutes that follow; `taken_back_at` says when all of it was. Again changes nothing.
    """
    void_animation(current_services().db, slug, actor=caller().actor, reason=said["reason"])
    return _counted(slug)


@routes.route("/animations/<slug:slug>/answers", methods=["POST"])
@guard(scope("animations:write"))
@routes.arguments(FanAnswerSchema, example={"fan": "912626453030371744", "answer": {"code": "tournesol 47"}})
@routes.response(201, FanAnswerTakenSchema)
@routes.refuses(
    NotFound,
    AnimationNotFound,
    NotOpenYet,
    AnimationOver,
    WrongCode,
    NoAttemptsLeft,
    AlreadyAnswered,
    AnswerInReview,
    AnswerNotKept,
    ActivityConflict,
)
def send_answer(said: dict[str, Any], slug: str) -> Any:
    """Send the answer of a fan

    For the station's own app. A wrong one counts as an attempt. What is taken is recorded and judged at once, or kept
    in review; either way a fan has one answer, so sending it again is safe, and refused as `already_answered`.
    """
    taken = answer(current_services().db, slug, fan_id=said["fan"], said=said["answer"])
    return _told(taken)


@routes.route("/animations/<slug:slug>/answers")
@guard(scope("animations:read"))
@routes.arguments(AnswersQuery, location="query")
@routes.response(200, page_of(KnownFanAnswerSchema))
@routes.refuses(AnimationNotFound)
def list_answers(query: dict[str, Any], slug: str) -> Any:
    """See the answers that count, in the order in which fans began to try"""
    limit = query["limit"]
    rows = current_services().db.read(
        lambda session: find.answers(
            session,
            animate.id_of(find.animation(session, slug)),
            limit=limit + 1,
            after_id=query["cursor"] or 0,
            state=query["state"],
        )
    )
    return page(rows, limit, lambda row: row.id)


@routes.route("/animations/<slug:slug>/reviews", methods=["POST"])
@guard(scope("animations:write"))
@routes.arguments(AnswersReviewSchema, example={"decision": "release", "reason": "L'animatrice a répété le code"})
@routes.response(200, AnswersReviewedSchema)
@routes.refuses(AnimationNotFound)
def review_answers(said: dict[str, Any], slug: str) -> Any:
    """Decide about answers in review

    Released, each earns as of when it was given. Refused, the fan is told the reason. One decided before is passed
    over, so the request is safe to repeat.
    """
    decide = review.release if said["decision"] == "release" else review.refuse
    db, actor = current_services().db, caller().actor
    return decide(db, slug, actor=actor, reason=said["reason"], part_ids=said["answers"])


def _counted(slug: str) -> dict[str, Any]:
    def steps(session: Any) -> dict[str, Any]:
        row = find.animation(session, slug)
        counts = find.counts(session, animate.id_of(row))
        fans = {state: counts.get(state, 0) for state in (TRYING, RECORDED, IN_REVIEW, REFUSED)}
        return {**_shown(row), "fans": fans}

    return current_services().db.read(steps)


def _shown(row: Animation) -> dict[str, Any]:
    how, holes = kind_named(row.kind).how(find.opened(row))
    return {
        **row.model_dump(exclude={"solution"}),
        "state": _state(row),
        "how": how.both(holes, time_zone=current_services().zone()),
    }


def _state(row: Animation) -> str:
    if row.voided_at is not None:
        return "voided"
    now = clock.now()
    if now >= find.ended_at(row):
        return "closed"
    return "open" if now >= row.starts_at else "scheduled"


def _told(taken: Taken) -> dict[str, Any]:
    activity = None if taken.outcome is None else told_outcome(taken.outcome)
    waiting: Words | None = taken.waiting
    assert activity is not None or waiting is not None, "an answer is recorded, or it waits"
    sentence = activity["sentence"] if activity is not None else waiting and waiting.both({})
    return {"state": taken.state, "quantity": taken.quantity, "sentence": sentence, "activity": activity}
