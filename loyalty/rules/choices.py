"""The fields that conditions share: a set of texts, the words that name networks and kinds, a time of day."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import fields, validate

from loyalty.fields import Text

MOST_CHOICES = 200


class Choices(fields.List[str]):
    """From 1 to 200 texts, kept in alphabetical order and each once: however a set is written, it is one."""

    default_error_messages = {"many": "At most {most} values."}

    def __init__(self, inner: Text, **options: Any) -> None:
        super().__init__(inner, validate=validate.Length(1, MOST_CHOICES), **options)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **options: Any) -> list[Any]:
        if not isinstance(value, list):
            raise self.make_error("invalid")
        if len(value) > MOST_CHOICES:  # before a million of them are looked at one by one
            raise self.make_error("many", most=MOST_CHOICES)
        return sorted({str(each) for each in super()._deserialize(value, attr, data, **options)})


def word() -> Text:
    """The name of a network or a kind, as activities spell them: "twitch", "live_chat"."""
    return Text(
        minimum=1,
        maximum=60,
        pattern=r"^[a-z0-9][a-z0-9_\-]{0,59}$",
        error_messages={"pattern": "Must be lower-case letters, digits, - and _."},
    )


class ClockTime(Text):
    """What a clock shows, from "00:00" to "23:59"."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$",
            error_messages={"pattern": "Must be a time of day from 00:00 to 23:59."},
            **options,
        )
