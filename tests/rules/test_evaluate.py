"""Which rules award how much, and why the others do not."""

from datetime import timedelta
from typing import Any

import pytest

from loyalty.rules.evaluate import Revision, evaluate
from loyalty.rules.outcome import outcome_of
from loyalty.rules.situation import Situation
from loyalty.rules.timeline import Timeline
from tests.makers.judging import Book, paris, revision, situation

NOWHERE = {"network": {"one_of": ["nowhere"]}}
EIGHT = paris(2026, 11, 23, 8, 0)


def judge(*revisions: Revision, told: Situation | None = None, book: Book | None = None) -> list[tuple[int, str]]:
    told, book = told or situation(), book or Book()
    verdicts = evaluate(told, revisions, book)
    book.note(told, verdicts)
    return [(verdict.points, verdict.reason.code) for verdict in verdicts]


def test_a_rule_that_holds_awards_its_points() -> None:
    assert judge(revision()) == [(10, "awarded")]


def test_a_rule_that_misses_says_why() -> None:
    assert judge(revision(when=NOWHERE)) == [(0, "other_network")]


def test_no_rule_gives_no_verdict_and_the_activity_says_so() -> None:
    assert judge() == []
    assert outcome_of([]) == ("refused", "no_rule")


@pytest.mark.parametrize(
    ("earn", "quantity", "points"),
    [
        ({"fixed": 10}, 1, 10),
        ({"points": 2, "per": 100}, 99, 0),
        ({"points": 2, "per": 100}, 100, 2),
        ({"points": 2, "per": 100}, 1999, 38),
        ({"fixed": 5, "points": 1, "per": 100}, 50, 5),
        ({"fixed": 5, "points": 1, "per": 100}, 250, 7),
    ],
    ids=str,
)
def test_points_per_unit_count_whole_units(earn: dict[str, int], quantity: int, points: int) -> None:
    reason = "awarded" if points else "too_little"
    assert judge(revision(earn=earn), told=situation(quantity=quantity)) == [(points, reason)]


def test_a_rule_that_measures_counts_and_gives_nothing() -> None:
    measured = revision(**{"class": "measure_only", "earn": {}})
    multiplied = revision(2, **{"class": "measure_only", "earn": {"multiply_percent": 300}})
    assert judge(measured, multiplied) == [(0, "measured"), (0, "measured")]
    assert outcome_of(evaluate(situation(), [measured], Book())) == ("measured", "measured")


def test_that_a_rule_is_paused_or_over_is_told_to_those_it_concerns() -> None:
    ended = {"to": "2026-11-01T00:00:00+01:00"}
    told = judge(revision(enabled=False), revision(2, enabled=False, when=NOWHERE), revision(3, when=NOWHERE, **ended))
    assert told == [(0, "rule_paused"), (0, "other_network"), (0, "other_network")]


def test_a_window_includes_its_first_instant_and_not_its_last() -> None:
    dated = revision(**{"from": "2026-11-23T08:00:00+01:00", "to": "2026-11-23T09:00:00+01:00"})
    tick = timedelta(microseconds=1)
    assert judge(dated, told=situation(EIGHT - tick)) == [(0, "not_started")]
    assert judge(dated, told=situation(EIGHT)) == [(10, "awarded")]
    assert judge(dated, told=situation(EIGHT + timedelta(hours=1) - tick)) == [(10, "awarded")]
    assert judge(dated, told=situation(EIGHT + timedelta(hours=1))) == [(0, "ended")]


def test_a_cap_of_points_pays_the_rest_and_then_nothing() -> None:
    capped, book = revision(limits={"per_day": {"points": 25}}), Book()
    assert [judge(capped, book=book)[0] for _ in range(4)] == [
        (10, "awarded"),
        (10, "awarded"),
        (5, "awarded_partly"),
        (0, "cap_reached_day"),
    ]


def test_a_cap_of_times_counts_awards() -> None:
    capped, book = revision(limits={"per_week": {"times": 2}}), Book()
    assert [judge(capped, book=book)[0][1] for _ in range(3)] == ["awarded", "awarded", "cap_reached_week"]
    next_monday = situation(EIGHT + timedelta(days=7))
    assert judge(capped, told=next_monday, book=book) == [(10, "awarded")]


