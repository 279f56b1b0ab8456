"""Networks, kinds, objects, effort and quantities: what an activity is."""

from typing import Any

import pytest
from marshmallow import ValidationError

from loyalty.activities.fact import KINDS
from loyalty.rules.condition import Reason
from loyalty.rules.conditions.kind import DEEDS
from loyalty.rules.situation import Situation
from loyalty.rules.tree import known_conditions
from tests.makers.judging import situation


def judge(name: str, parameters: dict[str, Any], told: Situation) -> Reason | None:
    condition = known_conditions()[name]
    return condition.compile(condition.schema().load(parameters))(told)


def test_one_of_several_networks_is_enough() -> None:
    wanted = {"one_of": ["twitch", "mastodon"]}
    assert judge("network", wanted, situation(network="mastodon")) is None
    missed = judge("network", wanted, situation(network="x"))
    assert missed == Reason("other_network", {"networks": ["mastodon", "twitch"]}, elsewhere=True)


def test_a_reason_names_a_few_and_says_that_there_are_more() -> None:
    missed = judge("kind", {"one_of": [f"kind-{n}" for n in range(200)]}, situation())
    assert missed is not None
    assert len(missed.holes["kinds"]) == 6
    assert missed.holes["kinds"][-1] == "…"


def test_every_kind_of_the_shared_vocabulary_can_be_told() -> None:
    assert DEEDS.keys() == KINDS.keys()


def test_an_object_is_named_in_full_or_by_how_it_begins() -> None:
    wanted = {"one_of": ["post:12"], "starts_with": ["code:matin-"]}
    assert judge("object", wanted, situation(object="post:12")) is None
    assert judge("object", wanted, situation(object="code:matin-77")) is None
    assert judge("object", wanted, situation(object="post:123")) == Reason("other_object", elsewhere=True)
    assert judge("object", {"one_of": ["post:12"]}, situation(object="code:matin-77")) is not None


@pytest.mark.parametrize("name", ["campaign", "show"])
def test_what_belongs_to_none_belongs_to_no_other(name: str) -> None:
    wanted = {"one_of": ["matinale"]}
    assert judge(name, wanted, situation(**{name: "matinale"})) is None
    assert judge(name, wanted, situation(**{name: "soir"})) == Reason(f"other_{name}", elsewhere=True)
    assert judge(name, wanted, situation(**{name: None})) == Reason(f"other_{name}", elsewhere=True)


def test_only_a_linked_account_is_linked() -> None:
    assert judge("linked", {}, situation(linked=True)) is None
    assert judge("linked", {}, situation(linked=False)) == Reason("not_linked")


def test_three_words_are_an_effort_and_none_at_all_is_another_matter() -> None:
    assert judge("effort", {}, situation(words=3)) is None
    assert judge("effort", {}, situation(words=2)) == Reason("too_short", {"words": 2, "least": 3})
    assert judge("effort", {}, situation(words=0)) == Reason("too_short", {"words": 0, "least": 3})
    assert judge("effort", {}, situation(words=None)) == Reason("nothing_written")


def test_a_quantity_is_within_its_bounds_both_included() -> None:
    wanted = {"min": 500, "max": 1000}
    assert judge("quantity", wanted, situation(quantity=499)) == Reason("quantity_too_small", {"least": 500})
    assert judge("quantity", wanted, situation(quantity=500)) is None
    assert judge("quantity", wanted, situation(quantity=1000)) is None
    assert judge("quantity", wanted, situation(quantity=1001)) == Reason("quantity_too_large", {"most": 1000})
    assert judge("quantity", {"min": 2}, situation(quantity=10**9)) is None


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("object", {}),
        ("quantity", {}),
        ("quantity", {"min": 2, "max": 1}),
        ("hours", {"from": "06:00", "to": "06:00"}),
        ("hours", {"from": "24:00", "to": "06:00"}),
        ("hours", {"from": "6:00", "to": "09:00"}),
        ("hours", {"from": "06:00\n", "to": "09:00"}),
        ("weekdays", {"days": [0]}),
        ("weekdays", {"days": [8]}),
        ("weekdays", {"days": ["1"]}),
        ("network", {"one_of": ["Twitch"]}),
        ("kind", {"one_of": ["live chat"]}),
        ("first_of_day", {"of": "week"}),
        ("linked", {"with": "twitch"}),
    ],
    ids=str,
)
def test_parameters_that_say_nothing_or_can_never_hold_are_refused(name: str, parameters: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        known_conditions()[name].schema().load(parameters)
