"""Participation comes in, one or a thousand at a time, and says what it earned."""

from typing import Any

from flask import Response, jsonify, request
from marshmallow import ValidationError, fields

from loyalty.activities import browse
from loyalty.activities.fact import ActivityFact, WithdrawnFact
from loyalty.activities.schema import (
    ActivitySchema,
    CloudEventSchema,
    WithdrawalSchema,
    activity_fact,
    cloudevent_fact,
)
from loyalty.errors import Invalid, NotFound, Refused
from loyalty.fans.identities import holder_ids_of_fan
from loyalty.fields import WholeNumber
from loyalty.flows.earn import ActivityConflict, InTheFuture, Outcome, UnknownFan, earn, earn_one
from loyalty.flows.link_code import listen
from loyalty.flows.reverse import withdraw
from loyalty.web import json_guard, problems
from loyalty.web.api.openapi import JSON, Routes
from loyalty.web.api.outcomes import KeptActivitySchema, OutcomeSchema, told_activity, told_outcome
from loyalty.web.api.schemas import Answer, Id, PageQuery, ProblemSchema, page, page_of
from loyalty.web.guards import caller, guard, scope
from loyalty.web.language import spoken
from loyalty.web.services import current_services

CLOUDEVENT = "application/cloudevents+json"
CLOUDEVENTS = "application/cloudevents-batch+json"

routes = Routes("activities", "What fans did, and what it earned.")


class ResultSchema(Answer):
    """What became of one item of a batch: an activity, or a problem."""

    status = WholeNumber(
        metadata={
            "description": "201 recorded now, 200 recorded before, 409 or 422 refused.",
            "enum": [200, 201, 409, 422],
        }
    )
    activity = fields.Nested(OutcomeSchema, allow_none=True)
    problem = fields.Nested(ProblemSchema, allow_none=True)


class ResultsSchema(Answer):
    """What became of each item, in the order they were sent."""

    results = fields.List(fields.Nested(ResultSchema))


class WithdrawnSchema(Answer):
    """What became of a withdrawal."""

    status = fields.String(
        metadata={
            "enum": ["reversed", "waiting", "duplicate"],
            "description": "`reversed` now; `waiting` for its act to come; `duplicate` of one that was known.",
        }
    )
    points = WholeNumber(minimum=0, metadata={"description": "Taken back by this withdrawal."})


class ActivitiesQuery(PageQuery):
    """Which activities."""

    fan = Id(load_default=None, description="Only those of this fan.")


EXAMPLE = {
    "network": "twitch",
    "actor": "141981764",
    "kind": "live_chat",
    "object": "channel/1971641",
    "id": "cc106a89-1814-919d-454c-f4f2f970aae7",
    "happened_at": "2026-10-05T06:42:10Z",
    "text": "Bonjour à toute l'équipe du matin !",
    "show": "la-matinale",
}
EVENT_EXAMPLE = {
    "specversion": "1.0",
    "id": "cc106a89-1814-919d-454c-f4f2f970aae7",
    "source": "/twitch/channel/1971641",
    "type": "fan.activity.live_chat.v1",
    "subject": "141981764",
    "time": "2026-10-05T06:42:10Z",
    "data": {"text": "Bonjour à toute l'équipe du matin !", "show": "la-matinale"},
}
EITHER = {"anyOf": [ActivitySchema, CloudEventSchema]}
MANY = {"type": "array", "minItems": 1, "maxItems": json_guard.MOST_ITEMS}


@routes.route("/activities", methods=["POST"])
@guard(scope("activities:write"))
@routes.takes(
    {JSON: EITHER, CLOUDEVENT: CloudEventSchema},
    examples={JSON: EXAMPLE, CLOUDEVENT: EVENT_EXAMPLE},
    description="In our own fields, or as a CloudEvents 1.0 event in structured JSON.",
)
@routes.response(201, OutcomeSchema, description="Recorded and judged now.")
@routes.alt_response(200, schema=OutcomeSchema, description="On record already: the same answer.", success=True)
@routes.refuses(ActivityConflict, InTheFuture, UnknownFan)
def record_activity() -> tuple[Response, int]:
    """Record what a fan did

    It is recorded once, judged by the rules that were in force when it happened, and what it earned is posted at once.
    The act itself is the key: sent again it answers the same, with another content it is refused.
    """
    body = json_guard.read(request, (JSON, CLOUDEVENT))
    fact = _loaded(body, request.mimetype)
    if isinstance(fact, Refused):
        raise fact
    outcome = earn_one(current_services().db, fact, source=_source())
    if outcome.problem is not None:
        raise outcome.problem
    listen(current_services().db, [fact])
    return jsonify(told_outcome(outcome)), 201 if outcome.status == "recorded" else 200


