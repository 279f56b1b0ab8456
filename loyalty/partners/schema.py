"""What may be said about a partner, a place and a device from outside."""

from typing import Any

from marshmallow import Schema

from loyalty.fields import Text

SLUG = r"^[a-z0-9]+(-[a-z0-9]+)*$"


def slug_field(says: str, **options: Any) -> Text:
    """A name for machines and addresses: "cafe-lumiere"."""
    return Text(
        minimum=1,
        maximum=60,
        pattern=SLUG,
        error_messages={"pattern": "Must be lower-case letters, digits and single dashes between them."},
        metadata={"description": says},
        **options,
    )


class PartnerSchema(Schema):
    """A new partner."""

    slug = slug_field("Its name in addresses, for ever.", required=True)
    name = Text(minimum=1, maximum=120, required=True, metadata={"description": "Its name for people."})


class PlaceSchema(Schema):
    """A new place of a partner."""

    name = Text(minimum=1, maximum=120, required=True, metadata={"description": "Its name for people."})


class EnrolSchema(Schema):
    """A phone that asks to become a device."""

    code = Text(minimum=1, maximum=40, required=True, metadata={"description": "The one-time code, as it was typed."})
    name = Text(minimum=1, maximum=60, required=True, metadata={"description": "What its partner calls the device."})
