"""What a rule gave everybody is counted apart until a budget binds everybody, and never lost between the two."""

from typing import Any

import pytest
import sqlalchemy as sa

from loyalty import clock
from loyalty.activities.fact import WithdrawnFact
from loyalty.db import Database
from loyalty.flows.earn import earn
from loyalty.flows.manage_rules import apply_rule, show_rule
from loyalty.flows.reverse import withdraw
from loyalty.flows.verify import verify
from tests.cast import MORNING, ODILE, chat, open_station, rule
from tests.makers.judging import body
from tests.makers.proof import adds_up


@pytest.fixture(autouse=True)
def station(db: Database) -> Any:
    open_station(db)
    with clock.running_on(clock.stopped_at(MORNING)):
        yield


def give(db: Database, count: int, *, first: int = 0) -> list[int]:
    facts = [chat(number, actor=f"tw-{number}") for number in range(first, first + count)]
    return [each.points for each in earn(db, facts, source="test")]


def counts(db: Database) -> tuple[int, int]:
    """In the row of the rule, and by bucket."""
    whole = "SELECT (SELECT sum(points_issued) FROM rule), (SELECT coalesce(sum(points), 0) FROM rule_issued)"
    row, by_bucket = db.read(lambda session: session.execute(sa.text(whole)).one())
    return int(row), int(by_bucket)


def budget(db: Database, points: int, slug: str = "chat") -> None:
    kept = {**show_rule(db, slug).latest.body, "limits": {"budget_points": points}}
    apply_rule(db, slug=slug, body=kept, actor=ODILE)


def test_a_rule_without_a_budget_touches_no_row_that_all_share(db: Database) -> None:
    rule(db)
    give(db, 5)
    assert counts(db) == (0, 50)
    assert show_rule(db, "chat").points_issued == 50


def test_a_rule_with_a_budget_counts_in_its_row(db: Database) -> None:
    rule(db, limits={"budget_points": 25})
    assert give(db, 4) == [10, 10, 5, 0]
    assert counts(db) == (25, 0)
    assert adds_up(db)


def test_a_budget_that_comes_later_counts_what_came_before(db: Database) -> None:
    rule(db)
    give(db, 5)
    budget(db, 65)
    assert counts(db) == (50, 0)
    assert give(db, 3, first=5) == [10, 5, 0]
    assert show_rule(db, "chat").points_issued == 65
    assert adds_up(db)


def test_a_rule_that_lost_its_budget_stays_counted_in_its_row(db: Database) -> None:
    rule(db, limits={"budget_points": 25})
    apply_rule(db, slug="chat", body=body(earn={"fixed": 10}), actor=ODILE)
    assert give(db, 5) == [10] * 5
    assert counts(db) == (50, 0)
    assert adds_up(db)


@pytest.mark.parametrize(("limits", "left"), [({}, (0, 10)), ({"budget_points": 20}, (10, 0))])
def test_what_is_taken_back_is_taken_off_where_it_was_counted(db: Database, limits: Any, left: Any) -> None:
    rule(db, limits=limits)
    give(db, 2)
    withdraw(db, [WithdrawnFact(act_key=chat(0).act_key)], source="test")
    assert counts(db) == left
    assert adds_up(db)


@pytest.mark.parametrize("spoil", ["UPDATE rule_issued SET points = points + 1", "DELETE FROM rule_issued"])
def test_a_wrong_count_is_found(db: Database, spoil: str) -> None:
    rule(db)
    give(db, 1)
    db.write(lambda session: session.execute(sa.text(spoil)))
    assert {each.invariant for each in verify(db).breaches} == {"I9"}


def test_a_count_by_bucket_beside_a_budget_is_found(db: Database) -> None:
    rule(db, limits={"budget_points": 25})
    give(db, 1)
    db.write(lambda session: session.execute(sa.text("UPDATE rule SET points_issued = 0")))
    db.write(lambda session: session.execute(sa.text("INSERT INTO rule_issued SELECT id, 3, 10 FROM rule")))
    assert [(each.invariant, each.where[:5]) for each in verify(db).breaches] == [("I9", "rule ")]
