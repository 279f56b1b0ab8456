"""Stripe's objects, as much of them as is read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import EXCLUDE, Schema, fields

from loyalty.activities.schema import MOST_UNITS
from loyalty.fields import Text, WholeNumber


class Object(Schema):
    """What Stripe adds to an object is not read."""

    class Meta:
        unknown = EXCLUDE


class Identified(Object):
    """An object with its identifier."""

    id = Text(minimum=1, maximum=255, required=True)


class Reference(fields.Field[str | None]):
    """The identifier of another object, which Stripe sends whole when asked to expand it."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **options: Any) -> str | None:
        identifier = value.get("id") if isinstance(value, dict) else value
        return Text(minimum=1, maximum=255).deserialize(identifier, attr, data)


class Unix(WholeNumber):
    """Seconds since 1970."""

    def __init__(self) -> None:
        super().__init__(minimum=0, maximum=2**40, required=True)


class Data(Object):
    """What an event is about."""

    object = fields.Dict(required=True)


class Event(Identified):
    """One event: https://docs.stripe.com/api/events/object."""

    type = Text(minimum=1, maximum=100, required=True)
    account = fields.String(load_default=None)
    livemode = fields.Boolean(load_default=True)
    created = Unix()
    data = fields.Nested(Data, required=True)


def _cents(minimum: int = 1, **options: Any) -> WholeNumber:
    return WholeNumber(minimum=minimum, maximum=MOST_UNITS, **options)


class Metadata(Object):
    """What the shop wrote on it."""

    fan = Text(load_default=None)


class Buyer(Object):
    """Who filled the form in."""

    email = fields.String(load_default=None)


class Session(Identified):
    """https://docs.stripe.com/api/checkout/sessions/object"""

    mode = Text(maximum=40, required=True)
    payment_status = Text(maximum=40, required=True)
    payment_intent = Reference(load_default=None)
    amount_total = _cents(minimum=0, load_default=None)
    currency = Text(maximum=3, load_default="")
    client_reference_id = Text(minimum=1, maximum=255, load_default=None)
    metadata = fields.Nested(Metadata, load_default=None)
    customer = Reference(load_default=None)
    customer_details = fields.Nested(Buyer, load_default=None)


class Intent(Identified):
    """https://docs.stripe.com/api/payment_intents/object"""

    amount_received = _cents(required=True)
    currency = Text(maximum=3, required=True)
    metadata = fields.Nested(Metadata, load_default=None)


class Charge(Object):
    """https://docs.stripe.com/api/charges/object"""

    payment_intent = Reference(load_default=None)
    currency = Text(maximum=3, required=True)
    amount_refunded = _cents(minimum=0, required=True)
    refunded = fields.Boolean(required=True)


class Dispute(Object):
    """https://docs.stripe.com/api/disputes/object"""

    payment_intent = Reference(load_default=None)
    currency = Text(maximum=3, required=True)
    amount = _cents(required=True)
    status = Text(maximum=40, required=True)
