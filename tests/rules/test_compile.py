"""Trees of conditions, compiled, and the reasons they give."""

from typing import Any

import pytest

from loyalty.rules.compile import compile_kept
from loyalty.rules.condition import Reason
from loyalty.rules.evaluate import evaluate
from loyalty.rules.outcome import outcome_of
from tests.makers.judging import LONG_AGO, Book, body, revision, situation

HERE = {"network": {"one_of": ["twitch"]}}
THERE = {"network": {"one_of": ["mastodon"]}}
LINKED = {"linked": {}}
LONG = {"effort": {"min_words": 50}}


def judge(when: Any) -> Reason | None:
    return revision(when=when).test(situation())


@pytest.mark.parametrize(
    ("when", "reason"),
    [
        ({"all": []}, None),
        (HERE, None),
        ({"all": [HERE, LINKED]}, None),
        ({"all": [HERE, LONG, THERE]}, "too_short"),
        ({"any": [THERE, HERE]}, None),
        ({"any": [THERE]}, "other_network"),
        ({"any": [THERE, LONG]}, "none_of_these"),
        ({"none": [THERE, LONG]}, None),
        ({"none": [THERE, HERE]}, "ruled_out"),
        ({"none": [{"all": [HERE, LONG]}]}, None),
        ({"none": [{"none": [HERE]}]}, None),
        ({"any": [THERE, {"all": []}]}, None),
        ({"all": [{"any": [THERE, {"none": [LONG]}]}, HERE]}, None),
    ],
    ids=str,
)
def test_a_tree_holds_or_says_why_not(when: Any, reason: str | None) -> None:
    answer = judge(when)
    assert (answer and answer.code) == reason


def test_alternatives_tell_the_first_three_of_their_reasons() -> None:
    answer = judge({"any": [THERE, LONG, LONG, LONG, LONG]})
    assert answer is not None
    assert [each["reason"] for each in answer.holes["reasons"]] == ["other_network", "too_short", "too_short"]


def test_alternatives_are_about_something_else_only_if_all_are() -> None:
    elsewhere, near = judge({"any": [THERE, {"kind": {"one_of": ["vote"]}}]}), judge({"any": [THERE, LONG]})
    assert elsewhere is not None
    assert elsewhere.elsewhere
    assert near is not None
    assert not near.elsewhere


def test_a_kept_rule_whose_condition_is_gone_earns_nothing_and_says_so() -> None:
    kept = compile_kept(
        body(when={"moon_phase": {}}), revision_id=7, rule_id=3, slug="moon", number=2, in_force_from=LONG_AGO
    )
    verdicts = evaluate(situation(), [kept], Book())
    assert [(each.points, each.reason.code) for each in verdicts] == [(0, "unreadable")]
    assert outcome_of(verdicts) == ("refused", "unreadable")
    assert (kept.id, kept.rule_id, kept.slug, kept.number) == (7, 3, "moon", 2)
