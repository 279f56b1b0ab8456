"""On which networks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema

from loyalty.i18n import Words
from loyalty.rules.choices import Choices, word
from loyalty.rules.condition import Condition, Known, Question, Reason, Test
from loyalty.rules.speech import either, few

# As they write themselves; another one is shown under the name its sender uses.
NAMES = {
    "bluesky": "Bluesky",
    "discord": "Discord",
    "facebook": "Facebook",
    "instagram": "Instagram",
    "linkedin": "LinkedIn",
    "mastodon": "Mastodon",
    "messenger": "Messenger",
    "reddit": "Reddit",
    "telegram": "Telegram",
    "tiktok": "TikTok",
    "twitch": "Twitch",
    "whatsapp": "WhatsApp",
    "x": "X",
    "youtube": "YouTube",
}
OURS = {
    "station": Words(fr="le site de la station", en="the station’s own site"),
    "stripe": Words(fr="la boutique en ligne", en="the online shop"),
}


class _Parameters(Schema):
    one_of = Choices(word(), required=True)


class Network(Condition):
    """The activity took place on one of these networks."""

    name = "network"
    title = Words(fr="Réseau", en="Network")
    schema = _Parameters
    reasons = {
        "other_network": Words(
            fr="Cette règle ne compte que sur {networks}.", en="This rule only counts on {networks}."
        )
    }
    example = {"one_of": ["mastodon", "twitch"]}

    def compile(self, parameters: Mapping[str, Any]) -> Test:
        wanted = frozenset(parameters["one_of"])
        missed = Reason("other_network", {"networks": few(parameters["one_of"])}, elsewhere=True)
        return lambda situation: None if situation.network in wanted else missed

    def sentence(self, parameters: Mapping[str, Any]) -> tuple[Words, Mapping[str, Any]]:
        return Words(fr="sur {networks}", en="on {networks}"), {"networks": few(parameters["one_of"])}

    def questions(self, known: Known) -> Mapping[str, Question]:
        named = {network: Words.verbatim(name) for network, name in NAMES.items()}
        return {"one_of": Question(Words(fr="l’un de ces réseaux", en="one of these networks"), {**OURS, **named})}

    def spoken(self, holes: Mapping[str, Any], language: str) -> Mapping[str, Any]:
        return {"networks": either((_name(each, language) for each in holes["networks"]), language)}


def _name(network: str, language: str) -> str:
    return OURS[network].say(language) if network in OURS else NAMES.get(network, network)


plugin = Network()
