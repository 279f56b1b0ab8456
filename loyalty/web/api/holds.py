"""Points set aside for something, then captured or given back."""

from typing import Any

from flask import Response
from marshmallow import Schema, fields
from sqlmodel import Session

from loyalty.db import Joined
from loyalty.errors import NotFound
from loyalty.fans.register import present_fan
from loyalty.fields import BIGGEST, Moment, Text, WholeNumber
from loyalty.flows.hold import LONGEST, USUAL, Held, authorise, capture, hold_now, release
from loyalty.ledger import holds
from loyalty.ledger.post import HoldClosed, MoreThanHeld, NotEnoughPoints
from loyalty.ledger.tables import Hold
from loyalty.web.api.idempotency import answer_once
from loyalty.web.api.openapi import Routes
from loyalty.web.api.schemas import Answer, Id, PageQuery, page, page_of
from loyalty.web.guards import caller, guard, scope
from loyalty.web.services import current_services

routes = Routes("holds", "Points set aside for something, then captured in one or several parts, or given back.")


class HoldSchema(Schema):
    """How much to set aside, and what for."""

    amount = WholeNumber(minimum=1, maximum=BIGGEST, required=True, metadata={"description": "Points."})
    purpose = Text(minimum=1, maximum=200, required=True, metadata={"description": "What for: the fan reads it."})
    expires_at = Moment(
        load_default=None,
        metadata={
            "description": "When what is left comes back by itself: "
            f"in {LONGEST.days} days at most; left out, in {USUAL.days} days."
        },
    )


class CaptureSchema(Schema):
    """How much to spend of it."""

    amount = WholeNumber(
        minimum=1, maximum=BIGGEST, load_default=None, metadata={"description": "Points; left out, all that is left."}
    )
    final = fields.Boolean(
        truthy={True},
        falsy={False},
        load_default=False,
        metadata={"description": "Whether nothing more will be captured: what is left goes back."},
    )


class KnownHoldSchema(Answer):
    """Points set aside."""

    id = Id()
    fan = Id(attribute="holder_id", description="Whose they are now.")
    state = fields.String(metadata={"enum": list(holds.STATES)})
    amount = WholeNumber(minimum=1)
    captured = WholeNumber(minimum=0)
    released = WholeNumber(minimum=0)
    left = WholeNumber(minimum=0, metadata={"description": "Still set aside."})
    purpose = fields.String(allow_none=True, metadata={"description": "null once the fan was erased."})
    created_at = Moment()
    expires_at = Moment()
    closed_at = Moment(allow_none=True)


class HeldSchema(KnownHoldSchema):
    """Points set aside, and what the fan can spend beside them."""

    balance = WholeNumber(minimum=0, metadata={"description": "The points the fan can spend after it."})


@routes.route("/fans/<id:fan_id>/holds", methods=["POST"])
@guard(scope("redemptions:write"))
@routes.arguments(HoldSchema, example={"amount": 120, "purpose": "Billet pour le concert du 12 décembre"})
@routes.response(201, HeldSchema)
@routes.refuses(NotFound, NotEnoughPoints)
@routes.idempotent
def open_hold(said: dict[str, Any], fan_id: int) -> Response:
    """Set points of a fan aside

    They cannot be spent meanwhile. What is not captured comes back at `expires_at`, with the expiry it had.
    """
    actor = caller().actor
    return answer_once(HeldSchema(), lambda db: _shown(authorise(db, fan_id=fan_id, actor=actor, **said)))


@routes.route("/fans/<id:fan_id>/holds")
@guard(scope("redemptions:read"))
@routes.arguments(PageQuery, location="query")
@routes.response(200, page_of(KnownHoldSchema))
@routes.refuses(NotFound)
def list_holds(query: dict[str, Any], fan_id: int) -> Any:
    """See what is and was set aside of a fan, the latest first"""
    limit = query["limit"]

    def steps(session: Session) -> list[Hold]:
        holder_ids = {fan_id, present_fan(session, fan_id).id}
        return holds.of_holders(session, holder_ids, limit=limit + 1, below_id=query["cursor"])

    found = page(current_services().db.read(steps), limit, lambda hold: hold.id)
    return {**found, "items": [_told(each) for each in found["items"]]}


@routes.route("/fans/<id:fan_id>/holds/<id:hold_id>")
@guard(scope("redemptions:read"))
@routes.response(200, KnownHoldSchema)
@routes.refuses(NotFound)
def show_hold(fan_id: int, hold_id: int) -> Any:
    """See one hold"""
    return _told(current_services().db.read(lambda session: hold_now(session, fan_id=fan_id, hold_id=hold_id)))


@routes.route("/fans/<id:fan_id>/holds/<id:hold_id>/capture", methods=["POST"])
@guard(scope("redemptions:write"))
@routes.arguments(CaptureSchema, example={"amount": 80, "final": True})
@routes.response(200, HeldSchema)
@routes.refuses(NotFound, HoldClosed, MoreThanHeld)
@routes.idempotent
def capture_hold(said: dict[str, Any], fan_id: int, hold_id: int) -> Response:
    """Spend points that are set aside

    In one part or several, until nothing is left or a capture says it is `final`.
    """
    actor = caller().actor

    def run(db: Joined) -> dict[str, Any]:
        return _shown(capture(db, fan_id=fan_id, hold_id=hold_id, actor=actor, **said))

    return answer_once(HeldSchema(), run, status=200)


@routes.route("/fans/<id:fan_id>/holds/<id:hold_id>/release", methods=["POST"])
@guard(scope("redemptions:write"))
@routes.response(200, HeldSchema)
@routes.refuses(NotFound, HoldClosed)
@routes.idempotent
def release_hold(fan_id: int, hold_id: int) -> Response:
    """Give back what is left of a hold

    To the very lots it came from. Points whose date has passed meanwhile expire then.
    """
    actor = caller().actor

    def run(db: Joined) -> dict[str, Any]:
        return _shown(release(db, fan_id=fan_id, hold_id=hold_id, actor=actor))

    return answer_once(HeldSchema(), run, status=200)


def _shown(held: Held) -> dict[str, Any]:
    return {**_told(held.hold), "balance": held.balance}


def _told(hold: Hold) -> dict[str, Any]:
    return {**hold.model_dump(), "state": holds.state(hold), "left": holds.left(hold)}
