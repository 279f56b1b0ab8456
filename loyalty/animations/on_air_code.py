"""The on-air code: the host says it, fans type it while it is fresh.

It is worth `units_at_air` in the first minute and loses the same amount each minute, down to `units_floor` after
`decay_minutes`. A code is short, so that it can be said: what protects it is the window, the attempts, and the alarm
(`anomaly.py`). Before air every answer is told the same; right ones are kept aside, for they are the sign of a leak.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from marshmallow import Schema, ValidationError, validates_schema

from loyalty.animation import Accepted, AnimationKind, Curve, Opened, Said, Sentence, Standing
from loyalty.animations.anomaly import leak
from loyalty.animations.refusals import NotOpenYet
from loyalty.animations.spoken import fold, new_code
from loyalty.errors import Refused
from loyalty.fields import Text, WholeNumber
from loyalty.i18n import Words

MOST_UNITS = 1_000_000
LONGEST_CODE = 40
SHORTEST_FOLDED = 4
_MINUTE = timedelta(minutes=1)


class WrongCode(Refused):
    """It is not the code; how near it was is never said."""

    code = "wrong_code"
    words = Words(
        fr="Ce n’est pas le bon code. Il vous reste {attempts_left:n} {attempts_left:essai|essais}.",
        en="That is not the code. You have {attempts_left:n} {attempts_left:attempt|attempts} left.",
    )


def _number(says: str, label: Words, *, least: int, most: int, default: int, rarely: bool = False) -> WholeNumber:
    told = {"description": says, "label": label, "rarely": rarely}
    return WholeNumber(minimum=least, maximum=most, load_default=default, metadata=told)


class Settings(Schema):
    """How much the code is worth when, and when answers look strange."""

    units_at_air = _number(
        "What it is worth in the first minute.",
        Words(fr="Valeur à l’antenne", en="Worth on air"),
        least=1,
        most=MOST_UNITS,
        default=100,
    )
    units_floor = _number(
        "What it is worth at least.",
        Words(fr="Valeur au plus bas", en="Worth at least"),
        least=1,
        most=MOST_UNITS,
        default=20,
    )
    decay_minutes = _number(
        "After how many minutes it is worth that.",
        Words(fr="Au plus bas après (minutes)", en="Least after (minutes)"),
        least=1,
        most=1440,
        default=10,
    )
    attempts = _number(
        "How often one fan may try.",
        Words(fr="Essais par fan", en="Attempts of a fan"),
        least=1,
        most=20,
        default=5,
        rarely=True,
    )
    early_most = _number(
        "So many right answers before air raise no alarm.",
        Words(fr="Bonnes réponses sans alarme avant l’antenne", en="Right answers before air without alarm"),
        least=0,
        most=1_000,
        default=3,
        rarely=True,
    )
    tail_percent = _number(
        "After `decay_minutes`, a minute with more than this part of the median minute before raises the alarm.",
        Words(fr="Alarme ensuite : part d’une minute du début (%)", en="Alarm afterwards: part of a minute before (%)"),
        least=1,
        most=10_000,
        default=50,
        rarely=True,
    )
    tail_least = _number(
        "Fewer answers in a minute never do.",
        Words(fr="Alarme ensuite : réponses par minute au moins", en="Alarm afterwards: answers a minute at least"),
        least=1,
        most=1_000_000,
        default=10,
        rarely=True,
    )

    @validates_schema(skip_on_field_errors=True)
    def _falls(self, given: Mapping[str, Any], **_: Any) -> None:
        if given["units_floor"] > given["units_at_air"]:
            raise ValidationError("Must not be more than units_at_air.", "units_floor")


class Solution(Schema):
    """The code; case, accents, spaces and punctuation do not count."""

    code = Text(
        minimum=1,
        maximum=LONGEST_CODE,
        required=True,
        metadata={"description": "As the host will say it.", "label": Words(fr="Code à dire", en="Code to say")},
    )

    @validates_schema(skip_on_field_errors=True)
    def _is_long_enough(self, given: Mapping[str, Any], **_: Any) -> None:
        if len(fold(given["code"])) < SHORTEST_FOLDED:
            raise ValidationError(f"At least {SHORTEST_FOLDED} letters or digits.", "code")


class Answer(Schema):
    """What the fan typed."""

    code = Text(minimum=1, maximum=100, required=True)


class OnAirCode(AnimationKind):
    """See the module's docstring."""

    name = "on_air_code"
    title = Words(fr="Code antenne", en="On-air code")
    activity_kind = "onair_code"
    settings = Settings
    solution = Solution
    answer = Answer
    example = {"units_at_air": 100, "units_floor": 20, "decay_minutes": 10}
    example_solution = {"code": "Tournesol 47"}
    example_answer = {"code": "tournesol47"}
    listens_early = True
    opens_at_once = True

    def how(self, opened: Opened) -> Sentence:
        holes = {"ends_at": opened.ends_at}
        if opened.settings["units_floor"] == opened.settings["units_at_air"]:
            return _HOW, holes
        return _HOW_QUICKLY, holes

    def check(self, opened: Opened, said: Said, standing: Standing, now: datetime) -> Accepted | Refused:
        is_right = hmac.compare_digest(fold(said["code"]).encode(), fold(opened.solution["code"]).encode())
        if now < opened.starts_at:
            early = NotOpenYet()
            return Accepted(quantity=opened.settings["units_at_air"], hidden=early) if is_right else early
        if not is_right:
            return WrongCode(attempts_left=standing.attempts_left)
        return Accepted(quantity=_units(opened.settings, (now - opened.starts_at) // _MINUTE))

    def new_solution(self) -> Said:
        return {"code": new_code()}

    def attempts(self, settings: Said) -> int:
        most: int = settings["attempts"]
        return most

    def worth(self, settings: Said, minutes: int) -> int:
        return _units(settings, minutes)

    def heard(self, text: str) -> Said | None:
        return {"code": text} if SHORTEST_FOLDED <= len(text) <= LONGEST_CODE * 2 else None

    def alarm(self, opened: Opened, curve: Curve) -> Sentence | None:
        chosen = opened.settings
        return leak(
            curve,
            early_most=chosen["early_most"],
            head_minutes=chosen["decay_minutes"],
            tail_percent=chosen["tail_percent"],
            tail_least=chosen["tail_least"],
        )


_HOW = Words(
    fr="Écoutez l’émission et tapez ici le code donné à l’antenne, avant le {ends_at:moment}.",
    en="Listen to the show and type the code given on air here, before {ends_at:moment}.",
)
_HOW_QUICKLY = Words(
    fr=f"{_HOW.fr} Plus vous êtes rapide, plus il rapporte.",
    en=f"{_HOW.en} The quicker you are, the more it earns.",
)


def _units(settings: Said, minutes: int) -> int:
    """What the code is worth so many whole minutes after air."""
    top, floor, decay = settings["units_at_air"], settings["units_floor"], settings["decay_minutes"]
    return int(top - (top - floor) * min(minutes, decay) // decay)


plugin = OnAirCode()
