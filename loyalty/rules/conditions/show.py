"""During which shows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema

from loyalty.fields import Text
from loyalty.i18n import Words
from loyalty.rules.choices import Choices
from loyalty.rules.condition import Condition, Known, Question, Reason, Test
from loyalty.rules.speech import either, few


class _Parameters(Schema):
    one_of = Choices(Text(minimum=1, maximum=100), required=True)


class Show(Condition):
    """The activity belongs to one of these shows; one that belongs to none never does."""

    name = "show"
    title = Words(fr="Émission", en="Show")
    schema = _Parameters
    reasons = {
        "other_show": Words(
            fr="Cette règle est réservée à une autre émission.", en="This rule is kept for another show."
        )
    }
    example = {"one_of": ["matinale"]}

    def compile(self, parameters: Mapping[str, Any]) -> Test:
        wanted = frozenset(parameters["one_of"])
        missed = Reason("other_show", elsewhere=True)
        return lambda situation: None if situation.show in wanted else missed

    def sentence(self, parameters: Mapping[str, Any]) -> tuple[Words, Mapping[str, Any]]:
        return Words(fr="pendant l’émission {shows}", en="during the show {shows}"), {
            "shows": few(parameters["one_of"])
        }

    def questions(self, known: Known) -> Mapping[str, Question]:
        shows = {slug: Words.verbatim(name) for slug, name in known.shows.items()}
        return {"one_of": Question(Words(fr="l’une de ces émissions", en="one of these shows"), shows)}

    def spoken(self, holes: Mapping[str, Any], language: str) -> Mapping[str, Any]:
        return {name: either(values, language) for name, values in holes.items()}


plugin = Show()
