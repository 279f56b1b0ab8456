"""How values are said to a reader: alternatives, lengths of time, times of day, points."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from babel.lists import format_list
from babel.numbers import format_currency
from babel.units import format_unit

from loyalty.i18n import Words
from loyalty.rules.evaluate import REDEEMABLE, STATUS_ONLY

_FEW = 5
AND_MORE = "…"
_WHOLE_EUROS = {"fr": "#,##0\N{NO-BREAK SPACE}¤", "en": "¤#,##0"}
_UNITS = ((86_400, "day"), (3_600, "hour"), (60, "minute"))


def either(items: Iterable[str], language: str) -> str:
    """The items as alternatives: "Twitch, Mastodon ou Discord"."""
    return format_list(list(items), style="or", locale=language)


def all_of(items: Iterable[str], language: str) -> str:
    """The items as one: "50 points par jour et 200 points par semaine"."""
    return format_list(list(items), locale=language)


def few(values: Sequence[str]) -> list[str]:
    """At most five of the values, and a sign that there are more: what every verdict keeps stays small."""
    return list(values) if len(values) <= _FEW else [*values[:_FEW], AND_MORE]


def duration(seconds: int, language: str) -> str:
    """A length of time in the largest unit that says it, rounded up beyond two: "90 secondes", "4 heures"."""
    for unit_seconds, unit in _UNITS:
        if seconds % unit_seconds == 0 or seconds > 2 * unit_seconds:
            return format_unit(-(-seconds // unit_seconds), f"duration-{unit}", locale=language)
    return format_unit(seconds, "duration-second", locale=language)


def euros(cents: int, language: str) -> str:
    """A price, without cents where there are none: "1 €", "2,50 €"."""
    if cents % 100:
        return format_currency(cents / 100, "EUR", locale=language)
    return format_currency(cents // 100, "EUR", _WHOLE_EUROS[language], locale=language, currency_digits=False)


_GAINS = {
    REDEEMABLE: Words(fr="{points:points}", en="{points:points}"),
    STATUS_ONLY: Words(fr="{points:points} de statut", en="{points:n} status {points:point_word}"),
}
_TIMES = Words(fr="{times:n} fois", en="{times:n} {times:time|times}")


def gain(points: int, points_class: str, language: str) -> str:
    """Points with their name: "10 points", "10 points de statut"."""
    return _GAINS.get(points_class, _GAINS[REDEEMABLE]).say(language, points=points)


def times(count: int, language: str) -> str:
    """How often: "3 fois"."""
    return _TIMES.say(language, times=count)
