"""How to earn: each rule in force in one sentence."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, tzinfo
from functools import lru_cache

from flask import render_template

from loyalty import clock
from loyalty.i18n import point_names
from loyalty.rules.evaluate import MEASURE_ONLY, STATUS_ONLY
from loyalty.rules.sentence import rule_sentence
from loyalty.web.fan import facts
from loyalty.web.fan.blueprint import pages
from loyalty.web.guards import guard
from loyalty.web.language import spoken
from loyalty.web.services import current_services


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One way to earn.

    Attributes:
        name, sentence: in the language of the request.
        gain: "+30", "×3", or None where the sentence says it best.
        status: whether it earns status points.
        once: whether it has an end for each fan: no reason to come back.
    """

    name: str
    sentence: str
    gain: str | None
    status: bool
    once: bool


@pages.get("/earn")
@guard("visitor")
def how_to_earn() -> str:
    """Every way to earn."""
    return render_template("fan/earn.html", ways=ways(clock.now()))


def ways(now: datetime) -> list[Way]:
    """What earns now: spendable points first, the most first."""
    language, zone, names = spoken(), current_services().zone(), tuple(sorted(facts.shows().items()))
    found = []
    for said in facts.rules_in_force():
        body = said.body
        ended = body["to"] is not None and datetime.fromisoformat(body["to"]) <= now
        if body["enabled"] and not ended and body["class"] != MEASURE_ONLY:
            found.append((_order(body), _way(said.text, language, zone, names, point_names(language))))
    return [way for _, way in sorted(found, key=lambda each: each[0])]


def _order(body: dict[str, object]) -> tuple[bool, bool, int, str]:
    earn = body["earn"]
    assert isinstance(earn, dict)
    return (body["class"] == STATUS_ONLY, "multiply_percent" not in earn, -earn.get("fixed", 0), str(body["name"]))


@lru_cache(maxsize=2048)
def _way(body: str, language: str, zone: tzinfo, names: tuple[tuple[str, str], ...], called: tuple[str, str]) -> Way:
    rule = json.loads(body)
    earn = rule["earn"]
    gain = None
    if "multiply_percent" in earn:
        gain = f"×{earn['multiply_percent'] / 100:g}".replace(".", "," if language == "fr" else ".")
    elif "fixed" in earn:
        gain = f"+{earn['fixed']}"
    elif "points" in earn:
        gain = f"+{earn['points']}"
    return Way(
        name=rule["name"][language],
        sentence=rule_sentence(rule, language, zone, shows=dict(names)),
        gain=gain,
        status=rule["class"] == STATUS_ONLY,
        once="ever" in rule["limits"],
    )
