"""Rules told to staff: their state, their class, what an edit changes, what the networks say."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import g
from flask_babel import gettext

from loyalty.errors import Invalid
from loyalty.fields import parse_moment
from loyalty.programme.find import shows
from loyalty.rules.condition import Known
from loyalty.rules.conditions.kind import DEEDS
from loyalty.rules.conditions.network import NAMES
from loyalty.rules.difference import difference
from loyalty.rules.evaluate import MEASURE_ONLY, REDEEMABLE, STATUS_ONLY
from loyalty.rules.find import KeptRevision, KeptRule
from loyalty.rules.hints import is_over
from loyalty.rules.policy import Finding, findings
from loyalty.rules.policy_table import ALLOWED as ALLOWED
from loyalty.rules.policy_table import FORBIDDEN as FORBIDDEN
from loyalty.rules.policy_table import GREY as GREY
from loyalty.rules.sentence import rule_sentence
from loyalty.rules.tree import known_conditions
from loyalty.web.admin.wording import actor as actor
from loyalty.web.language import spoken
from loyalty.web.services import current_services

IN_FORCE, SCHEDULED, PAUSED, ENDED = "in_force", "scheduled", "paused", "ended"
STATES = (IN_FORCE, SCHEDULED, PAUSED, ENDED)
CLASSES = (REDEEMABLE, STATUS_ONLY, MEASURE_ONLY)
ICONS = {IN_FORCE: "good", SCHEDULED: "waiting", PAUSED: "paused", ENDED: "over"}
_LINE = re.compile(r"(?P<path>[^:]+): (?:(?P<sign>[+-]) (?P<item>.*)|(?P<before>.*) -> (?P<after>.*))", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that an edit changes: where, and what it was and is, in words where there are some."""

    where: str
    before: str | None
    after: str | None


def state_name(state: str) -> str:
    """In force, scheduled, paused, ended."""
    names = {
        IN_FORCE: gettext("In force"),
        SCHEDULED: gettext("Scheduled"),
        PAUSED: gettext("Paused"),
        ENDED: gettext("Ended"),
    }
    return str(names[state])


def class_name(points_class: str) -> str:
    """What its points are good for."""
    names = {
        REDEEMABLE: gettext("Points to spend"),
        STATUS_ONLY: gettext("Status points"),
        MEASURE_ONLY: gettext("Counted only"),
    }
    return str(names.get(points_class, points_class))


def state_of(rule: KeptRule, now: datetime) -> tuple[str, KeptRevision]:
    """The state of a rule, and the revision it is told by: the one in force, or else the first to come."""
    revision = rule.in_force(now)
    if revision is None:
        return SCHEDULED, (rule.scheduled(now) or [rule.latest])[0]
    body = revision.body
    if not body.get("enabled", True):
        return PAUSED, revision
    if is_over(body, now):
        return ENDED, revision
    begins = body.get("from")
    return SCHEDULED if begins and parse_moment(begins) > now else IN_FORCE, revision


def sentence(body: Any, language: str | None = None) -> str:
    """The rule as fans are told it."""
    try:
        return rule_sentence(body, language or spoken(), current_services().zone(), shows=_shows())
    except Invalid:
        return str(gettext("It can no longer be read: it names a condition that is no more."))


def _shows() -> dict[str, str]:
    """What each show is called; read once a page."""
    if "shows" not in g:
        g.shows = current_services().db.read(shows)
    return dict(g.shows)


def told_findings(body: Any) -> list[Finding]:
    """What the networks say of it; nothing while it is not valid."""
    try:
        return findings(body)
    except Invalid:
        return []


def network_name(network: str) -> str:
    """As it writes itself."""
    return NAMES.get(network, network)


def kind_names(kinds: Sequence[str]) -> str:
    """What fans do, for each kind."""
    return ", ".join(DEEDS[kind].say(spoken()) if kind in DEEDS else kind for kind in kinds[:6]) + (
        "…" if len(kinds) > 6 else ""
    )


def changes(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> list[Change]:
    """What leads from one body to the other, line by line."""
    found = []
    for line in difference(before, after):
        matched = _LINE.fullmatch(line)
        if matched is None:
            found.append(Change(line, None, None))
        elif matched["sign"]:
            said = _said(matched["item"])
            found.append(Change(_where(matched["path"]), *((None, said) if matched["sign"] == "+" else (said, None))))
        else:
            found.append(Change(_where(matched["path"]), _said(matched["before"]), _said(matched["after"])))
    return found


def _where(path: str) -> str:
    """The place of a change: "limits.per_day.points" is "per day, points"."""
    steps = re.sub(r"\[\d+\]", "", path).split(".")
    known, language, told = known_conditions(), spoken(), []
    questions: Mapping[str, Any] = {}
    for step in steps:
        if step in known and steps[0] == "when":
            told.append(known[step].title.say(language))
            questions = known[step].questions(Known())
        elif step in questions:
            told.append(questions[step].label.say(language))
        else:
            told.append(_word(step))
    return " · ".join(each for each in told if each)


def _word(step: str) -> str:
    words = {
        "name": gettext("Name"),
        "fr": gettext("in French"),
        "en": gettext("in English"),
        "class": gettext("Kind of points"),
        "enabled": gettext("Counts"),
        "when": gettext("When"),
        "all": "",
        "any": gettext("at least one of"),
        "none": gettext("except"),
        "earn": gettext("Earns"),
        "fixed": gettext("points each time"),
        "points": gettext("points"),
        "per": gettext("for every so many units"),
        "multiply_percent": gettext("multiplied by, in percent"),
        "limits": gettext("Limits"),
        "per_day": gettext("a day"),
        "per_week": gettext("a week"),
        "ever": gettext("in all"),
        "times": gettext("times"),
        "cooldown_seconds": gettext("seconds between two"),
        "budget_points": gettext("budget for everybody"),
        "from": gettext("Begins"),
        "to": gettext("Ends"),
        "pending_hours": gettext("Hours before the points can be spent"),
        "priority": gettext("Priority"),
        "stacking": gettext("With other rules"),
    }
    return str(words.get(step, step))


def _said(text: str) -> str | None:
    """A value of a difference: a condition as its piece of the sentence, an instant as a date, else as it is."""
    try:
        value = json.loads(text)
    except ValueError:
        return None if text == "—" else text
    if isinstance(value, dict) and len(value) == 1 and next(iter(value)) in known_conditions():
        ((name, parameters),) = value.items()
        condition, language = known_conditions()[name], spoken()
        words, holes = condition.sentence(condition.schema().load(parameters))
        if "shows" in holes:
            holes = {**holes, "shows": [_shows().get(each, each) for each in holes["shows"]]}
        return words.say(language, **condition.spoken(holes, language))
    if isinstance(value, bool):
        return str(gettext("yes") if value else gettext("no"))
    if isinstance(value, str):
        return _said_text(value)
    return text


def _said_text(value: str) -> str:
    if value in CLASSES:
        return class_name(value)
    try:
        at = parse_moment(value)
    except (TypeError, ValueError, OverflowError):
        return value
    return at.astimezone(current_services().zone()).strftime("%Y-%m-%d %H:%M")