def test_the_tightest_of_several_caps_decides() -> None:
    capped, book = revision(limits={"per_day": {"points": 8}, "ever": {"points": 12}}), Book()
    assert judge(capped, book=book) == [(8, "awarded_partly")]
    tomorrow = situation(EIGHT + timedelta(days=1))
    verdicts = evaluate(tomorrow, [capped], book)
    assert verdicts[0].points == 4
    assert verdicts[0].reason.holes == {"wanted": 10, "because": "cap_reached_ever"}


def test_a_cap_lowered_below_what_was_given_only_stops() -> None:
    book = Book()
    judge(revision(), revision(), book=book)
    assert judge(revision(limits={"per_day": {"points": 5}}), book=book) == [(0, "cap_reached_day")]


def test_a_budget_stops_exactly_at_its_limit() -> None:
    rule, book = revision(limits={"budget_points": 1000}), Book(issued={1: 985})
    assert [judge(rule, book=book)[0] for _ in range(3)] == [
        (10, "awarded"),
        (5, "awarded_partly"),
        (0, "budget_exhausted"),
    ]
    assert book.issued(1) == 1000


def test_a_cooldown_ends_when_it_ends() -> None:
    rule, book = revision(limits={"cooldown_seconds": 60}), Book()
    judge(rule, told=situation(EIGHT), book=book)
    soon = evaluate(situation(EIGHT + timedelta(seconds=29.5)), [rule], book)
    assert (soon[0].reason.code, soon[0].reason.holes) == ("cooling_down", {"seconds": 60})
    assert judge(rule, told=situation(EIGHT + timedelta(seconds=60)), book=book) == [(10, "awarded")]


def test_a_cooldown_holds_for_what_is_told_late_too() -> None:
    rule, book = revision(limits={"cooldown_seconds": 60}), Book()
    judge(rule, told=situation(EIGHT), book=book)
    assert judge(rule, told=situation(EIGHT - timedelta(seconds=59)), book=book) == [(0, "cooling_down")]
    assert judge(rule, told=situation(EIGHT - timedelta(seconds=60)), book=book) == [(10, "awarded")]


def test_rules_add_up() -> None:
    assert judge(revision(), revision(2, earn={"fixed": 3})) == [(10, "awarded"), (3, "awarded")]


def test_of_the_best_only_the_best_counts_and_priority_decides_between_equals() -> None:
    best: dict[str, Any] = {"stacking": "best"}
    rules = [revision(), revision(2, **best), revision(3, earn={"fixed": 30}, **best), revision(4, **best)]
    assert judge(*rules) == [(10, "awarded"), (0, "not_the_best"), (30, "awarded"), (0, "not_the_best")]
    assert judge(revision(2, **best), revision(4, **best)) == [(10, "awarded"), (0, "not_the_best")]


def test_the_first_exclusive_rule_stands_alone() -> None:
    alone: dict[str, Any] = {"stacking": "exclusive", "earn": {"fixed": 1}}
    assert judge(revision(), revision(2, **alone), revision(3, **alone)) == [
        (0, "excluded"),
        (1, "awarded"),
        (0, "excluded"),
    ]


def test_an_exclusive_rule_that_gives_nothing_excludes_nobody() -> None:
    alone = revision(2, stacking="exclusive", limits={"per_day": {"times": 1}})
    book = Book()
    assert judge(revision(), alone, book=book) == [(0, "excluded"), (10, "awarded")]
    assert judge(revision(), alone, book=book) == [(10, "awarded"), (0, "cap_reached_day")]


def test_a_multiplier_gives_on_top_of_what_its_class_gave() -> None:
    triple = {"earn": {"multiply_percent": 300}}
    status = {"class": "status_only", "earn": {"fixed": 7}}
    assert judge(revision(), revision(2, **status), revision(3, **triple)) == [
        (10, "awarded"),
        (7, "awarded"),
        (20, "awarded"),
    ]
    assert judge(revision(2, **status), revision(3, **triple)) == [(7, "awarded"), (0, "nothing_to_multiply")]
    assert judge(revision(2, **status), revision(3, **{**triple, "class": "status_only"})) == [
        (7, "awarded"),
        (14, "awarded"),
    ]


def test_multipliers_add_up_and_round_down() -> None:
    half, double = {"earn": {"multiply_percent": 150}}, {"earn": {"multiply_percent": 200}}
    assert judge(revision(earn={"fixed": 5}), revision(2, **half), revision(3, **double)) == [
        (5, "awarded"),
        (2, "awarded"),
        (5, "awarded"),
    ]


