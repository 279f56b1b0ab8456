"""Sentences for people, in each of the programme's languages.

A sentence that belongs to a plug-in or to a refusal stands beside it, as `Words`, so that one new file is enough;
what belongs to a page goes through gettext. Both languages are always given.
"""

from __future__ import annotations

import string
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal

LANGUAGES = ("fr", "en")


class _Speaker(string.Formatter):
    """`{n:n}` a number, `{n:point|points}` the right plural, `{d:date}`, `{d:moment}`: as the language writes them."""

    def __init__(self, language: str, time_zone: Any = None) -> None:
        self.language = language
        self.time_zone = time_zone

    def format_field(self, value: Any, format_spec: str) -> Any:
        if "|" in format_spec:
            one, many = format_spec.split("|")
            singular = abs(value) < 2 if self.language == "fr" else abs(value) == 1
            return one if singular else many
        if format_spec == "n":
            return format_decimal(value, locale=self.language)
        if format_spec == "list":
            return ", ".join(str(item) for item in value)
        if format_spec in ("date", "moment"):
            return self._when(value, format_spec)
        return super().format_field(value, format_spec)

    def _when(self, value: Any, format_spec: str) -> str:
        if isinstance(value, str):
            value = datetime.fromisoformat(value)
        if isinstance(value, datetime) and self.time_zone is not None:
            value = value.astimezone(self.time_zone)
        if format_spec == "date" or not isinstance(value, datetime):
            return format_date(value if isinstance(value, date) else value.date(), "long", locale=self.language)
        return format_datetime(value, "d MMMM y HH:mm", locale=self.language)


@dataclass(frozen=True, slots=True)
class Words:
    """One sentence in French and in English, with named holes.

    >>> Words(fr="Il manque {n:n} {n:point|points}.", en="{n:n} {n:point|points} missing.").say("en", n=1)
    '1 point missing.'
    """

    fr: str
    en: str

    @classmethod
    def verbatim(cls, text: str) -> Words:
        """A name that is the same in every language, and may hold braces."""
        said = text.replace("{", "{{").replace("}", "}}")
        return cls(fr=said, en=said)

    def say(self, language: str, *, time_zone: Any = None, **holes: Any) -> str:
        """The sentence in `language` (English for one we do not speak), its holes filled as that language writes."""
        language = language if language in LANGUAGES else "en"
        return _Speaker(language, time_zone).vformat(getattr(self, language), (), holes)

    def both(self, holes: Mapping[str, Any], *, time_zone: Any = None) -> dict[str, str]:
        """The sentence in every language, by language code."""
        return {language: self.say(language, time_zone=time_zone, **holes) for language in LANGUAGES}
