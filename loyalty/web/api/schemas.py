"""What every answer and every question of the API is made of."""

import base64
import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, TypeVar

from marshmallow import Schema, fields, validate

from loyalty.fields import BIGGEST, WholeNumber

Row = TypeVar("Row")

MOST_PER_PAGE = 200
_LAST = str(BIGGEST)


class Answer(Schema):
    """What we say; every member is always there, null where there is nothing."""


class Id(fields.String):
    """A number of 63 bits as a decimal text: JavaScript would round it."""

    default_error_messages = {"invalid": "Not an identifier: decimal digits in a text."}

    def __init__(self, *, description: str = "", **options: Any) -> None:
        metadata = {"pattern": r"^[1-9][0-9]{0,18}$", "example": "912626453030371744"}
        if description:
            metadata["description"] = description
        super().__init__(metadata=metadata, **options)

    def _serialize(self, value: Any, attr: str | None, obj: Any, **options: Any) -> str | None:
        return None if value is None else str(value)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **options: Any) -> Any:
        number = identifier(value) if isinstance(value, str) else None
        if number is None:
            raise self.make_error("invalid")
        return number


def identifier(text: str) -> int | None:
    """The identifier `text` spells, or None: no sign, no zero before it, 63 bits."""
    if not text.isascii() or not text.isdigit() or len(text) > len(_LAST) or text.startswith("0"):
        return None
    return int(text) if int(text) <= BIGGEST else None


class QueryNumber(fields.Integer):
    """A whole number in the query: ASCII digits and nothing else."""

    def __init__(self, *, minimum: int, maximum: int, **options: Any) -> None:
        super().__init__(strict=True, validate=validate.Range(minimum, maximum), **options)

    def _validated(self, value: Any) -> int:
        if not isinstance(value, str) or not value.isascii() or not value.isdigit() or len(value) > 18:
            raise self.make_error("invalid")
        return int(value)


class Cursor(fields.String):
    """Where the next page begins: a number, a pair of numbers or a name; opaque to clients."""

    default_error_messages = {"invalid": "Not a cursor of this list: use `next` of the page before."}

    def __init__(self, pattern: str = r"\d{1,19}") -> None:
        self._pattern = pattern
        says = "`next` of the page before; without it, the first page."
        super().__init__(load_default=None, metadata={"description": says, "maxLength": 400})

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **options: Any) -> Any:
        try:
            padded = value.encode("ascii") + b"=" * (-len(value) % 4)
            mark = base64.b64decode(padded, b"-_", validate=True).decode("ascii")
        except ValueError:
            raise self.make_error("invalid") from None
        if not re.fullmatch(self._pattern, mark, re.ASCII):
            raise self.make_error("invalid")
        return self._mark(mark)

    def _mark(self, text: str) -> Any:
        return min(int(text), BIGGEST)


class NameCursor(Cursor):
    """Where the next page begins, in a list in the order of slugs."""

    def __init__(self) -> None:
        super().__init__(r"[a-z0-9-]{1,255}")

    def _mark(self, text: str) -> Any:
        return text


class PairCursor(Cursor):
    """Where the next page begins, in a list in the order of two numbers."""

    def __init__(self) -> None:
        super().__init__(r"\d{1,19}\.\d{1,9}")

    def _mark(self, text: str) -> Any:
        first, _, second = text.partition(".")
        return min(int(first), BIGGEST), int(second)


class PageQuery(Schema):
    """Which page of a list."""

    limit = QueryNumber(
        minimum=1,
        maximum=MOST_PER_PAGE,
        load_default=50,
        metadata={"description": "At most so many items."},
    )
    cursor = Cursor()


class NamedPageQuery(PageQuery):
    """Which page of a list in the order of names."""

    cursor = NameCursor()


def page(rows: Sequence[Row], limit: int, mark: Callable[[Row], object]) -> dict[str, Any]:
    """One page.

    Args:
        rows: as found when asked for one more than `limit`: the one more says that a page follows.
        mark: what tells where a row stands, as the list's cursor reads it.
    """
    more = len(rows) > limit
    return {"items": rows[:limit], "next": _cursor(mark(rows[limit - 1])) if more else None}


@cache
def page_of(item: type[Answer]) -> type[Answer]:
    """The schema of a page of `item`."""
    name = item.__name__.removesuffix("Schema")
    members = {
        "__doc__": "One page of a list.",
        "items": fields.List(fields.Nested(item)),
        "next": fields.String(
            allow_none=True, metadata={"description": "The cursor of the next page; null on the last one."}
        ),
    }
    return type(f"{name}PageSchema", (Answer,), members)


def _cursor(mark: object) -> str:
    return base64.urlsafe_b64encode(str(mark).encode("ascii")).decode("ascii").rstrip("=")


class SentenceSchema(Answer):
    """The same sentence in each language."""

    fr = fields.String()
    en = fields.String()


class ProblemSchema(Schema):
    """A refusal or a failure (RFC 9457). Other members say what the sentence names: a number missing, a date."""

    class Meta:
        unknown = "include"

    type = fields.String(required=True, metadata={"format": "uri-reference", "description": "Explains the code."})
    title = fields.String(required=True, metadata={"description": "The code in words."})
    status = WholeNumber(minimum=400, maximum=599, required=True)
    code = fields.String(required=True, metadata={"description": "For programs; it does not change."})
    detail = fields.String(
        required=True, metadata={"description": "For people, in the language of Accept-Language: French or English."}
    )
    errors = fields.Raw(metadata={"description": "What is wrong, by field."})
    request_id = fields.String(metadata={"description": "Give it to us when you ask about this answer."})
