"""The lines that lead from one body to the next."""

from typing import Any

from loyalty.rules.difference import difference
from loyalty.rules.schema import canonical
from tests.makers.judging import body

CHAT = {"kind": {"one_of": ["live_chat"]}}
MORNING = {"hours": {"from": "06:00", "to": "09:00"}}


def changes(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    return difference(canonical(body(**before)), canonical(body(**after)))


def test_the_same_body_has_no_difference() -> None:
    assert changes({"when": CHAT}, {"when": CHAT}) == []


def test_a_changed_figure_is_told_with_both_values() -> None:
    before, after = {"limits": {"per_day": {"points": 50}}}, {"limits": {"per_day": {"points": 80}}}
    assert changes(before, after) == ["limits.per_day.points: 50 -> 80"]


def test_what_comes_and_what_goes_leads_from_and_to_nothing() -> None:
    before, after = {"limits": {"per_day": {"points": 50}}}, {"limits": {"ever": {"times": 3}}, "priority": 5}
    assert changes(before, after) == [
        "limits.per_day.points: 50 -> —",
        "limits.ever.times: — -> 3",
        "priority: 0 -> 5",
    ]


def test_a_condition_put_first_does_not_change_those_behind_it() -> None:
    assert changes({"when": {"all": [CHAT]}}, {"when": {"all": [MORNING, CHAT]}}) == [
        'when.all: + {"hours": {"from": "06:00", "to": "09:00"}}'
    ]


def test_a_condition_is_compared_inside_even_when_it_moved() -> None:
    later = {"hours": {"from": "06:00", "to": "10:00"}}
    both = {"kind": {"one_of": ["comment", "live_chat"]}}
    assert changes({"when": {"any": [CHAT, MORNING]}}, {"when": {"any": [{"linked": {}}, both, later]}}) == [
        'when.any[1].kind.one_of: + "comment"',
        'when.any[2].hours.to: "09:00" -> "10:00"',
        'when.any: + {"linked": {}}',
    ]


def test_a_new_rule_is_told_in_full() -> None:
    told = difference(None, canonical(body()))
    assert 'name.fr: — -> "Règle"' in told
    assert "earn.fixed: — -> 10" in told
    assert "when.all: — -> []" in told
