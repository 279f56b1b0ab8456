"""What the address of a page of the admin says: filters and where the page begins; what cannot be is left out."""

from __future__ import annotations

from typing import Any

from flask import request
from marshmallow import Schema, fields

from loyalty.web.api.schemas import identifier


class Before(fields.Field[int]):
    """The number before which the page begins; None: the latest."""

    default_error_messages = {"invalid": "Not a number."}

    def __init__(self, **options: Any) -> None:
        super().__init__(load_default=None, **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> int:
        number = identifier(str(value))
        if number is None:
            raise self.make_error("invalid")
        return number


def query(schema: Schema) -> dict[str, Any]:
    """The address, read: an empty field is none, and what is wrong is as if it had not been said.

    A filter comes from a form of ours, an old bookmark or a slip: the page then shows more than was asked, and the
    form above it shows what it filters by.
    """
    given = {name: value for name, value in request.args.items() if value.strip() and name in schema.fields}
    wrong = schema.validate(given)
    said: dict[str, Any] = schema.load({name: value for name, value in given.items() if name not in wrong})
    return said
