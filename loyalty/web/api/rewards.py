"""The catalogue and its stock."""

from typing import Any

from flask import Response, request
from marshmallow import Schema, ValidationError, fields, validate
from sqlmodel import Session

from loyalty.db import Joined
from loyalty.errors import Invalid
from loyalty.fields import Moment, Text, WholeNumber
from loyalty.flows import manage_rewards, move_stock
from loyalty.partners.refusals import PartnerNotFound
from loyalty.partners.tables import Partner
from loyalty.rewards import find, stock
from loyalty.rewards.refusals import NotThatMany, RewardExists, RewardNotFound, StockLotNotFound
from loyalty.rewards.schema import MovementSchema, ReceiptSchema, RewardChangeSchema, RewardSchema
from loyalty.rewards.tables import Reward
from loyalty.tiers.refusals import TierNotFound
from loyalty.tiers.tables import Tier
from loyalty.web import json_guard
from loyalty.web.api.idempotency import answer_once
from loyalty.web.api.openapi import JSON, Routes
from loyalty.web.api.schemas import Answer, Id, PageQuery, page, page_of
from loyalty.web.guards import caller, guard, scope
from loyalty.web.services import current_services

routes = Routes("rewards", "What fans can have for their points, and how many of it are left.")


class KnownRewardSchema(Answer):
    """A reward, archived or not."""

    slug = fields.String()
    name_fr = fields.String()
    name_en = fields.String()
    description_fr = fields.String()
    description_en = fields.String()
    cost_points = WholeNumber(minimum=1)
    value_cents = WholeNumber(minimum=0)
    partner = fields.String(metadata={"description": "The slug of who hands it out."})
    left = WholeNumber(minimum=0, metadata={"description": "Units in stock."})
    valid_days = WholeNumber(minimum=1)
    max_uses = WholeNumber(minimum=1)
    per_fan_limit = WholeNumber(allow_none=True)
    per_fan_limit_days = WholeNumber(allow_none=True)
    min_tier = fields.String(allow_none=True, metadata={"description": "The lowest tier that may have it."})
    low_stock = WholeNumber(allow_none=True)
    visible_from = Moment(allow_none=True)
    visible_to = Moment(allow_none=True)
    redeemable_from = Moment(allow_none=True)
    redeemable_to = Moment(allow_none=True)
    created_at = Moment()
    archived_at = Moment(allow_none=True)


class StockReceiptSchema(ReceiptSchema):
    """Units that came in together."""

    kind = fields.String(required=True, validate=validate.OneOf(["received"]))


class MovedSchema(Answer):
    """What is left after a movement."""

    left = WholeNumber(minimum=0)
    lot = Id(allow_none=True, description="The stock lot received; null for other movements.")


class StockLotSchema(Answer):
    """Units that were received together."""

    id = Id()
    donor = fields.String()
    unit_cost_cents = WholeNumber(minimum=0)
    created_at = Moment()


class StockSchema(Answer):
    """The stock of a reward."""

    left = WholeNumber(minimum=0, metadata={"description": "Received less withdrawn, lost and taken."})
    lots = fields.List(fields.Nested(StockLotSchema))


class KnownMovementSchema(Answer):
    """One change of stock by staff."""

    id = Id()
    lot = Id(attribute="lot_id")
    kind = fields.String(metadata={"enum": ["received", "withdrawn", "lost", "returned"]})
    quantity = WholeNumber(minimum=1)
    actor = fields.String()
    reason = fields.String()
    at = Moment()


class ReasonQuery(Schema):
    """Why something is done."""

    reason = Text(minimum=1, maximum=500, required=True, metadata={"description": "Why."})


EXAMPLE = {
    "slug": "deux-cafes",
    "name_fr": "Deux cafés au Café Lumière",
    "name_en": "Two coffees at Café Lumière",
    "cost_points": 250,
    "value_cents": 500,
    "partner": "cafe-lumiere",
    "valid_days": 30,
}
RECEIPT = {"kind": "received", "quantity": 500, "donor": "Café Lumière", "reason": "Partenariat d'automne"}
_RECEIVED, _MOVED = StockReceiptSchema(), MovementSchema()


@routes.route("/rewards")
@guard(scope("rewards:read"))
@routes.arguments(PageQuery, location="query")
@routes.response(200, page_of(KnownRewardSchema))
def list_rewards(query: dict[str, Any]) -> Any:
    """See every reward, archived ones too, in the order they came"""
    limit = query["limit"]

    def steps(session: Session) -> dict[str, Any]:
        rows = find.rewards(session, after_id=query["cursor"] or 0, limit=limit + 1)
        found = page(rows, limit, lambda reward: reward.id)
        return {**found, "items": _shown(session, found["items"])}

    return current_services().db.read(steps)


@routes.route("/rewards", methods=["POST"])
@guard(scope("rewards:write"))
@routes.arguments(RewardSchema, example=EXAMPLE)
@routes.response(201, KnownRewardSchema)
@routes.refuses(RewardExists, PartnerNotFound, TierNotFound)
def create_reward(said: dict[str, Any]) -> Any:
    """Make a reward

    It has no stock yet. Its slug makes the request safe to repeat: the second time answers 409.
    """
    reward = manage_rewards.create_reward(current_services().db, said, actor=caller().actor)
    return _one(reward.slug)


