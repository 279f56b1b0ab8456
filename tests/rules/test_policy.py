"""What the networks do not let a station reward, and what they leave open."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from loyalty.activities.fact import KINDS
from loyalty.rules.policy import (
    ALLOWED,
    FORBIDDEN,
    GREY,
    ForbiddenByNetwork,
    ReasonNeeded,
    enforce,
    findings,
    forbidden_networks,
)
from loyalty.rules.policy_table import LINES
from loyalty.seed import rulebook
from tests.makers.judging import body

EVERY = ["all", "any"]


def on(network: str, kind: str, **parts: Any) -> dict[str, Any]:
    when = {"all": [{"network": {"one_of": [network]}}, {"kind": {"one_of": [kind]}}]}
    return body(when=when, **parts)


def test_every_line_says_where_it_stands_and_since_when() -> None:
    for line in LINES:
        assert line.quote and line.source and line.networks and (line.kinds or line.others)
        assert line.verdict in (FORBIDDEN, GREY, ALLOWED)
        assert set(line.kinds) <= KINDS.keys()
        assert line.verdict != FORBIDDEN or line.instead is not None, "a no comes with what to do instead"


def test_no_act_is_under_two_lines() -> None:
    pairs = [(network, kind) for line in LINES for network in line.networks for kind in line.kinds]
    assert len(pairs) == len(set(pairs))


@pytest.mark.parametrize(
    ("network", "kind"),
    [
        ("instagram", "like"),
        ("facebook", "comment"),
        ("youtube", "live_chat"),
        ("youtube", "purchase"),
        ("x", "share"),
        ("x", "their-own-kind"),
        ("linkedin", "vote"),
        ("twitch", "tip"),
        ("discord", "referral"),
        ("tiktok", "follow"),
        ("reddit", "like"),
    ],
)
def test_what_a_network_forbids_is_refused_for_points_to_spend_and_may_be_counted(network: str, kind: str) -> None:
    with pytest.raises(ForbiddenByNetwork):
        enforce(on(network, kind), reason="We really want to.")
    enforce(on(network, kind, **{"class": "measure_only"}), reason=None)


@pytest.mark.parametrize(
    ("network", "kind"),
    [("twitch", "live_chat"), ("station", "onair_code"), ("messenger", "answer"), ("stripe", "purchase")],
)
def test_what_is_allowed_passes_without_a_word(network: str, kind: str) -> None:
    enforce(on(network, kind), reason=None)


@pytest.mark.parametrize(("network", "kind"), [("twitch", "follow"), ("mastodon", "comment"), ("bluesky", "like")])
def test_what_is_left_open_asks_for_a_written_reason(network: str, kind: str) -> None:
    for nothing in (None, "", "  "):
        with pytest.raises(ReasonNeeded):
            enforce(on(network, kind), reason=nothing)
    enforce(on(network, kind), reason="It is our own instance.")


def test_points_for_rank_are_refused_only_where_a_score_is_forbidden_too() -> None:
    enforce(on("instagram", "like", **{"class": "status_only"}), reason=None)
    with pytest.raises(ForbiddenByNetwork):
        enforce(on("youtube", "like", **{"class": "status_only"}), reason=None)


def test_a_rule_that_names_no_network_has_to_leave_out_those_that_forbid_it() -> None:
    chats = {"kind": {"one_of": ["live_chat"]}}
    assert forbidden_networks(findings(body(when=chats))) == ["facebook", "instagram", "youtube"]
    without = {"none": [{"network": {"one_of": ["facebook", "instagram", "youtube"]}}]}
    enforce(body(when={"all": [chats, without]}), reason=None)
    some = {"none": [{"network": {"one_of": ["facebook", "instagram"]}}]}
    assert forbidden_networks(findings(body(when={"all": [chats, some]}))) == ["youtube"]
    assert forbidden_networks(findings(body())) == [
        "discord", "facebook", "instagram", "linkedin", "reddit", "tiktok", "twitch", "x", "youtube",
    ]  # fmt: skip


def test_an_exception_that_holds_only_sometimes_leaves_nothing_out() -> None:
    sometimes = {"none": [{"all": [{"network": {"one_of": ["youtube"]}}, {"effort": {"min_words": 3}}]}]}
    asked = body(when={"all": [{"kind": {"one_of": ["live_chat"]}}, sometimes]})
    assert "youtube" in forbidden_networks(findings(asked))


@pytest.mark.parametrize("word", EVERY)
def test_groups_are_understood(word: str) -> None:
    parts = [{"network": {"one_of": ["twitch"]}}, {"network": {"one_of": ["youtube"]}}]
    found = forbidden_networks(findings(body(when={"all": [{"kind": {"one_of": ["live_chat"]}}, {word: parts}]})))
    assert found == (["youtube"] if word == "any" else []), "no act is on two networks"


def test_acts_of_ones_own_are_nobody_elses_business() -> None:
    for kind in ("onair_code", "check_in", "purchase", "challenge", "prediction", "quiz_answer", "vote", "join"):
        assert forbidden_networks(findings(body(when={"kind": {"one_of": [kind]}}))) == [], kind


def test_a_rule_on_hold_and_a_multiplier_pay_nothing_by_themselves() -> None:
    enforce(on("instagram", "like", enabled=False), reason=None)
    enforce(on("instagram", "like", earn={"multiply_percent": 300}), reason=None)


def test_a_text_over_six_months_old_wants_reading_again() -> None:
    (found,) = findings(on("reddit", "post"))
    assert found.line.dated is not None
    assert not found.is_stale(found.line.dated + timedelta(days=180))
    assert found.is_stale(found.line.dated + timedelta(days=184))
    (old,) = findings(on("bluesky", "post"))
    assert old.is_stale(date(2026, 11, 23))
    (undated,) = findings(on("twitch", "follow"))
    assert undated.line.dated is None and undated.is_stale(date(2026, 11, 23))


def test_the_rules_of_the_demonstration_are_allowed() -> None:
    rules = rulebook.rules(fans=100, challenge_steps=10, now=datetime(2026, 11, 23, tzinfo=UTC))
    for slug, each in {**rules, "chat-en-direct": rulebook.revised_chat()}.items():
        enforce(each, reason="Notre propre instance." if slug == "commentaire" else None)
