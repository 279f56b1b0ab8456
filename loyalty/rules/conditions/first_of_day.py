"""Only the first activity of the fan's day."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, fields, validate

from loyalty.i18n import Words
from loyalty.rules.condition import Condition, Known, Question, Reason, Test

KIND, ANY = "kind", "any"


class _Parameters(Schema):
    of = fields.String(load_default=KIND, validate=validate.OneOf((KIND, ANY)))


class FirstOfDay(Condition):
    """Nothing came before it on this day of the programme's zone: of its kind, or of any kind."""

    name = "first_of_day"
    title = Words(fr="Première fois du jour", en="First of the day")
    schema = _Parameters
    reasons = {
        "not_first_of_kind": Words(
            fr="Pour cette règle, seule la première fois de la journée compte.",
            en="For this rule, only the first time of the day counts.",
        ),
        "not_first_of_day": Words(
            fr="Cette règle récompense seulement votre toute première participation de la journée.",
            en="This rule only rewards your very first activity of the day.",
        ),
    }
    example = {"of": ANY}

    def compile(self, parameters: Mapping[str, Any]) -> Test:
        if parameters["of"] == ANY:
            late = Reason("not_first_of_day")
            return lambda situation: late if situation.earlier_today(None) else None
        again = Reason("not_first_of_kind")
        return lambda situation: again if situation.earlier_today(situation.kind) else None

    def sentence(self, parameters: Mapping[str, Any]) -> tuple[Words, Mapping[str, Any]]:
        if parameters["of"] == ANY:
            return Words(
                fr="si c’est votre première participation de la journée",
                en="if it is your first activity of the day",
            ), {}
        return Words(fr="pour la première fois de la journée", en="for the first time of the day"), {}

    def questions(self, known: Known) -> Mapping[str, Question]:
        first = {
            KIND: Words(fr="du même type", en="of its kind"),
            ANY: Words(fr="de n’importe quel type", en="of any kind"),
        }
        return {"of": Question(Words(fr="la première", en="the first"), first)}


plugin = FirstOfDay()
