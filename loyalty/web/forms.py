"""What a browser's form says, checked: unknown fields are refused, and what is wrong is told by field."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from flask import request
from marshmallow import Schema, ValidationError, fields, missing, validate

from loyalty.errors import Invalid, NotFound, Refused
from loyalty.fields import EARLIEST, LATEST, Text
from loyalty.i18n import LANGUAGES
from loyalty.web import field_errors
from loyalty.web.language import spoken
from loyalty.web.services import current_services

TOKEN = "csrf_token"  # noqa: S105 - the name of a field
PROOF = "proof"  # the code of the second factor, where a form is asked for it: see staff_guard.py
_SPACES = str.maketrans("", "", " \u00a0\u202f\u2009")


class Box(fields.Boolean):
    """A box that is ticked or not: browsers leave out the one that is not."""

    def __init__(self, **options: Any) -> None:
        super().__init__(truthy={"on"}, falsy={"off"}, load_default=False, **options)


class Number(fields.Field[int]):
    """A whole number as people type it: "1 250"; a field left empty is None where that is allowed."""

    default_error_messages = {"invalid": "Not a whole number."}

    def __init__(self, *, minimum: int, maximum: int, **options: Any) -> None:
        super().__init__(validate=validate.Range(minimum, maximum), **options)

    def deserialize(self, value: Any, attr: str | None = None, data: Any = None, **options: Any) -> Any:
        """As marshmallow has it, but an empty field is one that is not there."""
        return super().deserialize(_or_missing(value), attr, data, **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> int:
        said = str(value).translate(_SPACES)
        if not re.fullmatch(r"[-−]?[0-9]{1,18}", said, re.ASCII if said.isascii() else 0):
            raise self.make_error("invalid")
        return int(said.replace("−", "-"))


class LocalMoment(fields.Field[datetime]):
    """A date and time without a zone, as browsers send it: the programme's. In the hour that a clock going back
    repeats, the first; in the one it leaves out, as much later."""

    default_error_messages = {"invalid": "Not a date and time."}

    def deserialize(self, value: Any, attr: str | None = None, data: Any = None, **options: Any) -> Any:
        """As marshmallow has it, but an empty field is one that is not there."""
        return super().deserialize(_or_missing(value), attr, data, **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> datetime:
        said = str(value).strip()
        if not re.fullmatch(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?", said, re.ASCII):
            raise self.make_error("invalid")
        try:
            at = datetime.fromisoformat(said).replace(tzinfo=current_services().zone()).astimezone(UTC)
        except (ValueError, OverflowError):
            raise self.make_error("invalid") from None
        if not EARLIEST <= at < LATEST:
            raise self.make_error("invalid")
        return at


def local_value(at: datetime | None) -> str:
    """An instant as the field of a form shows it."""
    return "" if at is None else at.astimezone(current_services().zone()).strftime("%Y-%m-%dT%H:%M")


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
    return {name: value for name, value in request.form.items() if name not in (TOKEN, PROOF)}


def refilled(refused: Refused) -> dict[str, Any]:
    """What a page shows once more after a refusal: the form as it was filled in, and what is wrong with it.

    Raises:
        NotFound: what it is about is not there.
    """
    if isinstance(refused, NotFound):
        raise refused
    if isinstance(refused, Invalid):
        return {"form": given(), "errors": field_errors.in_words(refused.errors, spoken())}
    return {"form": given(), "refused": refused.say(spoken())}


def _or_missing(value: Any) -> Any:
    return missing if isinstance(value, str) and not value.strip() else value
