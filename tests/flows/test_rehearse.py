"""A rehearsal answers what earning would answer, and changes nothing."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa

from loyalty import clock
from loyalty.activities.fact import ActivityFact, WithdrawnFact
from loyalty.db import Database
from loyalty.flows.earn import BATCH, Outcome, earn
from loyalty.flows.link import link
from loyalty.flows.rehearse import rehearsal
from loyalty.flows.reverse import withdraw
from loyalty.tables import metadata
from tests.cast import MORNING, ODILE, chat, ines, open_station, rule


@pytest.fixture(autouse=True)
def _station(db: Database) -> Iterator[None]:
    open_station(db)
    with clock.running_on(clock.stopped_at(MORNING + timedelta(hours=1))):
        yield


def rows(db: Database) -> dict[str, int]:
    count = sa.select(sa.func.count())
    return {
        table.name: db.read(lambda session, table=table: session.execute(count.select_from(table)).scalar_one())
        for table in metadata.sorted_tables
    }


def rehearse(db: Database, *batches: list[ActivityFact]) -> list[Outcome]:
    before = rows(db)
    with rehearsal(db) as rehearsed:
        outcomes = [each for batch in batches for each in rehearsed.earn(batch, source="import:stats.csv")]
    assert rows(db) == before
    return outcomes


def told(outcomes: list[Outcome]) -> list[tuple[object, ...]]:
    return [
        (each.status, each.outcome, each.reason, each.points, each.status_points, each.verdicts) for each in outcomes
    ]


def test_it_answers_what_earning_then_answers(db: Database) -> None:
    rule(db, limits={"per_day": {"points": 35}, "per_week": {"points": 60}, "cooldown_seconds": 30})
    rule(db, "first", when={"all": [{"first_of_day": {"of": "kind"}}]}, earn={"fixed": 3})
    rule(db, "linked", when={"all": [{"linked": {}}]}, earn={"fixed": 2}, **{"class": "status_only"})
    rule(db, "budget", when={"all": []}, earn={"fixed": 1}, limits={"budget_points": 57})
    earn(db, [chat(number, minutes=number) for number in range(3)], source="api")
    link(db, fan_id=ines(db).id, network="twitch", external_id="tw-ines", actor=ODILE)
    earn(db, [chat(number, minutes=number - 1440) for number in range(10, 13)], source="api")
    withdraw(db, [WithdrawnFact(act_key=chat(44).act_key)], source="api")
    withdraw(db, [WithdrawnFact(act_key=chat(45).act_key, withdrawn_quantity=1)], source="api")
    facts = [
        chat(number, actor=("tw-ines", "tw-marc", "tw-new")[number % 3], minutes=number / 2 - 1440 * (number % 2))
        for number in range(100)
    ]
    facts += [chat(5, quantity=9), chat(200, minutes=600), chat(6, actor="tw-marc"), *facts[90:]]
    facts += [ActivityFact(network="station", actor="404", kind="vote", object="song")]
    rehearsed = rehearse(db, facts[:40], facts[40:])
    assert told(rehearsed) == told(earn(db, facts, source="import:stats.csv"))
    assert {each.status for each in rehearsed} == {"recorded", "duplicate", "conflict", "refused"}
    assert {each.outcome for each in rehearsed} == {"awarded", "refused", "withdrawn", None}


def test_a_cap_holds_from_one_thousand_to_the_next(db: Database) -> None:
    rule(db, limits={"per_day": {"points": 50}})
    outcomes = rehearse(db, [chat(number) for number in range(BATCH + 200)])
    assert sum(each.points for each in outcomes) == 50
    outcomes = rehearse(db, *([chat(number)] for number in range(8)))
    assert [each.points for each in outcomes] == [10, 10, 10, 10, 10, 0, 0, 0]


def test_an_act_told_twice_is_a_duplicate_however_far_apart(db: Database) -> None:
    rule(db)
    first, again, other = rehearse(db, [chat(1)], [chat(1)], [chat(1, quantity=2)])
    assert (first.status, again.status, other.status) == ("recorded", "duplicate", "conflict")
    assert again.verdicts == first.verdicts


def test_the_station_works_on_while_it_lasts(db: Database) -> None:
    rule(db, limits={"per_day": {"points": 30}})
    with rehearsal(db) as rehearsed:
        (before,) = rehearsed.earn([chat(1)], source="import:stats.csv")
        earn(db, [chat(2), chat(3, actor="tw-marc")], source="api")
        same, marc = rehearsed.earn([chat(2), chat(4, actor="tw-marc")], source="import:stats.csv")
    assert (before.points, same.status, marc.points) == (10, "duplicate", 10)