def test_a_multiplier_multiplies_what_was_paid_and_has_limits_of_its_own() -> None:
    capped = revision(limits={"per_day": {"points": 6}})
    triple = revision(2, earn={"multiply_percent": 300}, limits={"per_day": {"points": 10}})
    assert judge(capped, triple) == [(6, "awarded_partly"), (10, "awarded_partly")]


def test_a_day_is_a_day_of_the_programme_when_the_clocks_change() -> None:
    once = revision(limits={"per_day": {"times": 1}})
    for first, last in (
        (paris(2026, 10, 25, 0, 0), paris(2026, 10, 25, 23, 59, 59, 999_999)),  # 25 hours
        (paris(2027, 3, 28, 0, 0), paris(2027, 3, 28, 23, 59, 59, 999_999)),  # 23 hours
        (paris(2028, 2, 29, 0, 0), paris(2028, 2, 29, 23, 59, 59, 999_999)),
    ):
        book = Book()
        assert judge(once, told=situation(first), book=book) == [(10, "awarded")]
        assert judge(once, told=situation(last), book=book) == [(0, "cap_reached_day")]
        assert judge(once, told=situation(last + timedelta(microseconds=1)), book=book) == [(10, "awarded")]
        before = situation(first - timedelta(microseconds=1))
        assert judge(once, told=before, book=Book()) == [(10, "awarded")]
        assert before.local_day != situation(first).local_day


def test_the_day_of_25_hours_has_25_hours() -> None:
    assert paris(2026, 10, 26, 0, 0) - paris(2026, 10, 25, 0, 0) == timedelta(hours=25)
    assert paris(2027, 3, 29, 0, 0) - paris(2027, 3, 28, 0, 0) == timedelta(hours=23)


def test_a_week_begins_on_monday_also_across_new_year() -> None:
    once, book = revision(limits={"per_week": {"times": 1}}), Book()
    assert judge(once, told=situation(paris(2026, 12, 28, 0, 0)), book=book) == [(10, "awarded")]
    assert judge(once, told=situation(paris(2027, 1, 3, 23, 59)), book=book) == [(0, "cap_reached_week")]
    assert judge(once, told=situation(paris(2027, 1, 4, 0, 0)), book=book) == [(10, "awarded")]


def test_the_revision_in_force_then_judges_what_happened_then() -> None:
    old, new = revision(1), revision(1, in_force_from=EIGHT, earn={"fixed": 99})
    history = {1: [old, new]}
    assert Timeline(history).at(EIGHT - timedelta(microseconds=1)) == [old]
    assert Timeline(history).at(EIGHT) == [new]
    assert Timeline({1: [new]}).at(EIGHT - timedelta(microseconds=1)) == []


def test_a_later_edit_replaces_one_that_was_planned() -> None:
    planned, edit = revision(1, in_force_from=EIGHT + timedelta(days=9)), revision(1, in_force_from=EIGHT)
    assert Timeline({1: [planned, edit]}).at(EIGHT + timedelta(days=10)) == [edit]


def test_the_highest_priority_comes_first_and_then_the_slug() -> None:
    rules = [revision(3), revision(1), revision(2, priority=5), revision(4, priority=-1)]
    ordered = Timeline({each.rule_id: [each] for each in rules}).at(EIGHT)
    assert [each.rule_id for each in ordered] == [2, 1, 3, 4]


def test_a_refusal_tells_the_reason_that_came_nearest_and_not_of_other_rules() -> None:
    silent = revision(1, when={"effort": {"min_words": 50}})
    full = revision(2, limits={"per_day": {"times": 1}})
    book = Book()
    judge(full, book=book)
    verdicts = evaluate(situation(), [revision(3, when=NOWHERE), silent, full], book)
    assert outcome_of(verdicts) == ("refused", "cap_reached_day")
    assert outcome_of(verdicts[:2]) == ("refused", "too_short")
    assert outcome_of(verdicts[:1]) == ("refused", "no_rule")


def test_a_verdict_is_kept_as_json() -> None:
    verdict = evaluate(situation(words=1), [revision(when={"effort": {}})], Book())[0]
    assert verdict.kept == {
        "rule": "rule-001",
        "revision": 1,
        "points": 0,
        "class": "redeemable",
        "reason": "too_short",
        "holes": {"words": 1, "least": 3},
    }
