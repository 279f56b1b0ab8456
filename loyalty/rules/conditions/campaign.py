"""During which campaigns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema

from loyalty.fields import Text
from loyalty.i18n import Words
from loyalty.rules.choices import Choices
from loyalty.rules.condition import Condition, Known, Question, Reason, Test
from loyalty.rules.speech import AND_MORE, either, few


class _Parameters(Schema):
    one_of = Choices(Text(minimum=1, maximum=100), required=True)


class Campaign(Condition):
    """The activity belongs to one of these campaigns; one that belongs to none never does."""

    name = "campaign"
    title = Words(fr="Campagne", en="Campaign")
    schema = _Parameters
    reasons = {
        "other_campaign": Words(
            fr="Cette règle est réservée à une autre campagne.", en="This rule is kept for another campaign."
        )
    }
    example = {"one_of": ["rentree-2026"]}

    def compile(self, parameters: Mapping[str, Any]) -> Test:
        wanted = frozenset(parameters["one_of"])
        missed = Reason("other_campaign", elsewhere=True)
        return lambda situation: None if situation.campaign in wanted else missed

    def sentence(self, parameters: Mapping[str, Any]) -> tuple[Words, Mapping[str, Any]]:
        return Words(fr="pendant la campagne {campaigns}", en="during the campaign {campaigns}"), {
            "campaigns": few(parameters["one_of"])
        }

    def questions(self, known: Known) -> Mapping[str, Question]:
        return {"one_of": Question(Words(fr="l’une de ces campagnes", en="one of these campaigns"))}

    def spoken(self, holes: Mapping[str, Any], language: str) -> Mapping[str, Any]:
        return {name: either((_called(each, language) for each in values), language) for name, values in holes.items()}


def _called(campaign: str, language: str) -> str:
    """A campaign has no name but what its senders write: at least without the hyphens of an address."""
    if campaign == AND_MORE:
        return campaign
    words = campaign.replace("-", " ").replace("_", " ")
    return f"«\N{NO-BREAK SPACE}{words}\N{NO-BREAK SPACE}»" if language == "fr" else f"“{words}”"


plugin = Campaign()
