"""Sentences for people, in each of the programme's languages.

A sentence that belongs to a plug-in or to a refusal stands beside it, as `Words`, so that one new file is enough;
what belongs to a page goes through gettext. Both languages are always given.
"""

from __future__ import annotations

import string
from collections.abc import Callable, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from babel.dates import format_date
from babel.numbers import format_decimal

LANGUAGES = ("fr", "en")

PointNames = Mapping[str, Sequence[str]]  # by language: one, several
POINT_NAMES: PointNames = MappingProxyType(dict.fromkeys(LANGUAGES, ("point", "points")))
_called: ContextVar[Callable[[], PointNames]] = ContextVar("called", default=lambda: POINT_NAMES)


def call_points(names: Callable[[], PointNames]) -> None:
    """Say points as the station calls them from here on, in this request or command; asked when there are some to say.

    Set where words leave for people, never in a stage: what is kept and compared holds numbers.
    """
    _called.set(names)


def point_names(language: str) -> tuple[str, str]:
    """What the station calls one of its points, and several."""
    one, several = _called.get()().get(language, POINT_NAMES["en"])
    return one, several


def point_word(count: float, language: str) -> str:
    """Its name for so many."""
    one, several = point_names(language)
    return one if _is_one(count, language) else several


def _is_one(count: float, language: str) -> bool:
    return abs(count) < 2 if language == "fr" else abs(count) == 1


class _Speaker(string.Formatter):
    """`{n:n}` a number, `{n:day|days}` the right plural, `{d:date}`, `{d:moment}`: as the language writes them.

    `{n:points}` is so many of the station's points, `{n:point_word}` their name alone, `{our_points}` several of them.
    A sentence around that name never depends on its gender or its first letter: "vos", "des", "les", not "aucun", "de".
    """

    def __init__(self, language: str, time_zone: Any = None) -> None:
        self.language = language
        self.time_zone = time_zone

    def format_field(self, value: Any, format_spec: str) -> Any:
        if "|" in format_spec:
            one, many = format_spec.split("|")
            return one if _is_one(value, self.language) else many
        if format_spec == "points":
            return f"{format_decimal(value, locale=self.language)} {point_word(value, self.language)}"
        if format_spec == "point_word":
            return point_word(value, self.language)
        if format_spec == "n":
            return format_decimal(value, locale=self.language)
        if format_spec == "list":
            return ", ".join(str(item) for item in value)
        if format_spec in ("date", "moment"):
            return self._when(value, format_spec)
        return super().format_field(value, format_spec)

    def get_value(self, key: int | str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        if key == "our_points" and key not in kwargs:
            return point_names(self.language)[1]
        return super().get_value(key, args, kwargs)

    def _when(self, value: Any, format_spec: str) -> str:
        if isinstance(value, str):
            value = datetime.fromisoformat(value)
        if isinstance(value, datetime) and self.time_zone is not None:
            value = value.astimezone(self.time_zone)
        is_day = format_spec == "date" or not isinstance(value, datetime)
        return written_day(value, self.language) if is_day else written_moment(value, self.language)


@lru_cache(maxsize=4096)
def written_day(day: date, language: str, *, year: bool = True) -> str:
    """30 novembre 2026, the first of a month as "1er" in French; the day first in English too."""
    said = format_date(day, "d MMMM y" if year else "d MMMM", locale=language)
    return f"1er{said[1:]}" if language == "fr" and day.day == 1 else said


def written_moment(at: datetime, language: str) -> str:
    """30 novembre 2026 à 18:30, of the time zone it is in."""
    between = {"fr": "à", "en": "at"}[language]
    return f"{written_day(at, language)} {between} {at:%H:%M}"


@dataclass(frozen=True, slots=True)
class Words:
    """One sentence in French and in English, with named holes.

    >>> Words(fr="Encore {n:n} {n:jour|jours}.", en="{n:n} {n:day|days} left.").say("en", n=1)
    '1 day left.'
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
