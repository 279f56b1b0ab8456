"""The marshmallow fields every boundary shares: a whole number, a text, an instant.

marshmallow's own are too kind: `Integer` turns 1.9 into 1, `String` lets through what a database refuses.
"""

import re
import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from marshmallow import fields, validate

from loyalty import clock

BIGGEST = 2**63 - 1  # what a column keeps
_EXACT_FLOAT = 2**53  # above it a float is no longer one whole number but several
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
LATEST = datetime(9998, 1, 1, tzinfo=UTC)  # a year before the last, so that it exists in every time zone
SKEW = timedelta(minutes=5)  # how far ahead another clock may be

_CONTROL = r"\u0000-\u001f\u007f"
_CONTROL_BUT_LINES = r"\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f"
_UNSTORABLE = re.compile(f"[{_CONTROL_BUT_LINES}]")
# RFC 3339, section 5.6: a date, a time, a zone; networks write up to nanoseconds.
_RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)", re.ASCII)


class WholeNumber(fields.Integer):
    """A whole number within bounds: 1868 and 1868.0 are; 5.7, "5", true and NaN are not."""

    default_error_messages = {"invalid": "Not a whole number."}

    def __init__(self, *, minimum: int = -BIGGEST, maximum: int = BIGGEST, **options: Any) -> None:
        super().__init__(strict=True, validate=validate.Range(minimum, maximum), **options)

    def _validated(self, value: Any) -> int:
        if isinstance(value, float) and value.is_integer() and abs(value) <= _EXACT_FLOAT:
            return int(value)
        if not isinstance(value, int) or isinstance(value, bool):
            raise self.make_error("invalid")
        return value


class Text(fields.String):
    """Characters, in Unicode's normal form C; no NUL or other control character, no half of a surrogate pair.

    Args:
        minimum: length in characters; from 1 on, spaces alone do not count as a text.
        maximum: length in characters.
        lines: whether it may have several lines (line ends and tabs are then no control characters).
        pattern: a regular expression the whole text must match too, in the common tongue of JavaScript and
            Python.
    """

    default_error_messages = {
        "surrogate": "Not valid Unicode: half of a surrogate pair.",
        "control": "Must not contain control characters.",
        "blank": "Must not be blank.",
        "pattern": "Must match {pattern}.",
    }

    def __init__(
        self,
        *,
        minimum: int = 0,
        maximum: int = 255,
        lines: bool = False,
        pattern: str | None = None,
        metadata: Mapping[str, Any] | None = None,
        **options: Any,
    ) -> None:
        allowed = f"[^{_CONTROL_BUT_LINES if lines else _CONTROL}]"
        visible = rf"[^{_CONTROL}\s]"
        self._forbidden = re.compile(f"[{_CONTROL_BUT_LINES if lines else _CONTROL}]")
        self._pattern = pattern
        self._minimum = minimum
        described = pattern or (f"^{allowed}*{visible}{allowed}*$" if minimum else f"^{allowed}*$")
        length = validate.Length(minimum, maximum)
        super().__init__(validate=length, metadata={"pattern": described, **(metadata or {})}, **options)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **options: Any) -> str:
        if not isinstance(value, str):
            raise self.make_error("invalid")
        text = super()._deserialize(value, attr, data, **options)
        try:
            text.encode()
        except UnicodeEncodeError:
            raise self.make_error("surrogate") from None
        if self._forbidden.search(text):
            raise self.make_error("control")
        if self._minimum and not text.strip():
            raise self.make_error("blank")
        if self._pattern and not re.fullmatch(self._pattern, text, re.ASCII):
            raise self.make_error("pattern", pattern=self._pattern)
        return unicodedata.normalize("NFC", text)


class Moment(fields.AwareDateTime):
    """An instant with its time zone, as RFC 3339 writes it; read and written in UTC.

    Args:
        past: whether an instant more than `SKEW` ahead of our clock is refused.
    """

    default_error_messages = {
        "invalid": "Not a date and time with its zone, such as 2026-11-23T08:00:00+01:00.",
        "range": "Must be between 1970 and 9997.",
        "future": "Must not be in the future.",
    }

    def __init__(self, *, past: bool = False, **options: Any) -> None:
        self._past = past
        super().__init__(format="iso", **options)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **options: Any) -> datetime:
        try:
            instant = parse_moment(value)
        except (TypeError, ValueError):
            raise self.make_error("invalid") from None
        except OverflowError:
            raise self.make_error("range") from None
        if not EARLIEST <= instant < LATEST:
            raise self.make_error("range")
        if self._past and instant > clock.now() + SKEW:
            raise self.make_error("future")
        return instant

    def _serialize(self, value: datetime | None, attr: str | None, obj: Any, **options: Any) -> str | None:
        return None if value is None else value.astimezone(UTC).isoformat()


def parse_moment(text: Any) -> datetime:
    """The instant an RFC 3339 text says, in UTC; what is finer than a microsecond is cut off.

    Raises:
        TypeError: it is no text.
        ValueError: it is not RFC 3339, or there is no such date.
        OverflowError: the year in UTC would be before 1 or after 9999.
    """
    if not _RFC3339.fullmatch(text.upper() if isinstance(text, str) else text):
        raise ValueError(f"{text!r} is not a date and time with its zone")
    return datetime.fromisoformat(text.upper()).astimezone(UTC)


def storable(text: str, maximum: int) -> str:
    """`text` as a network sent it, less what no database keeps, cut to `maximum` characters.

    For what is said about an act, where refusing it would lose the act itself.
    """
    readable = text.encode("utf-8", "replace").decode()  # a half surrogate pair becomes "?"
    return unicodedata.normalize("NFC", _UNSTORABLE.sub("", readable))[:maximum]
