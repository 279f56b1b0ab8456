"""What is sent and answered about fans."""

from marshmallow import Schema, fields, validate

from loyalty.fields import Moment, Text, WholeNumber
from loyalty.i18n import LANGUAGES
from loyalty.web.api.schemas import Answer, Id, PageQuery, PairCursor


class FanSchema(Schema):
    """A new fan."""

    reference = Text(
        minimum=1,
        maximum=100,
        load_default=None,
        metadata={"description": "Your own number for this person; no two fans have the same."},
    )
    display_name = Text(minimum=1, maximum=2000, load_default=None)
    email = Text(
        maximum=254,
        pattern=r"^[^@\s]+@[^@\s]+$",
        error_messages={"pattern": "Not an e-mail address."},
        load_default=None,
        metadata={"description": "No two fans have the same, whatever the case of its letters."},
    )
    language = fields.String(validate=validate.OneOf(LANGUAGES), load_default="fr")


class AccountSchema(Answer):
    """A network account of a fan."""

    network = fields.String()
    external_id = fields.String()
    name = fields.String(allow_none=True, metadata={"description": "As the network shows it."})
    linked_at = Moment(allow_none=True)


class KnownFanSchema(Answer):
    """A fan."""

    id = Id()
    reference = fields.String(allow_none=True)
    display_name = fields.String(allow_none=True)
    email = fields.String(allow_none=True)
    language = fields.String(metadata={"enum": list(LANGUAGES)})
    created_at = Moment()


class FanWithAccountsSchema(KnownFanSchema):
    """A fan and the network accounts linked to this fan."""

    identities = fields.List(fields.Nested(AccountSchema))
    tier = fields.String(allow_none=True, metadata={"description": "Its slug; null: none. See `/fans/{id}/tier`."})


class LotSchema(Answer):
    """Points that expire together."""

    points = WholeNumber(minimum=1)
    expires_at = Moment(allow_none=True, metadata={"description": "null: never."})


class WaitingSchema(Answer):
    """Points that cannot be spent yet."""

    points = WholeNumber(minimum=1)
    available_at = Moment(metadata={"description": "From when they can be."})


class BalanceSchema(Answer):
    """What a fan, or an account nobody has linked yet, has at this moment."""

    fan = Id(allow_none=True, description="null: nobody has linked the account yet.")
    points = WholeNumber(minimum=0, metadata={"description": "Can be spent now."})
    held = WholeNumber(minimum=0, metadata={"description": "Set aside, not in `points`."})
    pending = WholeNumber(minimum=0, metadata={"description": "Given and not in `points` yet: see `waits`."})
    status_points = WholeNumber(minimum=0, metadata={"description": "For rank; never spent."})
    debt = WholeNumber(
        minimum=0, metadata={"description": "Taken back after it was spent: what is earned next pays it first."}
    )
    lots = fields.List(
        fields.Nested(LotSchema), metadata={"description": "What the points are made of, soonest expiry first."}
    )
    waits = fields.List(fields.Nested(WaitingSchema), metadata={"description": "What is pending, the soonest first."})


class EntrySchema(Answer):
    """One change of what a fan has."""

    id = Id(description="Of the entry; its legs share it.")
    leg = WholeNumber(minimum=0)
    unit = fields.String(metadata={"enum": ["points", "status"]})
    change = WholeNumber(metadata={"description": "What it did to the balance of that unit."})
    debit = fields.String(metadata={"description": "The account it was taken from."})
    credit = fields.String(metadata={"description": "The account it went to."})
    cause = fields.String(metadata={"description": "`activity`, `redemption`, `hold`, `transfer`, `expiry` ..."})
    cause_id = Id(description="Of what caused it.")
    expires_at = Moment(
        allow_none=True,
        metadata={
            "description": "Of the points it granted; null: never, or none. "
            "Of status points, the end of the year they count in."
        },
    )
    reverses = Id(allow_none=True, description="The entry it takes back, wholly or in part.")
    effective_at = Moment()
    recorded_at = Moment()


class LinkedSchema(Answer):
    """A network account that is linked now."""

    fan = Id()
    network = fields.String()
    external_id = fields.String()
    points_moved = WholeNumber(minimum=0, metadata={"description": "What it had earned on its own."})


class EntriesQuery(PageQuery):
    """Which entries."""

    cursor = PairCursor()
