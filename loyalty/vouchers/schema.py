"""What a partner's device may say about a code it read; unknown fields are refused."""

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, ValidationError, post_load, validates_schema

from loyalty.fields import Moment, Text

NONCE = r"^[\x21-\x7e]{1,64}$"


class ReadingSchema(Schema):
    """A code: scanned, as a token or the address it stands in, or typed by hand.

    Loads `text`.
    """

    token = Text(minimum=1, maximum=1024, metadata={"description": "What was scanned: the token, or its address."})
    code = Text(minimum=1, maximum=40, metadata={"description": "What was typed by hand."})

    @validates_schema(skip_on_field_errors=True)
    def _one_of_them(self, given: Mapping[str, Any], **_: Any) -> None:
        if ("token" in given) == ("code" in given):
            raise ValidationError("Give either token or code.", "token")

    @post_load
    def _text(self, given: dict[str, Any], **_: Any) -> dict[str, Any]:
        token, code = given.pop("token", None), given.pop("code", None)
        return {"text": token if token is not None else code, **given}


class ScanSchema(ReadingSchema):
    """A code to be used."""

    nonce = Text(
        maximum=64,
        pattern=NONCE,
        error_messages={"pattern": "Must be 1 to 64 visible ASCII characters."},
        metadata={"description": "Made by the device, new for each attempt; the same gets the same answer."},
        required=True,
    )
    scanned_at = Moment(
        load_default=None,
        metadata={"description": "When, by the device's clock: kept with the scan. Whether it counts, ours decides."},
    )


class AnnulSchema(Schema):
    """A scan to be taken back."""

    explanation = Text(minimum=1, maximum=500, required=True, metadata={"description": "Why."})