@routes.route("/rewards/<slug:slug>")
@guard(scope("rewards:read"))
@routes.response(200, KnownRewardSchema)
@routes.refuses(RewardNotFound)
def show_reward(slug: str) -> Any:
    """See a reward"""
    return _one(slug)


@routes.route("/rewards/<slug:slug>", methods=["PATCH"])
@guard(scope("rewards:write"))
@routes.arguments(RewardChangeSchema, example={"cost_points": 300})
@routes.response(200, KnownRewardSchema)
@routes.refuses(RewardNotFound, PartnerNotFound, TierNotFound)
def change_reward(said: dict[str, Any], slug: str) -> Any:
    """Change a reward

    What is not said stays. Vouchers already issued keep their terms.
    """
    manage_rewards.change_reward(current_services().db, slug=slug, said=said, actor=caller().actor)
    return _one(slug)


@routes.route("/rewards/<slug:slug>", methods=["DELETE"])
@guard(scope("rewards:write"))
@routes.arguments(ReasonQuery, location="query")
@routes.response(200, KnownRewardSchema)
@routes.refuses(RewardNotFound)
def archive_reward(query: dict[str, Any], slug: str) -> Any:
    """Archive a reward

    It leaves the catalogue for good; vouchers already issued stay good. Again changes nothing.
    """
    db, actor = current_services().db, caller().actor
    manage_rewards.archive_reward(db, slug=slug, actor=actor, reason=query["reason"])
    return _one(slug)


@routes.route("/rewards/<slug:slug>/stock")
@guard(scope("rewards:read"))
@routes.response(200, StockSchema)
@routes.refuses(RewardNotFound)
def show_stock(slug: str) -> Any:
    """See what is left of a reward"""

    def steps(session: Session) -> dict[str, Any]:
        reward_id = _id(find.reward(session, slug))
        return {"left": stock.left(session, reward_id), "lots": find.stock_lots(session, reward_id)}

    return current_services().db.read(steps)


@routes.route("/rewards/<slug:slug>/stock", methods=["POST"])
@guard(scope("rewards:write"))
@routes.takes(
    {JSON: {"oneOf": [StockReceiptSchema, MovementSchema]}},
    examples={JSON: RECEIPT},
    description="Units received, as a new stock lot; or units withdrawn, lost or returned.",
)
@routes.response(201, MovedSchema)
@routes.refuses(RewardNotFound, StockLotNotFound, NotThatMany)
@routes.idempotent
def move_units(slug: str) -> Response:
    """Move stock

    Units come in, are taken out, are found missing or come back; who, when and why is kept.
    """
    kind, said = _movement(json_guard.read(request))
    actor = caller().actor

    def run(db: Joined) -> dict[str, Any]:
        if kind == "received":
            moved = move_stock.receive(db, reward_slug=slug, actor=actor, **said)
        else:
            moved = move_stock.move(db, kind, reward_slug=slug, actor=actor, **said)
        return {"left": moved.left, "lot": moved.lot and moved.lot.id}

    return answer_once(MovedSchema(), run)


@routes.route("/rewards/<slug:slug>/stock/movements")
@guard(scope("rewards:read"))
@routes.arguments(PageQuery, location="query")
@routes.response(200, page_of(KnownMovementSchema))
@routes.refuses(RewardNotFound)
def list_movements(query: dict[str, Any], slug: str) -> Any:
    """See what staff did to the stock of a reward, the latest first"""
    limit, cursor = query["limit"], query["cursor"]

    def steps(session: Session) -> list[Any]:
        reward_id = _id(find.reward(session, slug))
        return find.movements(session, reward_id, below_id=cursor, limit=limit + 1)

    return page(current_services().db.read(steps), limit, lambda movement: movement.id)


def _one(slug: str) -> dict[str, Any]:
    return current_services().db.read(lambda session: _shown(session, [find.reward(session, slug)])[0])


def _shown(session: Session, rewards: list[Reward]) -> list[dict[str, Any]]:
    left = stock.left_of(session, [_id(each) for each in rewards])
    return [
        {
            **each.model_dump(),
            "left": left.get(_id(each), 0),
            "partner": session.get_one(Partner, each.partner_id).slug,  # few partners: the session remembers them
            "min_tier": None if each.min_tier_id is None else session.get_one(Tier, each.min_tier_id).slug,
        }
        for each in rewards
    ]


def _id(reward: Reward) -> int:
    assert reward.id is not None
    return reward.id


def _movement(document: Any) -> tuple[str, dict[str, Any]]:
    """The kind of movement, and what its flow is told of it."""
    received = isinstance(document, dict) and document.get("kind") == "received"
    try:
        said: dict[str, Any] = (_RECEIVED if received else _MOVED).load(document)
    except ValidationError as problem:
        raise Invalid(problem.messages) from None
    kind = said.pop("kind")
    if not received:
        said["lot_id"] = said.pop("lot")
    return kind, said
