"""What it was done to: certain posts, videos, codes or products, or all whose name begins alike."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, ValidationError, validates_schema

from loyalty.fields import Text
from loyalty.i18n import Words
from loyalty.rules.choices import Choices
from loyalty.rules.condition import Condition, Known, Question, Reason, Test
from loyalty.rules.speech import either, few

_LONGEST = 1000


class _Parameters(Schema):
    one_of = Choices(Text(minimum=1, maximum=_LONGEST))
    starts_with = Choices(Text(minimum=1, maximum=_LONGEST))

    @validates_schema
    def _says_something(self, given: Mapping[str, Any], **_: Any) -> None:
        if not given:
            raise ValidationError("Give one_of, starts_with or both.")


class Object(Condition):
    """The object is one of these, or begins with one of these prefixes."""

    name = "object"
    title = Words(fr="Contenu visé", en="Object")
    schema = _Parameters
    reasons = {
        "other_object": Words(
            fr="Cette règle est réservée à d’autres contenus.", en="This rule is kept for other contents."
        )
    }
    example = {"one_of": ["post:1204"], "starts_with": ["code:matinale-"]}

    def compile(self, parameters: Mapping[str, Any]) -> Test:
        wanted = frozenset(parameters.get("one_of", ()))
        prefixes = tuple(parameters.get("starts_with", ()))
        missed = Reason("other_object", elsewhere=True)
        return lambda situation: None if situation.object in wanted or situation.object.startswith(prefixes) else missed

    def sentence(self, parameters: Mapping[str, Any]) -> tuple[Words, Mapping[str, Any]]:
        named = [
            *parameters.get("one_of", ()),
            *(f"{prefix}…" for prefix in parameters.get("starts_with", ())),
        ]
        return Words(fr="pour {objects}", en="for {objects}"), {"objects": few(named)}

    def questions(self, known: Known) -> Mapping[str, Question]:
        return {
            "one_of": Question(Words(fr="l’un de ceux-ci", en="one of these")),
            "starts_with": Question(Words(fr="ou qui commence par", en="or beginning with")),
        }

    def spoken(self, holes: Mapping[str, Any], language: str) -> Mapping[str, Any]:
        return {name: either(values, language) for name, values in holes.items()}


plugin = Object()
