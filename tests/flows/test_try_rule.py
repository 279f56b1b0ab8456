"""What an activity would earn, told without writing anything."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import Session

from loyalty import clock
from loyalty.db import Database
from loyalty.errors import Invalid
from loyalty.flows.earn import earn
from loyalty.flows.try_rule import try_activities, try_activity
from tests.cast import MORNING, chat, open_station, rule
from tests.makers.judging import body


@pytest.fixture(autouse=True)
def station(db: Database) -> Iterator[None]:
    open_station(db)
    with clock.running_on(clock.stopped_at(MORNING + timedelta(hours=1))):
        yield


def rows(db: Database) -> dict[str, int | None]:
    def count(session: Session) -> dict[str, int | None]:
        names = sa.inspect(session.connection()).get_table_names()
        return {name: session.scalar(sa.select(sa.func.count()).select_from(sa.table(name))) for name in names}

    return db.read(count)


def verdicts(outcome: Any) -> list[tuple[str, int, str]]:
    return [(each["rule"], each["points"], each["reason"]) for each in outcome.verdicts]


def test_a_try_says_what_earning_would_say_and_writes_nothing(db: Database) -> None:
    rule(db)
    rule(db, "long", when={"effort": {"min_words": 50}})
    before = rows(db)
    tried = try_activity(db, chat())
    assert rows(db) == before
    (earned,) = earn(db, [chat()], source="api")
    assert (tried.status, tried.activity_id) == ("tried", None)
    assert (tried.outcome, tried.reason, tried.points) == (earned.outcome, earned.reason, earned.points)
    assert tried.verdicts == earned.verdicts


def test_a_try_is_judged_after_what_the_fan_has_earned(db: Database) -> None:
    rule(db, limits={"per_day": {"points": 15}})
    earn(db, [chat(1)], source="api")
    assert verdicts(try_activity(db, chat(2))) == [("chat", 5, "awarded_partly")]
    assert verdicts(try_activity(db, chat(2, actor="somebody-else"))) == [("chat", 10, "awarded")]


def test_several_are_tried_one_after_the_other(db: Database) -> None:
    rule(db, limits={"per_day": {"times": 2}})
    tried = try_activities(db, [chat(number) for number in (1, 2, 3)])
    assert [each.reason for each in tried] == ["awarded", "awarded", "cap_reached_day"]


def test_a_draft_takes_the_place_of_its_rule_and_keeps_its_counts(db: Database) -> None:
    rule(db)
    earn(db, [chat(1)], source="api")
    draft = body(earn={"fixed": 30}, limits={"per_day": {"points": 35}})
    assert verdicts(try_activity(db, chat(2), drafts={"chat": draft})) == [("chat", 25, "awarded_partly")]
    assert verdicts(try_activity(db, chat(2))) == [("chat", 10, "awarded")]


def test_a_draft_of_a_new_rule_stands_beside_the_others(db: Database) -> None:
    rule(db)
    drafts = {"quiet": body(when={"kind": {"one_of": ["vote"]}}), "triple": body(earn={"multiply_percent": 300})}
    tried = try_activity(db, chat(), drafts=drafts)
    assert verdicts(tried) == [("chat", 10, "awarded"), ("quiet", 0, "other_kind"), ("triple", 20, "awarded")]
    assert tried.points == 30


def test_a_draft_that_is_not_valid_is_refused(db: Database) -> None:
    with pytest.raises(Invalid):
        try_activity(db, chat(), drafts={"chat": body(priority="high")})
