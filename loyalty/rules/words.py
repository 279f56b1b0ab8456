"""Why: the sentence of every reason code, for fans, in French and English."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import tzinfo
from functools import cache
from typing import Any

from loyalty.i18n import Words
from loyalty.rules.condition import Condition
from loyalty.rules.evaluate import REDEEMABLE, STATUS_ONLY
from loyalty.rules.speech import all_of, duration, gain, times
from loyalty.rules.tree import known_conditions

# What `evaluate` and `compile` answer of one rule.
VERDICTS: Mapping[str, Words] = {
    "awarded": Words(fr="Vous gagnez {gain}.", en="You earn {gain}."),
    "awarded_partly": Words(
        fr="Vous gagnez {gain} au lieu de {wanted:n} : {because}.",
        en="You earn {gain} instead of {wanted:n}: {because}.",
    ),
    "measured": Words(
        fr="Participation bien comptée ; cette règle ne rapporte rien.",
        en="Counted; this rule earns nothing.",
    ),
    "rule_paused": Words(fr="Cette règle est en pause.", en="This rule is paused."),
    "not_started": Words(fr="Cette règle commence le {date:date}.", en="This rule starts on {date:date}."),
    "ended": Words(fr="Cette règle s’est terminée le {date:date}.", en="This rule ended on {date:date}."),
    "too_little": Words(
        fr="C’était un peu court : cette règle compte par tranches entières de {per:n}.",
        en="A little short: this rule counts by {per:n} in full.",
    ),
    "cooling_down": Words(
        fr="Une autre activité a déjà compté à moins de {wait} de celle-ci.",
        en="Another activity counted already, less than {wait} from this one.",
    ),
    "cap_reached_day": Words(
        fr="Vous avez atteint la limite du jour : {limit}.",
        en="You have reached the limit of the day: {limit}.",
    ),
    "cap_reached_week": Words(
        fr="Vous avez atteint la limite de la semaine : {limit}.",
        en="You have reached the limit of the week: {limit}.",
    ),
    "cap_reached_ever": Words(
        fr="Vous avez reçu tout ce que cette règle peut donner : {limit}.",
        en="You have received all this rule can give: {limit}.",
    ),
    "budget_exhausted": Words(
        fr="Tout ce qui était prévu pour cette règle a été distribué.",
        en="All that was set aside for this rule has been given out.",
    ),
    "excluded": Words(
        fr="Une autre règle s’est appliquée, et elle ne se cumule pas.",
        en="Another rule applied, and it stands alone.",
    ),
    "not_the_best": Words(fr="Une autre règle vous rapportait davantage.", en="Another rule was worth more to you."),
    "nothing_to_multiply": Words(fr="Il n’y avait rien à multiplier.", en="There was nothing to multiply."),
    "none_of_these": Words(
        fr="Il fallait remplir au moins une condition parmi d’autres : {reasons}",
        en="At least one of several conditions was needed: {reasons}",
    ),
    "ruled_out": Words(
        fr="Cette règle laisse de côté ce type de participation.",
        en="This rule leaves this kind of activity out.",
    ),
    "unreadable": Words(
        fr="Cette règle est momentanément hors service.", en="This rule is out of order for the moment."
    ),
}

# What became of an activity as a whole, where no single rule says it.
OUTCOMES: Mapping[str, Words] = {
    "awarded": Words(fr="Vous gagnez {gains}.", en="You earn {gains}."),
    "measured": Words(fr="Participation bien comptée ; elle ne rapporte rien.", en="Counted; it earns nothing."),
    "no_rule": Words(fr="Aucune règle ne concerne cette activité.", en="No rule is about this activity."),
    "nothing_earned": Words(fr="Cette activité n’a rien rapporté.", en="This activity earned nothing."),
    "withdrawn": Words(
        fr="Cette activité a été retirée, et ce qu’elle avait rapporté avec elle.",
        en="This activity was withdrawn, and what it had earned with it.",
    ),
}
_HOLE = re.compile(r"\{[^}]*\}")
UNKNOWN = Words(fr="La raison n’est pas connue.", en="The reason is not known.")

# What cut an award short.
_BECAUSE = {
    "cap_reached_day": Words(fr="la limite du jour est atteinte", en="the limit of the day is reached"),
    "cap_reached_week": Words(fr="la limite de la semaine est atteinte", en="the limit of the week is reached"),
    "cap_reached_ever": Words(
        fr="c’est tout ce que cette règle peut encore vous donner",
        en="it is all this rule can still give you",
    ),
    "budget_exhausted": Words(
        fr="c’est tout ce qui restait de prévu pour cette règle",
        en="it is all that was left for this rule",
    ),
}


def explain(verdict: Mapping[str, Any], language: str, time_zone: tzinfo | None = None) -> str:
    """The sentence of one verdict, as `evaluate.Verdict.kept` says; never fails, whatever version kept it.

    Args:
        time_zone: the programme's, for dates.
    """
    found = words_of(verdict.get("reason", ""))
    if found is None:
        return UNKNOWN.say(language)
    words, condition = found
    try:
        holes = condition.spoken(verdict.get("holes", {}), language) if condition else _spoken(verdict, language)
        return words.say(language, time_zone=time_zone, **holes)
    except (AttributeError, KeyError, TypeError, ValueError):  # kept by another version, with other holes
        return UNKNOWN.say(language)


def explain_outcome(
    reason: str,
    verdicts: Sequence[Mapping[str, Any]],
    language: str,
    *,
    points: int = 0,
    status_points: int = 0,
    time_zone: tzinfo | None = None,
) -> str:
    """The sentence of an activity as a whole: what was gained in all, or the reason that was told first.

    Args:
        reason: the activity's.
        verdicts: the activity's, as they are kept.
    """
    if reason in OUTCOMES:
        return OUTCOMES[reason].say(language, gains=_gains(points, status_points, language))
    telling = next((each for each in verdicts if each.get("reason") == reason), {"reason": reason})
    return explain(telling, language, time_zone)


def words_of(code: str) -> tuple[Words, Condition | None] | None:
    """The words of a reason code of a rule, and the condition that gives it if one does."""
    return (VERDICTS[code], None) if code in VERDICTS else _of_conditions().get(code)


def reason_title(code: str, language: str) -> str:
    """The sentence of a reason code, what it counts left open: for where only the code is known."""
    found = OUTCOMES.get(code) or (words_of(code) or (UNKNOWN,))[0]
    return _HOLE.sub("…", getattr(found, language)).rstrip(". ")


def reasons(language: str) -> list[tuple[str, str]]:
    """Every reason code with its sentence, what the sentence counts left open: to choose one by."""
    codes = {*OUTCOMES, *VERDICTS, *_of_conditions()}
    return sorted(((code, reason_title(code, language)) for code in codes), key=lambda each: each[1])


@cache
def _of_conditions() -> Mapping[str, tuple[Words, Condition]]:
    found = {}
    for condition in known_conditions().values():
        for code, words in condition.reasons.items():
            assert code not in found and code not in VERDICTS, f"two reasons have the code {code!r}"
            found[code] = (words, condition)
    return found


def _spoken(verdict: Mapping[str, Any], language: str) -> dict[str, Any]:
    """The holes of our own sentences, those that need more than a number or a date made ready."""
    points_class = verdict.get("class", REDEEMABLE)
    holes = dict(verdict.get("holes", {}))
    holes["gain"] = gain(verdict.get("points", 0), points_class, language)
    if "seconds" in holes:
        holes["wait"] = duration(holes["seconds"], language)
    if "cap" in holes:
        by_times = holes.get("counted") == "times"
        holes["limit"] = times(holes["cap"], language) if by_times else gain(holes["cap"], points_class, language)
    if "because" in holes:
        holes["because"] = _BECAUSE[holes["because"]].say(language)
    if "reasons" in holes:
        told = (explain(each, language) for each in holes["reasons"])
        holes["reasons"] = " ".join(f"({number}) {sentence}" for number, sentence in enumerate(told, 1))
    return holes


def _gains(points: int, status_points: int, language: str) -> str:
    told = [gain(points, REDEEMABLE, language)] if points or not status_points else []
    told += [gain(status_points, STATUS_ONLY, language)] if status_points else []
    return all_of(told, language)
