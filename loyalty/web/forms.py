"""What a browser's form says, checked: unknown fields are refused, and what is wrong is told by field."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import request
from marshmallow import Schema, ValidationError, fields, validate

from loyalty.errors import Invalid
from loyalty.fields import Text
from loyalty.i18n import LANGUAGES

TOKEN = "csrf_token"  # noqa: S105 - the name of a field


class Box(fields.Boolean):
    """A box that is ticked or not: browsers leave out the one that is not."""

    def __init__(self, **options: Any) -> None:
        super().__init__(truthy={"on"}, falsy={"off"}, load_default=False, **options)


def email(**options: Any) -> Text:
    """An e-mail address, as far as one can tell without writing to it."""
    return Text(maximum=254, pattern=r"\s*[^@\s<>\"]+@[^@\s<>\"]+\.[^@\s<>\".]+\s*", required=True, **options)


def language() -> fields.String:
    """One of our languages."""
    return fields.String(required=True, validate=validate.OneOf(LANGUAGES))


def read(schema: Schema) -> dict[str, Any]:
    """The fields of the request's form.

    Raises:
        Invalid: with what is wrong, by field.
    """
    try:
        said: dict[str, Any] = schema.load(given())
    except ValidationError as problem:
        raise Invalid(problem.messages) from None
    return said


def given() -> Mapping[str, str]:
    """The fields as they came, to be shown again."""
    return {name: value for name, value in request.form.items() if name != TOKEN}
