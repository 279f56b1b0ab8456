"""What may be said about a tier from outside; unknown fields are refused."""

from typing import Any

from marshmallow import Schema

from loyalty.fields import Text, WholeNumber
from loyalty.partners.schema import slug_field

MOST_STATUS = 10**9


def _name(says: str, **options: Any) -> Text:
    return Text(minimum=1, maximum=40, metadata={"description": says}, **options)


def _perks(says: str) -> Text:
    return Text(maximum=600, lines=True, load_default="", metadata={"description": says})


class TierSchema(Schema):
    """A new tier."""

    slug = slug_field("Its name in addresses, for ever.", required=True)
    name_fr = _name("Its name in French.", required=True)
    name_en = _name("Its name in English.", required=True)
    perks_fr = _perks("What it brings, in French.")
    perks_en = _perks("What it brings, in English.")
    threshold = WholeNumber(
        minimum=1,
        maximum=MOST_STATUS,
        required=True,
        metadata={"description": "The status points to earn within a year."},
    )
