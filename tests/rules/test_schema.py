"""The JSON of a rule: one canonical form, precise refusals, and no patience with hostile documents."""

import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty.errors import Invalid
from loyalty.rules.schema import canonical, canonical_document, checked_slug, problems
from tests.makers.judging import NAMED, body

NOBODY = {"network": {"one_of": ["nowhere"]}}


def refused(document: Any) -> list[str]:
    with pytest.raises(Invalid) as refusal:
        canonical(document)
    return list(problems(refusal.value.errors))


def test_the_smallest_rule_is_kept_with_its_defaults_written_out() -> None:
    assert canonical({**NAMED, "class": "redeemable", "earn": {"fixed": 10}}) == {
        "name": {"fr": "Règle", "en": "Rule"},
        "enabled": True,
        "class": "redeemable",
        "when": {"all": []},
        "earn": {"fixed": 10},
        "limits": {},
        "from": None,
        "to": None,
        "priority": 0,
        "stacking": "add",
    }


def test_two_ways_to_write_a_rule_are_one_rule() -> None:
    one = body(
        when={"all": [{"network": {"one_of": ["twitch", "mastodon", "twitch"]}}, {"effort": {}}]},
        **{"from": "2026-11-23T08:00:00+01:00"},
    )
    other = body(
        when={"all": [{"network": {"one_of": ["mastodon", "twitch"]}}, {"effort": {"min_words": 3.0}}]},
        enabled=True,
        **{"from": "2026-11-23T07:00:00Z"},
    )
    assert canonical(one) == canonical(other)


def test_the_canonical_form_is_json_and_its_own_canonical_form() -> None:
    whole = body(
        when={"any": [{"all": []}, {"none": [NOBODY]}]},
        earn={"fixed": 1, "points": 2, "per": 100},
        limits={
            "per_day": {"points": 50, "times": 3},
            "per_week": {"times": 9},
            "ever": {"points": 500},
            "cooldown_seconds": 60,
            "budget_points": 100_000,
        },
        priority=-3,
        stacking="best",
        **{"from": "2026-11-23T08:00:00+01:00", "to": "2026-12-01T00:00:00.5+01:00"},
    )
    kept = canonical(whole)
    assert canonical(json.loads(json.dumps(kept))) == kept


def test_what_is_wrong_is_said_with_its_path() -> None:
    said = refused(
        {
            "name": {"fr": "Règle"},
            "class": "gold",
            "when": {"all": [{"hours": {"from": "25:00"}}, {"any": [{"nothing": {}}]}, {"any": []}]},
            "earn": {"fixed": True, "bonus": 1},
            "limits": {"per_day": {}, "cooldown_seconds": 0},
            "to": "2026-11-23T08:00:00",
            "colour": "red",
        }
    )
    assert "name.en: Missing data for required field." in said
    assert "class: Must be one of: redeemable, status_only, measure_only." in said
    assert "when.all[0].hours.from: Must be a time of day from 00:00 to 23:59." in said
    assert "when.all[0].hours.to: Missing data for required field." in said
    assert any(line.startswith("when.all[1].any[0]: Unknown condition 'nothing'. Known: campaign, ") for line in said)
    assert "when.all[2].any: Must not be empty; only all may, and always holds." in said
    assert "earn.fixed: Not a whole number." in said
    assert "earn.bonus: Unknown field." in said
    assert "limits.per_day: Give points, times or both." in said
    assert any(line.startswith("limits.cooldown_seconds: ") for line in said)
    assert any(line.startswith("to: Not a date and time with its zone") for line in said)
    assert "colour: Unknown field." in said


@pytest.mark.parametrize(
    ("parts", "path"),
    [
        ({"earn": {}}, "earn: Say how much it earns."),
        ({"earn": {"points": 1}}, "earn: points and per come together."),
        ({"earn": {"per": 100}}, "earn: points and per come together."),
        ({"earn": {"multiply_percent": 300, "fixed": 1}}, "earn: multiply_percent stands alone."),
        ({"earn": {"multiply_percent": 100}}, "earn.multiply_percent: "),
        ({"earn": {"multiply_percent": 300}, "stacking": "best"}, "stacking: A multiplier goes with the stacking add."),
        ({"from": "2026-11-23T08:00:00Z", "to": "2026-11-23T08:00:00Z"}, "to: Must be after from."),
        ({"enabled": 1}, "enabled: "),
        ({"enabled": "yes"}, "enabled: "),
        ({"enabled": None}, "enabled: "),
        ({"when": None}, "when: "),
        ({"when": {"all": [], "any": []}}, "when: Must be an object with one key"),
        ({"when": {}}, "when: Must be an object with one key"),
        ({"when": []}, "when: Must be an object with one key"),
        ({"when": {"all": {"linked": {}}}}, "when.all: Must be a list."),
        ({"when": {"none": []}}, "when.none: Must not be empty"),
        ({"when": {"linked": None}}, "when.linked: "),
        ({"priority": 1001}, "priority: "),
        ({"name": {"fr": "\x00", "en": "\ud800"}}, "name.fr: "),
        ({"limits": {"budget_points": 10**13}}, "limits.budget_points: "),
        ({"earn": {"fixed": float("inf")}}, "earn.fixed: Not a whole number."),
        ({"earn": {"fixed": float("nan")}}, "earn.fixed: Not a whole number."),
        ({"from": "0001-01-01T00:00:00+14:00"}, "from: "),
    ],
    ids=str,
)
def test_what_contradicts_itself_is_refused(parts: dict[str, Any], path: str) -> None:
    assert any(line.startswith(path) for line in refused(body(**parts)))


