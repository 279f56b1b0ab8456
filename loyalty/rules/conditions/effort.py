"""A minimum of words was written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema

from loyalty.fields import WholeNumber
from loyalty.i18n import Words
from loyalty.rules.condition import Condition, Known, Question, Reason, Test
from loyalty.rules.situation import Situation


class _Parameters(Schema):
    min_words = WholeNumber(minimum=1, maximum=500, load_default=3)


class Effort(Condition):
    """The text has so many words at least; mentions, tags and links are none (`activities/measure.py`)."""

    name = "effort"
    title = Words(fr="Effort d’écriture", en="Effort of writing")
    schema = _Parameters
    reasons = {
        "too_short": Words(
            fr="C’était un peu court : il faut au moins {least:n} {least:mot|mots}.",
            en="A little short: at least {least:n} {least:word|words}, please.",
        ),
        "nothing_written": Words(
            fr="Cette règle récompense un message écrit.", en="This rule rewards a written message."
        ),
    }
    example = {"min_words": 3}

    def compile(self, parameters: Mapping[str, Any]) -> Test:
        least: int = parameters["min_words"]
        nothing = Reason("nothing_written")

        def test(situation: Situation) -> Reason | None:
            if situation.words is None:
                return nothing
            if situation.words < least:
                return Reason("too_short", {"words": situation.words, "least": least})
            return None

        return test

    def sentence(self, parameters: Mapping[str, Any]) -> tuple[Words, Mapping[str, Any]]:
        return Words(fr="avec au moins {least:n} {least:mot|mots}", en="with at least {least:n} {least:word|words}"), {
            "least": parameters["min_words"]
        }

    def questions(self, known: Known) -> Mapping[str, Question]:
        return {"min_words": Question(Words(fr="mots au moins", en="words at least"))}


plugin = Effort()
