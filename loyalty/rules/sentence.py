"""How to earn: a rule told to fans in one sentence, in French and English."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from types import MappingProxyType
from typing import Any

from babel.numbers import format_decimal

from loyalty.i18n import Words
from loyalty.rules.evaluate import MEASURE_ONLY
from loyalty.rules.schema import loaded
from loyalty.rules.speech import all_of, duration, either, euros, gain, times
from loyalty.rules.tree import ALL, ANY, Leaf, Node, leaves

_EARN = Words(fr="Vous gagnez {gains}", en="You earn {gains}")
_MULTIPLY = Words(fr="Ce que vous gagnez est multiplié par {factor}", en="What you earn is multiplied by {factor}")
_MEASURE = Words(fr="Sans rien rapporter, cette règle compte", en="Without earning anything, this rule counts")
_PER = Words(fr="{gain} par tranche de {per:n} unités", en="{gain} for every {per:n} units")
_PER_ONE = Words(fr="{gain} par unité", en="{gain} for each unit")
_PER_ANSWER = Words(fr="{gain} par bonne réponse", en="{gain} for each right answer")
_PER_EUROS = Words(fr="{gain} par tranche de {euros}", en="{gain} for every {euros}")
_WHEN = Words(fr="{start} quand {deed}", en="{start} when {deed}")
_TAKE_PART = Words(fr="vous participez", en="you take part")
_EXCEPT = Words(fr="sauf {what}", en="except {what}")
_EXCEPT_WHEN = Words(fr="sauf quand {what}", en="except when {what}")
_UP_TO = Words(fr="dans la limite de {limits}", en="up to {limits}")
_PERIODS = {
    "per_day": Words(fr="{what} par jour", en="{what} a day"),
    "per_week": Words(fr="{what} par semaine", en="{what} a week"),
    "ever": Words(fr="{what} en tout", en="{what} in all"),
}
_APART = Words(fr="à {apart} d’intervalle au moins", en="at least {apart} apart")
_BUDGET = Words(
    fr="tant qu’il en reste sur {budget:points} pour tous",
    en="as long as any of the {budget:points} set aside for everyone are left",
)
_FROM = Words(fr="à partir du {day:date}", en="from {day:date} on")
_UNTIL = Words(fr="jusqu’au {day:date}", en="until {day:date}")
_UNTIL_MOMENT = Words(fr="jusqu’au {day:moment}", en="until {day:moment}")
_PENDING = Words(fr="à dépenser {after} plus tard", en="to be spent {after} later")
_PAUSED = Words(fr="{sentence} Cette règle est en pause.", en="{sentence} This rule is paused.")


_NAMELESS: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class _Phrase:
    """What the fan does, where the tree says it; how, when and where; and when it does not count."""

    deed: str | None = None
    details: tuple[str, ...] = ()
    exceptions: tuple[str, ...] = ()

    @property
    def is_clause(self) -> bool:
        """Whether it is told with a verb: "vous commentez", or nothing at all, but not "sur Twitch"."""
        return self.deed is not None or not self.details

    def told(self, language: str) -> str:
        """As a clause: "vous commentez sur Twitch, de 06:00 à 09:00, sauf le dimanche"."""
        first, *rest = (*self.details, *self.exceptions) or ("",)
        between = " " if self.details else ", " if first else ""
        return ", ".join([(self.deed or _TAKE_PART.say(language)) + between + first, *rest])

    def told_bare(self) -> str:
        """Without a deed: "sur Twitch, de 06:00 à 09:00"."""
        return ", ".join((*self.details, *self.exceptions))


def rule_sentence(
    body: Any, language: str, time_zone: tzinfo | None = None, *, shows: Mapping[str, str] = _NAMELESS
) -> str:
    """The rule in one sentence: "Vous gagnez 10 points quand vous commentez sur Twitch, le lundi."

    Args:
        body: of the rule, as `schema.canonical` keeps it.
        time_zone: the programme's, for dates.
        shows: what each is called, by slug.

    Raises:
        Invalid: the body is not one.
    """
    rule = loaded(body)
    what = _phrase(rule["when"], language, shows).told(language)
    parts = [_WHEN.say(language, start=_start(rule, language), deed=what)]
    parts += _limits(rule["limits"], rule["points_class"], language)
    if rule.get("pending_hours"):
        parts.append(_PENDING.say(language, after=duration(rule["pending_hours"] * 3_600, language)))
    parts += _window(rule["starts_at"], rule["ends_at"], language, time_zone)
    sentence = ", ".join(parts) + "."
    return sentence if rule["enabled"] else _PAUSED.say(language, sentence=sentence)


def _start(rule: Mapping[str, Any], language: str) -> str:
    earn, points_class = rule["earn"], rule["points_class"]
    if points_class == MEASURE_ONLY:
        return _MEASURE.say(language)
    if "multiply_percent" in earn:
        return _MULTIPLY.say(language, factor=format_decimal(earn["multiply_percent"] / 100, locale=language))
    gains = []
    if "fixed" in earn:
        gains.append(gain(earn["fixed"], points_class, language))
    if "points" in earn:
        per = earn["per"]
        words = _PER_ONE if per == 1 else _PER
        if _only(rule["when"], "purchase"):
            words = _PER_EUROS
        elif per == 1 and _only(rule["when"], "quiz_answer"):
            words = _PER_ANSWER
        told = gain(earn["points"], points_class, language)
        gains.append(words.say(language, gain=told, per=per, euros=euros(per, language)))
    return _EARN.say(language, gains=all_of(gains, language))


def _only(node: Node, kind: str) -> bool:
    """The quantity of a purchase is its price in cents, of a quiz its right answers, else what its sender counts."""
    kinds = [leaf.parameters["one_of"] for leaf in leaves(node) if leaf.condition.name == "kind"]
    return bool(kinds) and all(each == [kind] for each in kinds)


def _phrase(node: Node, language: str, shows: Mapping[str, str]) -> _Phrase:
    if isinstance(node, Leaf):
        words, holes = node.condition.sentence(node.parameters)
        if "shows" in holes:
            holes = {**holes, "shows": [shows.get(each, each) for each in holes["shows"]]}
        told = words.say(language, **node.condition.spoken(holes, language))
        return _Phrase(deed=told) if node.condition.is_deed else _Phrase(details=(told,))
    phrases = [_phrase(each, language, shows) for each in node.nodes]
    if node.word == ALL:
        deeds = [each.deed for each in phrases if each.deed]
        details = tuple(detail for each in phrases for detail in each.details)
        exceptions = tuple(exception for each in phrases for exception in each.exceptions)
        return _Phrase(all_of(deeds, language) or None, details, exceptions)
    alternatives = _alternatives(phrases, language)
    if node.word == ANY:
        return alternatives
    if alternatives.is_clause:
        return _Phrase(exceptions=(_EXCEPT_WHEN.say(language, what=alternatives.told(language)),))
    return _Phrase(exceptions=(_EXCEPT.say(language, what=alternatives.told_bare()),))


def _alternatives(phrases: Sequence[_Phrase], language: str) -> _Phrase:
    if any(each.is_clause for each in phrases):
        return _Phrase(deed=either((each.told(language) for each in phrases), language))
    return _Phrase(details=(either((each.told_bare() for each in phrases), language),))


def _limits(limits: Mapping[str, Any], points_class: str, language: str) -> list[str]:
    caps = []
    for period, words in _PERIODS.items():
        cap = limits.get(period, {})
        told = [gain(cap["points"], points_class, language)] if "points" in cap else []
        told += [times(cap["times"], language)] if "times" in cap else []
        if told:
            caps.append(words.say(language, what=all_of(told, language)))
    parts = [_UP_TO.say(language, limits=all_of(caps, language))] if caps else []
    if "cooldown_seconds" in limits:
        parts.append(_APART.say(language, apart=duration(limits["cooldown_seconds"], language)))
    if "budget_points" in limits:
        parts.append(_BUDGET.say(language, budget=limits["budget_points"]))
    return parts


def _window(starts_at: datetime | None, ends_at: datetime | None, language: str, time_zone: tzinfo | None) -> list[str]:
    parts = []
    if starts_at is not None:
        parts.append(_FROM.say(language, time_zone=time_zone, day=starts_at))
    if ends_at is not None:
        # "until 30 November" when it ends with that day, and not a moment sooner.
        local = ends_at.astimezone(time_zone)
        whole_days = (local.hour, local.minute, local.second) == (0, 0, 0)
        words, day = (_UNTIL, local - timedelta(days=1)) if whole_days else (_UNTIL_MOMENT, local)
        parts.append(words.say(language, day=day))
    return parts
