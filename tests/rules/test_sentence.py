"""Rules told to fans in one sentence."""

import re
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty.i18n import LANGUAGES
from loyalty.rules.sentence import rule_sentence
from loyalty.rules.tree import known_conditions
from tests.makers.judging import body

PARIS = ZoneInfo("Europe/Paris")
CHAT = {"kind": {"one_of": ["live_chat"]}}
TWITCH = {"network": {"one_of": ["twitch"]}}


def french(**parts: Any) -> str:
    return rule_sentence(body(**parts), "fr", PARIS).replace("\u202f", " ").replace("\xa0", " ")


def english(**parts: Any) -> str:
    return rule_sentence(body(**parts), "en", PARIS).replace("\u202f", " ")


def test_a_rule_is_one_sentence() -> None:
    parts = {"when": {"all": [CHAT, TWITCH]}, "limits": {"per_day": {"points": 50}}}
    assert french(**parts) == (
        "Vous gagnez 10 points quand vous écrivez dans le chat sur Twitch, dans la limite de 50 points par jour."
    )
    assert english(**parts) == "You earn 10 points when you write in the live chat on Twitch, up to 50 points a day."


def test_what_the_fan_does_is_told_first_wherever_it_stands() -> None:
    hours = {"hours": {"from": "06:00", "to": "09:00"}}
    assert french(when={"all": [hours, TWITCH, CHAT]}) == (
        "Vous gagnez 10 points quand vous écrivez dans le chat de 06:00 à 09:00, sur Twitch."
    )


@pytest.mark.parametrize(
    ("parts", "told"),
    [
        ({}, "Vous gagnez 10 points quand vous participez."),
        ({"enabled": False}, "Vous gagnez 10 points quand vous participez. Cette règle est en pause."),
        ({"class": "status_only"}, "Vous gagnez 10 points de statut quand vous participez."),
        ({"class": "measure_only"}, "Sans rien rapporter, cette règle compte quand vous participez."),
        (
            {"earn": {"multiply_percent": 250}, "when": {"weekdays": {"days": [6, 7]}}},
            "Ce que vous gagnez est multiplié par 2,5 quand vous participez le samedi ou le dimanche.",
        ),
        (
            {"earn": {"points": 1, "per": 100}, "when": {"kind": {"one_of": ["purchase"]}}},
            "Vous gagnez 1 point par tranche de 1 € quand vous faites un achat.",
        ),
        (
            {"earn": {"points": 4, "per": 1}, "when": {"kind": {"one_of": ["quiz_answer"]}}},
            "Vous gagnez 4 points par bonne réponse quand vous répondez à un quiz.",
        ),
        (
            {"when": {"any": [CHAT, {"all": [{"kind": {"one_of": ["share"]}}, TWITCH]}]}},
            "Vous gagnez 10 points quand vous écrivez dans le chat ou vous partagez sur Twitch.",
        ),
        (
            {"when": {"all": [CHAT, {"none": [TWITCH]}]}},
            "Vous gagnez 10 points quand vous écrivez dans le chat, sauf sur Twitch.",
        ),
        (
            {"when": {"none": [CHAT]}},
            "Vous gagnez 10 points quand vous participez, sauf quand vous écrivez dans le chat.",
        ),
        (
            {"limits": {"per_day": {"points": 50, "times": 3}, "ever": {"points": 1000}, "cooldown_seconds": 90}},
            (
                "Vous gagnez 10 points quand vous participez, dans la limite de 50 points et 3 fois par jour "
                "et 1 000 points en tout, à 90 secondes d’intervalle au moins."
            ),
        ),
        (
            {"from": "2026-11-01T00:00:00+01:00", "to": "2026-12-01T00:00:00+01:00"},
            "Vous gagnez 10 points quand vous participez, à partir du 1er novembre 2026, jusqu’au 30 novembre 2026.",
        ),
        (
            {"to": "2026-12-01T18:30:00+01:00"},
            "Vous gagnez 10 points quand vous participez, jusqu’au 1er décembre 2026 à 18:30.",
        ),
    ],
    ids=str,
)
def test_each_part_of_a_rule_is_told(parts: dict[str, Any], told: str) -> None:
    assert french(**parts) == told


def test_a_show_is_told_by_its_name_where_that_is_known() -> None:
    matinale = body(when={"show": {"one_of": ["la-matinale", "le-reste"]}})
    told = rule_sentence(matinale, "fr", PARIS, shows={"la-matinale": "La Matinale"})
    assert "pendant l’émission La Matinale ou le-reste" in told


LEAVES = st.sampled_from([{each.name: dict(each.example)} for each in known_conditions().values()])
TREES = st.recursive(
    LEAVES | st.just({"all": []}),
    lambda inside: st.builds(
        lambda word, nodes: {word: nodes},
        st.sampled_from(["all", "any", "none"]),
        st.lists(inside, min_size=1, max_size=3),
    ),
    max_leaves=6,
).filter(lambda tree: str(tree).count("[{") <= 4)


@given(TREES, st.sampled_from(LANGUAGES))
def test_every_tree_is_told_without_holes_or_stray_commas(tree: Any, language: str) -> None:
    told = rule_sentence(body(when=tree), language, PARIS)
    assert not re.search(r"[{}]|  | ,|,\.|, ,| \.|None", told)
