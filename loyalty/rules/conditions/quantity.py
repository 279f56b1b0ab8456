"""How many units: cents of a purchase, minutes, a score."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, ValidationError, validates_schema

from loyalty.activities.schema import MOST_UNITS
from loyalty.fields import WholeNumber
from loyalty.i18n import Words
from loyalty.rules.condition import Condition, Known, Question, Reason, Test
from loyalty.rules.situation import Situation


class _Parameters(Schema):
    least = WholeNumber(data_key="min", minimum=1, maximum=MOST_UNITS)
    most = WholeNumber(data_key="max", minimum=1, maximum=MOST_UNITS)

    @validates_schema(skip_on_field_errors=True)
    def _leaves_room(self, given: Mapping[str, Any], **_: Any) -> None:
        if not given:
            raise ValidationError("Give min, max or both.")
        if given.get("least", 0) > given.get("most", MOST_UNITS):
            raise ValidationError("min is above max.")


class Quantity(Condition):
    """The quantity is `min` or more and `max` or less."""

    name = "quantity"
    title = Words(fr="Quantité", en="Quantity")
    schema = _Parameters
    reasons = {
        "quantity_too_small": Words(
            fr="Pour cette règle, il faut au moins {least:n} {least:unité|unités}.",
            en="This rule asks for at least {least:n} {least:unit|units}.",
        ),
        "quantity_too_large": Words(
            fr="Cette règle s’arrête à {most:n} {most:unité|unités}.",
            en="This rule goes up to {most:n} {most:unit|units}.",
        ),
    }
    example = {"min": 500, "max": 20_000}

    def compile(self, parameters: Mapping[str, Any]) -> Test:
        least, most = parameters.get("least", 0), parameters.get("most", MOST_UNITS)
        too_small = Reason("quantity_too_small", {"least": least})
        too_large = Reason("quantity_too_large", {"most": most})

        def test(situation: Situation) -> Reason | None:
            if situation.quantity < least:
                return too_small
            return too_large if situation.quantity > most else None

        return test

    def sentence(self, parameters: Mapping[str, Any]) -> tuple[Words, Mapping[str, Any]]:
        if "most" not in parameters:
            words = Words(
                fr="pour au moins {least:n} {least:unité|unités}",
                en="for at least {least:n} {least:unit|units}",
            )
        elif "least" not in parameters:
            words = Words(fr="pour au plus {most:n} {most:unité|unités}", en="for at most {most:n} {most:unit|units}")
        else:
            words = Words(fr="pour {least:n} à {most:n} unités", en="for {least:n} to {most:n} units")
        return words, parameters

    def questions(self, known: Known) -> Mapping[str, Question]:
        return {
            "min": Question(Words(fr="au moins", en="at least")),
            "max": Question(Words(fr="au plus", en="at most")),
        }


plugin = Quantity()
