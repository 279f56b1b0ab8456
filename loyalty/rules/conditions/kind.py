"""What kind of act it was."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema

from loyalty.i18n import Words
from loyalty.rules.choices import Choices, word
from loyalty.rules.condition import Condition, Known, Question, Reason, Test
from loyalty.rules.speech import AND_MORE, either, few

# What the fan does, for each kind of the shared vocabulary (`activities/fact.py`).
DEEDS = {
    "comment": Words(fr="vous commentez", en="you comment"),
    "live_chat": Words(fr="vous écrivez dans le chat", en="you write in the live chat"),
    "post": Words(fr="vous publiez", en="you post"),
    "mention": Words(fr="vous citez la station", en="you mention the station"),
    "share": Words(fr="vous partagez", en="you share"),
    "like": Words(fr="vous aimez une publication", en="you like a post"),
    "follow": Words(fr="vous suivez la station", en="you follow the station"),
    "join": Words(fr="vous rejoignez la communauté", en="you join the community"),
    "subscription": Words(fr="vous vous abonnez", en="you subscribe"),
    "gift": Words(fr="vous offrez un abonnement", en="you give a subscription"),
    "tip": Words(fr="vous faites un don", en="you send a tip"),
    "vote": Words(fr="vous votez", en="you vote"),
    "quiz_answer": Words(fr="vous répondez à un quiz", en="you answer a quiz"),
    "prediction": Words(fr="vous faites un pronostic", en="you make a prediction"),
    "answer": Words(fr="vous répondez à une question", en="you answer a question"),
    "onair_code": Words(fr="vous saisissez le code donné à l’antenne", en="you enter the code given on air"),
    "redeem_external": Words(fr="vous dépensez des points de chaîne", en="you spend channel points"),
    "check_in": Words(fr="vous validez votre présence", en="you check in"),
    "purchase": Words(fr="vous faites un achat", en="you buy something"),
    "referral": Words(fr="vous parrainez quelqu’un", en="you refer someone"),
    "challenge": Words(fr="vous relevez un défi", en="you take up a challenge"),
}
OTHER_DEED = Words(fr="vous participez (« {kind} »)", en="you take part (“{kind}”)")


class _Parameters(Schema):
    one_of = Choices(word(), required=True)


class Kind(Condition):
    """The act is of one of these kinds."""

    name = "kind"
    title = Words(fr="Type de participation", en="Kind of activity")
    schema = _Parameters
    reasons = {
        "other_kind": Words(fr="Cette règle compte seulement quand {deeds}.", en="This rule only counts when {deeds}.")
    }
    example = {"one_of": ["comment", "live_chat"]}
    is_deed = True

    def compile(self, parameters: Mapping[str, Any]) -> Test:
        wanted = frozenset(parameters["one_of"])
        missed = Reason("other_kind", {"kinds": few(parameters["one_of"])}, elsewhere=True)
        return lambda situation: None if situation.kind in wanted else missed

    def sentence(self, parameters: Mapping[str, Any]) -> tuple[Words, Mapping[str, Any]]:
        return Words(fr="{deeds}", en="{deeds}"), {"kinds": few(parameters["one_of"])}

    def questions(self, known: Known) -> Mapping[str, Question]:
        return {"one_of": Question(Words(fr="l’un de ces actes", en="one of these acts"), DEEDS)}

    def spoken(self, holes: Mapping[str, Any], language: str) -> Mapping[str, Any]:
        return {"deeds": either((_deed(kind, language) for kind in holes["kinds"]), language)}


def _deed(kind: str, language: str) -> str:
    if kind == AND_MORE:
        return kind
    return DEEDS.get(kind, OTHER_DEED).say(language, kind=kind)


plugin = Kind()
