"""A fan gives points to another."""

from typing import Any

from flask import Response
from marshmallow import Schema

from loyalty.db import Joined
from loyalty.errors import NotFound
from loyalty.fields import BIGGEST, Moment, WholeNumber
from loyalty.flows.transfer import (
    CannotGive,
    DailyTransferLimit,
    OwesPoints,
    TransfersNotAllowed,
    TransferTooSmall,
    transfer,
)
from loyalty.ledger.post import NotEnoughPoints
from loyalty.web.api.idempotency import answer_once
from loyalty.web.api.openapi import Routes
from loyalty.web.api.schemas import Answer, Id
from loyalty.web.guards import guard, scope

routes = Routes("transfers", "Points that one fan gives to another, where the programme allows it.")


class TransferSchema(Schema):
    """How many to whom."""

    to = Id(required=True, description="The id of the fan who gets them.")
    amount = WholeNumber(minimum=1, maximum=BIGGEST, required=True, metadata={"description": "Points."})


class KnownTransferSchema(Answer):
    """A transfer, and what the sender can spend after it."""

    id = Id(description="`cause_id` of the entries of both.")
    sender = Id(attribute="sender_id")
    to = Id(attribute="receiver_id")
    amount = WholeNumber(minimum=1)
    at = Moment()
    balance = WholeNumber(minimum=0, metadata={"description": "The points the sender can spend after it."})


@routes.route("/fans/<id:fan_id>/transfers", methods=["POST"])
@guard(scope("redemptions:write"))
@routes.arguments(TransferSchema, example={"to": "912626453030371744", "amount": 50})
@routes.response(201, KnownTransferSchema)
@routes.refuses(
    NotFound, NotEnoughPoints, TransfersNotAllowed, TransferTooSmall, DailyTransferLimit, OwesPoints, CannotGive
)
@routes.idempotent
def give_points(said: dict[str, Any], fan_id: int) -> Response:
    """Give points of a fan to another

    Soonest expiry first, each with the expiry it had. Points that are pending or set aside stay.
    """

    def run(db: Joined) -> Any:
        return transfer(db, sender_id=fan_id, receiver_id=said["to"], amount=said["amount"])

    return answer_once(KnownTransferSchema(), run)