@routes.route("/activities/batch", methods=["POST"])
@guard(scope("activities:write"))
@routes.takes(
    {
        JSON: {
            "anyOf": [
                {
                    "type": "object",
                    "properties": {"activities": {**MANY, "items": EITHER}},
                    "required": ["activities"],
                    "additionalProperties": False,
                },
                {**MANY, "items": EITHER},
            ]
        },
        CLOUDEVENTS: {**MANY, "items": CloudEventSchema},
    },
    examples={JSON: {"activities": [EXAMPLE]}, CLOUDEVENTS: [EVENT_EXAMPLE]},
    description="1 to 1,000 activities, each as `POST /activities` takes it: in a member `activities`, or as a bare "
    "array, or as a CloudEvents batch. One that does not fit spoils only itself.",
)
@routes.response(200, ResultsSchema)
def record_activities() -> Response:
    """Record many activities

    A result for each, in their order. All that are fit are recorded, even if others are refused.
    """
    body = json_guard.read(request, (JSON, CLOUDEVENTS))
    facts = [_loaded(item, request.mimetype) for item in _items(body)]
    fit = [fact for fact in facts if isinstance(fact, ActivityFact)]
    outcomes = iter(earn(current_services().db, fit, source=_source()) if fit else ())
    listen(current_services().db, fit)
    return jsonify(results=[_result(fact if isinstance(fact, Refused) else next(outcomes)) for fact in facts])


@routes.route("/activities/withdrawals", methods=["POST"])
@guard(scope("activities:write"))
@routes.arguments(WithdrawalSchema, example={"network": "twitch", "id": "cc106a89-1814-919d-454c-f4f2f970aae7"})
@routes.response(200, WithdrawnSchema)
def withdraw_activity(withdrawn: WithdrawnFact) -> Any:
    """Withdraw an activity

    It was deleted, unliked or refunded, wholly or in part: what it earned is taken back, once. It is named as it was
    sent: by network and id, or without an id by network, actor, kind and object; one sent as a CloudEvent by its
    source too. The withdrawal may come before the activity itself: then it waits for it.
    """
    return withdraw(current_services().db, [withdrawn], source=_source())[0]


@routes.route("/activities")
@guard(scope("activities:read"))
@routes.arguments(ActivitiesQuery, location="query")
@routes.response(200, page_of(KeptActivitySchema))
def list_activities(query: dict[str, Any]) -> Response:
    """See activities, the latest recorded first"""
    return jsonify(listed(query, query["fan"]))


@routes.route("/activities/<id:activity_id>")
@guard(scope("activities:read"))
@routes.response(200, KeptActivitySchema)
@routes.refuses(NotFound)
def show_activity(activity_id: int) -> Response:
    """See one activity and every verdict on it"""
    return jsonify(told_activity(current_services().db.read(lambda session: browse.activity(session, activity_id))))


def listed(query: dict[str, Any], fan_id: int | None) -> dict[str, Any]:
    """A page of activities, of one fan or of everybody."""
    limit, cursor = query["limit"], query["cursor"]
    rows = current_services().db.read(
        lambda session: browse.activities(
            session,
            limit=limit + 1,
            below_id=cursor,
            holder_ids=None if fan_id is None else holder_ids_of_fan(session, fan_id),
        )
    )
    found = page(rows, limit, lambda row: int(row.id))
    return {**found, "items": [told_activity(row) for row in found["items"]]}


def _source() -> str:
    return f"api:{caller().actor.partition(':')[2]}"


def _items(body: Any) -> list[Any]:
    items = body
    if request.mimetype == JSON and isinstance(body, dict):
        if body.keys() != {"activities"}:
            raise Invalid({"activities": ["This member, and no other, is expected."]})
        items = body["activities"]
    if not isinstance(items, list) or not items:
        raise Invalid({"activities": ["A list of 1 to 1,000 activities is expected."]})
    return items


def _loaded(document: Any, media_type: str) -> ActivityFact | Refused:
    read = activity_fact if media_type == JSON else cloudevent_fact
    try:
        return read(document)
    except ValidationError as problem:
        return Invalid(problem.messages)


def _result(outcome: Outcome | Refused) -> dict[str, Any]:
    refused = outcome if isinstance(outcome, Refused) else outcome.problem
    if refused is not None:
        public_url = current_services().settings.public_url
        problem = problems.document(refused, spoken(), public_url=public_url)
        return {"status": refused.status, "activity": None, "problem": problem}
    assert isinstance(outcome, Outcome)
    return {
        "status": 201 if outcome.status == "recorded" else 200,
        "activity": told_outcome(outcome),
        "problem": None,
    }
