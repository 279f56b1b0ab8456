"""What may be said about a reward and its stock from outside; unknown fields are refused."""

from typing import Any

from marshmallow import Schema, ValidationError, post_load, validate
from marshmallow.fields import String

from loyalty.fields import BIGGEST, Moment, Text, WholeNumber
from loyalty.partners.schema import slug_field

MOST_POINTS = 10**9
MOST_CENTS = 10**9
MOST_UNITS = 100_000  # received at once


def _name(says: str, **options: Any) -> Text:
    return Text(minimum=1, maximum=120, metadata={"description": says}, **options)


def _description(says: str) -> Text:
    return Text(maximum=2000, lines=True, metadata={"description": says})


def _count(says: str, *, most: int, least: int = 1, **options: Any) -> WholeNumber:
    return WholeNumber(minimum=least, maximum=most, metadata={"description": says}, **options)


def _moment(says: str) -> Moment:
    return Moment(allow_none=True, metadata={"description": says})


class RewardChangeSchema(Schema):
    """What may change about a reward; what is not said stays. Vouchers already issued keep their terms."""

    name_fr = _name("Its name in French.")
    name_en = _name("Its name in English.")
    description_fr = _description("In French.")
    description_en = _description("In English.")
    cost_points = _count("What it costs, in points.", most=MOST_POINTS)
    value_cents = _count("What it is worth to a fan, in euro cents.", least=0, most=MOST_CENTS)
    partner = slug_field("The slug of the partner who hands it out.")
    valid_days = _count("How many days its voucher can be used, after the day it was issued.", most=3660)
    max_uses = _count("How many times one voucher can be used.", most=255)
    per_fan_limit = _count("How many one fan may have; null: any number.", most=100_000, allow_none=True)
    per_fan_limit_days = _count("The sliding period of that limit, in days; null: ever.", most=3660, allow_none=True)
    min_tier = slug_field("The slug of the lowest tier that may have it; null: anybody may.", allow_none=True)
    low_stock = _count("An alert is due when fewer are left; null: none.", most=MOST_UNITS, allow_none=True)
    visible_from = _moment("From when it is in the catalogue; null: always was.")
    visible_to = _moment("Until when it is in the catalogue, that instant not included; null: no end.")
    redeemable_from = _moment("From when it can be had; null: as soon as it is visible.")
    redeemable_to = _moment("Until when it can be had, that instant not included; null: no end.")


class RewardSchema(RewardChangeSchema):
    """A new reward."""

    slug = slug_field("Its name in addresses, for ever.", required=True)
    name_fr = _name("Its name in French.", required=True)
    name_en = _name("Its name in English.", required=True)
    cost_points = _count("What it costs, in points.", most=MOST_POINTS, required=True)
    partner = slug_field("The slug of the partner who hands it out.", required=True)


class ReceiptSchema(Schema):
    """Units that came in together: a new stock lot."""

    quantity = _count("How many units.", most=MOST_UNITS, required=True)
    donor = Text(minimum=1, maximum=120, required=True, metadata={"description": "Who gave or sold them."})
    unit_cost_cents = _count("What one cost the station, in euro cents.", least=0, most=MOST_CENTS, load_default=0)
    reason = Text(minimum=1, maximum=500, required=True, metadata={"description": "Why."})


class MovementSchema(Schema):
    """Units that leave the stock, or come back to it."""

    kind = String(
        required=True,
        validate=validate.OneOf(["withdrawn", "lost", "returned"]),
        metadata={"description": "Taken out, found missing, or back again."},
    )
    quantity = _count("How many units.", most=MOST_UNITS, required=True)
    lot = Text(
        pattern=r"^[0-9]{1,19}$",
        maximum=19,
        load_default=None,
        allow_none=True,
        metadata={"description": "The number of the stock lot; without it, the oldest that can."},
    )
    reason = Text(minimum=1, maximum=500, required=True, metadata={"description": "Why."})

    @post_load
    def _numbered(self, given: dict[str, Any], **_: Any) -> dict[str, Any]:
        lot = None if given["lot"] is None else int(given["lot"])
        if lot is not None and lot > BIGGEST:
            raise ValidationError("No such number.", "lot")
        return {**given, "lot": lot}
