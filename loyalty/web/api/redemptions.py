"""A fan spends points on a reward, or takes it back."""

from typing import Any

from flask import Response
from marshmallow import Schema, fields
from sqlmodel import Session

from loyalty.db import Joined
from loyalty.errors import NotFound
from loyalty.fields import Moment, Text, WholeNumber
from loyalty.flows.cancel import cancel
from loyalty.flows.redeem import redeem
from loyalty.ledger.post import NotEnoughPoints
from loyalty.partners.schema import slug_field
from loyalty.rewards import find
from loyalty.rewards.refusals import (
    LimitReached,
    NoLongerRedeemable,
    NotRedeemableYet,
    OutOfStock,
    RedemptionNotFound,
    RewardNotFound,
    TierNeeded,
)
from loyalty.rewards.tables import Redemption, Reward
from loyalty.vouchers import find as vouchers
from loyalty.vouchers.refusals import VoucherAlreadyUsed, VoucherEnded
from loyalty.vouchers.tables import Voucher
from loyalty.web.api.idempotency import answer_once
from loyalty.web.api.openapi import Routes
from loyalty.web.api.schemas import Answer, Id
from loyalty.web.guards import caller, guard, scope
from loyalty.web.services import current_services

routes = Routes("redemptions", "A fan spends points on a reward and gets a voucher: all of that, or nothing.")


class RedeemSchema(Schema):
    """Who wants what."""

    fan = Id(required=True, description="The fan's id.")
    reward = slug_field("The reward's slug.", required=True)


class CancelSchema(Schema):
    """Why a redemption is cancelled."""

    reason = Text(minimum=1, maximum=500, required=True, metadata={"description": "Why."})


class KnownRedemptionSchema(Answer):
    """A redemption."""

    id = Id()
    fan = Id(attribute="fan_id")
    reward = fields.String(metadata={"description": "The reward's slug."})
    cost_points = WholeNumber(minimum=1)
    voucher = Id(description="Its code is at `GET /vouchers/{id}`.")
    created_at = Moment()
    cancelled_at = Moment(allow_none=True)
    cancelled_because = fields.String(allow_none=True)


class SettledRedemptionSchema(KnownRedemptionSchema):
    """A redemption, and the points the fan has after it."""

    balance = WholeNumber(minimum=0, metadata={"description": "The fan's points after it."})


@routes.route("/redemptions", methods=["POST"])
@guard(scope("redemptions:write"))
@routes.arguments(RedeemSchema, example={"fan": "912626453030371744", "reward": "deux-cafes"})
@routes.response(201, SettledRedemptionSchema)
@routes.refuses(
    NotFound,
    RewardNotFound,
    NotEnoughPoints,
    OutOfStock,
    TierNeeded,
    LimitReached,
    NotRedeemableYet,
    NoLongerRedeemable,
)
@routes.idempotent
def redeem_reward(said: dict[str, Any]) -> Response:
    """Spend a fan's points on a reward

    A refusal says what is missing: `not_enough_points` how many, `limit_reached` when the next is possible. Then no
    point was taken.
    """

    def run(db: Joined) -> dict[str, Any]:
        redeemed = redeem(db, fan_id=said["fan"], reward_slug=said["reward"])
        shown = _shown(redeemed.redemption, redeemed.reward, redeemed.voucher)
        return {**shown, "balance": redeemed.balance}

    return answer_once(SettledRedemptionSchema(), run)


@routes.route("/redemptions/<id:redemption_id>")
@guard(scope("redemptions:read"))
@routes.response(200, KnownRedemptionSchema)
@routes.refuses(RedemptionNotFound)
def show_redemption(redemption_id: int) -> Any:
    """See a redemption"""

    def steps(session: Session) -> dict[str, Any]:
        redemption = find.redemption(session, redemption_id)
        return _with_voucher(session, redemption)

    return current_services().db.read(steps)


@routes.route("/redemptions/<id:redemption_id>/cancel", methods=["POST"])
@guard(scope("redemptions:write"))
@routes.arguments(CancelSchema, example={"reason": "La fan s'est trompée de lot."})
@routes.response(200, SettledRedemptionSchema)
@routes.refuses(RedemptionNotFound, VoucherAlreadyUsed, VoucherEnded)
@routes.idempotent
def cancel_redemption(said: dict[str, Any], redemption_id: int) -> Response:
    """Cancel a redemption

    The points go back to their lots by an entry, the unit to the stock, and the voucher ends. Not once it was used.
    """
    actor = caller().actor

    def run(db: Joined) -> dict[str, Any]:
        cancelled = cancel(db, redemption_id=redemption_id, actor=actor, reason=said["reason"])
        shown = db.read(lambda session: _with_voucher(session, cancelled.redemption))
        return {**shown, "balance": cancelled.balance}

    return answer_once(SettledRedemptionSchema(), run, status=200)


def _with_voucher(session: Session, redemption: Redemption) -> dict[str, Any]:
    reward = session.get_one(Reward, redemption.reward_id)
    return _shown(redemption, reward, vouchers.by_redemption(session, redemption.id))


def _shown(redemption: Redemption, reward: Reward, voucher: Voucher) -> dict[str, Any]:
    return {**redemption.model_dump(), "reward": reward.slug, "voucher": voucher.id}