def test_a_rule_that_only_measures_need_not_say_what_it_earns() -> None:
    assert canonical({**NAMED, "class": "measure_only"})["earn"] == {}


def nested(groups: int) -> Any:
    tree: Any = NOBODY
    for _ in range(groups):
        tree = {"all": [tree]}
    return tree


def test_groups_are_four_deep_and_no_deeper() -> None:
    canonical(body(when=nested(4)))
    assert refused(body(when=nested(5)))[0].endswith(": Groups are at most 4 deep.")


def test_forty_conditions_are_enough() -> None:
    canonical(body(when={"any": [NOBODY] * 40}))
    assert refused(body(when={"any": [NOBODY] * 41})) == ["when: At most 40 conditions."]


def deep(depth: int) -> Any:
    value: Any = {}
    for _ in range(depth):
        value = {"all": [value]}
    return value


HOSTILE = {
    "a depth bomb": lambda: body(when=deep(50_000)),
    "a bomb where a name should be": lambda: body(name=deep(50_000)),
    "groups of groups of groups": lambda: body(when={"all": [{"all": [{"all": [{"all": []}] * 200}] * 200}] * 200}),
    "a million alternatives": lambda: body(when={"any": [NOBODY] * 1_000_000}),
    "a million nonsenses": lambda: body(when={"any": [0] * 1_000_000}),
    "a million networks": lambda: body(when={"network": {"one_of": ["x"] * 1_000_000}}),
    "a million fields": lambda: {str(number): number for number in range(1_000_000)},
    "a long name": lambda: body(name={"fr": "é" * 1_000_000, "en": "e" * 1_000_000}),
    "a condition of a long name": lambda: body(when={"x" * 1_000_000: {}}),
    "a huge number": lambda: body(earn={"fixed": 10**4000}),
    "a text": lambda: "{}",
    "a list": lambda: [body()],
    "nothing": lambda: None,
}


@pytest.mark.parametrize("make", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_document_is_refused_fast(make: Any) -> None:
    document = make()
    started = time.process_time()
    with pytest.raises(Invalid) as refusal:
        canonical(document)
    assert time.process_time() - started < 2  # not minutes: what it costs is bounded
    assert len(str(refusal.value)) < 10_000


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inside: st.lists(inside, max_size=4) | st.dictionaries(st.text(max_size=9), inside, max_size=4),
    max_leaves=12,
)


@given(
    JSON, st.sampled_from(["when", "earn", "limits", "name", "from", "to", "class", "enabled", "priority", "stacking"])
)
def test_whatever_stands_in_a_field_is_taken_or_refused_and_never_breaks(value: Any, field: str) -> None:
    try:
        kept = canonical({**body(), field: value})
    except Invalid:
        return
    assert canonical(kept) == kept


def test_a_document_tells_all_that_is_wrong_with_all_its_rules() -> None:
    document = {"version": 1, "rules": {"good": body(), "bad": body(priority="high"), "worse": []}}
    with pytest.raises(Invalid) as refusal:
        canonical_document(document)
    assert list(problems(refusal.value.errors)) == [
        "rules.bad.priority: Not a whole number.",
        "rules.worse: Invalid input type.",
    ]


@pytest.mark.parametrize(
    "document",
    [
        None,
        [],
        {},
        {"version": 2, "rules": {}},
        {"version": "1", "rules": {}},
        {"version": True, "rules": {}},
        {"version": 1},
        {"version": 1, "rules": []},
        {"version": 1, "rules": {"Bad Slug": body()}},
        {"version": 1, "rules": {str(number): body() for number in range(501)}},
        {"version": 1, "rules": {}, "more": 1},
    ],
    ids=lambda document: str(document)[:40],
)
def test_a_document_of_another_shape_is_refused(document: Any) -> None:
    with pytest.raises(Invalid):
        canonical_document(document)


@pytest.mark.parametrize("slug", ["", "A", "a b", "-a", "a-", "a--b", "é", "a" * 61, "a\n", None, 1, "../a", "\ud800"])
def test_a_slug_is_lower_case_letters_digits_and_single_hyphens(slug: Any) -> None:
    with pytest.raises(Invalid):
        checked_slug(slug)
    assert checked_slug("morning-chat-2") == "morning-chat-2"


def test_a_path_never_carries_a_control_character_to_a_terminal() -> None:
    said = refused(body(**{"\x1b[31m\ud800": 1}))
    assert all(line.isprintable() for line in said)
