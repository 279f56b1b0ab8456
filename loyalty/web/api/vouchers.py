"""Vouchers: what a fan shows, as a code to read and as a code to type."""

from typing import Any

from flask import Response, current_app
from marshmallow import Schema, fields, validate
from sqlmodel import Session

from loyalty.fields import Moment, WholeNumber
from loyalty.rewards.tables import Reward
from loyalty.vouchers import code, find, qr
from loyalty.vouchers.issue import body_of
from loyalty.vouchers.refusals import VoucherNotFound
from loyalty.vouchers.states import BLOCKED, CANCELLED, EXPIRED, ISSUED, PARTIALLY_USED, USED
from loyalty.vouchers.tables import Voucher
from loyalty.vouchers.token import address
from loyalty.web.api.openapi import Routes
from loyalty.web.api.schemas import Answer, Id
from loyalty.web.guards import guard, scope
from loyalty.web.services import current_services

routes = Routes("vouchers", "What a fan shows to get a reward. Whoever sees the code can use it.")


STATES = (ISSUED, PARTIALLY_USED, USED, CANCELLED, EXPIRED, BLOCKED)


class KnownVoucherSchema(Answer):
    """A voucher and its codes."""

    id = Id()
    fan = Id(attribute="fan_id")
    redemption = Id(attribute="redemption_id")
    reward = fields.String(metadata={"description": "The reward's slug."})
    state = fields.String(metadata={"enum": list(STATES)})
    uses = WholeNumber(minimum=0)
    max_uses = WholeNumber(minimum=1)
    not_before = Moment()
    not_after = Moment(metadata={"description": "The last instant it is good for."})
    issued_at = Moment()
    ended_at = Moment(allow_none=True)
    token = fields.String(
        metadata={"description": "Signed, so it can be verified without us. Whoever has it can use it."}
    )
    url = fields.String(metadata={"description": "What the QR code says."})
    code = fields.String(metadata={"description": "The same for typing; only good while online."})


class ImageQuery(Schema):
    """For what an image is made."""

    medium = fields.String(
        validate=validate.OneOf(["screen", "print"]),
        load_default="screen",
        metadata={"description": "Paper gets creased: for `print` the code has more error correction."},
    )


@routes.route("/vouchers/<id:voucher_id>")
@guard(scope("vouchers:read"))
@routes.response(200, KnownVoucherSchema)
@routes.refuses(VoucherNotFound)
def show_voucher(voucher_id: int) -> Any:
    """See a voucher and its codes"""
    voucher, reward = _found(voucher_id)
    token = _token(voucher)
    return {
        **voucher.model_dump(),
        "reward": reward.slug,
        "token": token,
        "url": _address(token),
        "code": code.spell(voucher.token_id),
    }


@routes.route("/vouchers/<id:voucher_id>/qr.svg")
@guard(scope("vouchers:read"))
@routes.arguments(ImageQuery, location="query")
@routes.response(200, {"type": "string"}, content_type="image/svg+xml", description="Black on white, any size.")
@routes.refuses(VoucherNotFound)
def show_voucher_svg(query: dict[str, str], voucher_id: int) -> Response:
    """See a voucher's QR code as SVG"""
    voucher, reward = _found(voucher_id)
    image = qr.svg(_address(_token(voucher)), title=reward.name_fr, for_print=query["medium"] == "print")
    return current_app.response_class(image, mimetype="image/svg+xml")


@routes.route("/vouchers/<id:voucher_id>/qr.png")
@guard(scope("vouchers:read"))
@routes.arguments(ImageQuery, location="query")
@routes.response(
    200,
    {"type": "string", "contentMediaType": "image/png"},
    content_type="image/png",
    description="8 pixels a module.",
)
@routes.refuses(VoucherNotFound)
def show_voucher_png(query: dict[str, str], voucher_id: int) -> Response:
    """See a voucher's QR code as PNG"""
    voucher, _ = _found(voucher_id)
    image = qr.png(_address(_token(voucher)), for_print=query["medium"] == "print")
    return current_app.response_class(image, mimetype="image/png")


def _found(voucher_id: int) -> tuple[Voucher, Reward]:
    def steps(session: Session) -> tuple[Voucher, Reward]:
        voucher = find.by_id(session, voucher_id)
        return voucher, session.get_one(Reward, voucher.reward_id)

    return current_services().db.read(steps)


def _token(voucher: Voucher) -> str:
    return current_services().voucher_keys.write(body_of(voucher))


def _address(token: str) -> str:
    return address(current_services().settings.public_url, token)
