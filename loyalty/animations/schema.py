"""What may be said about an animation to open; unknown fields are refused."""

from marshmallow import Schema, fields

from loyalty.fields import Moment, Text, WholeNumber
from loyalty.partners.schema import slug_field

LONGEST_MINUTES = 60 * 24 * 31


def _name(says: str) -> Text:
    return Text(minimum=1, maximum=120, load_default=None, allow_none=True, metadata={"description": says})


def _by_kind(says: str) -> fields.Dict:
    return fields.Dict(keys=fields.String(), load_default=dict, metadata={"description": says})


class OpenSchema(Schema):
    """An animation to open. What its kind asks for is in `settings` and `solution`."""

    kind = Text(minimum=1, maximum=60, required=True, metadata={"description": "Of animation: `on_air_code`."})
    slug = slug_field(
        "Its name in addresses and rules, for ever; without it, made of the show, or else the kind, and of the start.",
        load_default=None,
        allow_none=True,
    )
    name_fr = _name("Its name in French; without it, that of its kind.")
    name_en = _name("Its name in English; without it, that of its kind.")
    show = slug_field("The slug of the show it belongs to.", load_default=None, allow_none=True)
    starts_at = Moment(required=True, metadata={"description": "From when answers count: when the host says the code."})
    minutes = WholeNumber(
        minimum=1,
        maximum=LONGEST_MINUTES,
        required=True,
        metadata={"description": "For how long they do."},
    )
    settings = _by_kind("By kind. Of a code: `units_at_air`, `units_floor`, `decay_minutes`, `attempts` ...")
    solution = fields.Dict(
        keys=fields.String(),
        load_default=None,
        allow_none=True,
        metadata={"description": "By kind. Of a code: `code`; without a solution, one is made."},
    )
