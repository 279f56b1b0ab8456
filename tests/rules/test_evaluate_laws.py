"""What no set of rules and no sequence of activities can break."""

import random
from collections import defaultdict
from datetime import timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from loyalty.rules.evaluate import Revision, evaluate
from loyalty.rules.situation import Situation
from loyalty.rules.timeline import Timeline
from tests.makers.judging import Book, paris, revision, situation

START = paris(2026, 10, 24, 20, 0)  # the clocks change in the night after this one
POINTS = st.integers(1, 40)
CAPS = st.fixed_dictionaries({}, optional={"points": POINTS, "times": st.integers(1, 4)}).filter(bool)
LIMITS = st.fixed_dictionaries(
    {},
    optional={
        "per_day": CAPS,
        "per_week": CAPS,
        "ever": CAPS,
        "cooldown_seconds": st.integers(1, 40_000),
        "budget_points": st.integers(1, 120),
    },
)
EARNS = st.one_of(
    st.fixed_dictionaries({"fixed": POINTS}),
    st.fixed_dictionaries({"points": POINTS, "per": st.integers(1, 5)}),
    st.fixed_dictionaries({"multiply_percent": st.integers(101, 400)}),
)
WHENS = st.sampled_from(
    [
        {"all": []},
        {"network": {"one_of": ["twitch"]}},
        {"effort": {"min_words": 4}},
        {"hours": {"from": "22:00", "to": "03:00"}},
        {"none": [{"weekdays": {"days": [7]}}]},
        {"any": [{"linked": {}}, {"quantity": {"min": 3}}]},
    ]
)
CLASSES = st.sampled_from(["redeemable", "redeemable", "status_only", "measure_only"])


@st.composite
def bodies(draw: st.DrawFn) -> dict[str, Any]:
    earn = draw(EARNS)
    stacking = "add" if "multiply_percent" in earn else draw(st.sampled_from(["add", "best", "exclusive"]))
    return {
        "class": draw(CLASSES),
        "when": draw(WHENS),
        "earn": earn,
        "limits": draw(LIMITS),
        "priority": draw(st.integers(-1, 1)),
        "stacking": stacking,
        "enabled": draw(st.sampled_from([True, True, True, False])),
    }


HISTORIES = st.lists(bodies(), max_size=6).map(
    lambda given: {number: [revision(number, **body)] for number, body in enumerate(given, 1)}
)
SITUATIONS = st.lists(
    st.builds(
        lambda minutes, **facts: situation(START + timedelta(minutes=minutes), **facts),
        st.integers(0, 14 * 24 * 60),
        network=st.sampled_from(["twitch", "mastodon"]),
        words=st.none() | st.integers(0, 9),
        quantity=st.integers(0, 12),
        linked=st.booleans(),
    ),
    max_size=25,
)
History = dict[int, list[Revision]]


@given(HISTORIES, SITUATIONS)
def test_every_revision_gives_exactly_one_verdict_and_never_takes(history: History, acts: list[Situation]) -> None:
    book = Book()
    for act in acts:
        revisions = Timeline(history).at(act.happened_at)
        verdicts = evaluate(act, revisions, book)
        book.note(act, verdicts)
        assert [verdict.revision for verdict in verdicts] == revisions
        for verdict in verdicts:
            assert verdict.points >= 0
            assert verdict.awarded == (verdict.reason.code in ("awarded", "awarded_partly"))
            assert not (verdict.awarded and verdict.revision.points_class == "measure_only")


@given(HISTORIES, SITUATIONS)
def test_no_cap_and_no_budget_is_ever_passed(history: History, acts: list[Situation]) -> None:
    book, points, times = Book(), defaultdict(int), defaultdict(int)
    for act in acts:
        verdicts = evaluate(act, Timeline(history).at(act.happened_at), book)
        book.note(act, verdicts)
        for verdict in filter(lambda each: each.awarded, verdicts):
            # Counted here anew, by the calendar, not by what the engine is told.
            for period in (("day", act.local.date()), ("week", act.local.isocalendar()[:2]), ("ever", None)):
                points[verdict.revision.rule_id, period] += verdict.points
                times[verdict.revision.rule_id, period] += 1
    for (rule_id, (period, when)), given_points in points.items():
        limits = history[rule_id][0].limits
        for cap in limits.caps:
            if cap.period == period:
                assert cap.points is None or given_points <= cap.points
                assert cap.times is None or times[rule_id, (period, when)] <= cap.times
        if period == "ever" and limits.budget_points is not None:
            assert given_points <= limits.budget_points


@given(HISTORIES, SITUATIONS)
def test_awards_of_a_rule_are_as_far_apart_as_it_asks(history: History, acts: list[Situation]) -> None:
    book, last = Book(), {}
    for act in sorted(acts, key=lambda each: each.happened_at):
        verdicts = evaluate(act, Timeline(history).at(act.happened_at), book)
        book.note(act, verdicts)
        for verdict in filter(lambda each: each.awarded, verdicts):
            before = last.get(verdict.revision.rule_id, act.happened_at - timedelta(days=99))
            apart = act.happened_at - before
            assert apart >= timedelta(seconds=verdict.revision.limits.cooldown_seconds)
            last[verdict.revision.rule_id] = act.happened_at


@given(HISTORIES, SITUATIONS, st.randoms(use_true_random=False))
def test_the_order_in_which_rules_are_found_changes_nothing(
    history: History, acts: list[Situation], chance: random.Random
) -> None:
    shuffled = list(history.items())
    chance.shuffle(shuffled)
    answers = []
    for each in (history, dict(shuffled)):
        book = Book()
        for act in acts:
            verdicts = evaluate(act, Timeline(each).at(act.happened_at), book)
            book.note(act, verdicts)
            answers.append([verdict.kept for verdict in verdicts])
    assert answers[: len(acts)] == answers[len(acts) :]


@given(HISTORIES, SITUATIONS, st.randoms(use_true_random=False))
def test_priority_matters_only_to_best_and_exclusive_rules(
    history: History, acts: list[Situation], chance: random.Random
) -> None:
    adding = [each[0] for each in history.values() if each[0].stacking == "add"]
    for act in acts:
        shuffled = chance.sample(adding, len(adding))
        before = {each.revision.id: each.kept for each in evaluate(act, adding, Book())}
        assert {each.revision.id: each.kept for each in evaluate(act, shuffled, Book())} == before


@given(st.lists(st.tuples(st.integers(1, 4), st.integers(0, 9), st.integers(-1, 1)), max_size=12), st.integers(-1, 10))
def test_the_revision_in_force_is_the_last_written_that_has_begun(
    edits: list[tuple[int, int, int]], hours: int
) -> None:
    history: History = {}
    for rule_id, begins, priority in edits:
        begun = START + timedelta(hours=begins)
        history.setdefault(rule_id, []).append(revision(rule_id, in_force_from=begun, priority=priority))
    at = START + timedelta(hours=hours)
    begun_by_rule = ([each for each in written if each.in_force_from <= at] for written in history.values())
    expected = sorted((each[-1] for each in begun_by_rule if each), key=lambda each: (-each.priority, each.slug))
    timeline = Timeline(history)
    assert timeline.at(at) == expected == timeline.at(at)
