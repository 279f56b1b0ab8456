"""Points that wait: shown, not spendable, spendable when their time has come, and gone when the act is."""

from datetime import timedelta
from functools import partial

import pytest

from loyalty import clock
from loyalty.activities.fact import ActivityFact, WithdrawnFact
from loyalty.db import Database
from loyalty.fans.merge import Kept
from loyalty.flows.activate import activate_points
from loyalty.flows.earn import earn
from loyalty.flows.link import link
from loyalty.flows.merge_fans import merge_fans
from loyalty.flows.redeem import redeem
from loyalty.flows.reverse import withdraw
from loyalty.ledger import find
from loyalty.programme.tables import Programme
from tests import cast
from tests.cast import MORNING, ODILE, chat
from tests.makers.moment import station_at
from tests.makers.rewards import coffee
from tests.races.crowd import at_once, refusals

HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def station(db: Database):
    with station_at(db, MORNING + HOUR):
        yield


@pytest.fixture
def ines(db: Database) -> int:
    fan = cast.ines(db).id
    link(db, fan_id=fan, network="twitch", external_id="tw-ines", actor=ODILE)
    return fan


def has(db: Database, fan_id: int) -> tuple[int, int]:
    """Spendable and pending points."""
    found = db.read(lambda session: find.balance(session, fan_id, now=clock.now()))
    assert found.pending == sum(each.points for each in found.waits)
    return found.points, found.pending


def gone(fact: ActivityFact) -> WithdrawnFact:
    return WithdrawnFact(act_key=fact.act_key, withdrawn_quantity=None)


def later(hours: float):
    return clock.running_on(clock.stopped_at(MORNING + HOUR + timedelta(hours=hours)))


def test_points_wait_as_long_as_their_rule_says(db, ines):
    cast.rule(db, pending_hours=24)
    earn(db, [chat(1), chat(2, minutes=30)], source="test")
    assert has(db, ines) == (0, 20)
    waits = db.read(lambda session: find.balance(session, ines, now=clock.now())).waits
    assert [each.available_at - MORNING for each in waits] == [24 * HOUR, 24.5 * HOUR]
    assert activate_points(db) == 0
    with later(23.2):
        assert activate_points(db) == 1
        assert activate_points(db) == 0, "safe to run twice"
        assert has(db, ines) == (10, 10)
    with later(24):
        assert activate_points(db) == 1
        assert has(db, ines) == (20, 0)


def test_the_programme_says_how_long_for_rules_that_do_not(db, ines):
    def say(session):
        session.get(Programme, 1).pending_hours = {"kind:live_chat": 2, "network:twitch": 5}

    db.write(say)
    cast.rule(db)
    cast.rule(db, "at-once", pending_hours=0, earn={"fixed": 3})
    earn(db, [chat(1)], source="test")
    assert has(db, ines) == (3, 10)
    with later(3.9):
        assert activate_points(db) == 0
    with later(4):
        assert activate_points(db) == 1


def test_what_arrives_after_its_wait_is_spendable_at_once(db, ines):
    cast.rule(db, pending_hours=1)
    earn(db, [chat(1, minutes=-60)], source="test")
    assert has(db, ines) == (10, 0)


def test_a_withdrawn_act_takes_its_pending_points_and_no_others(db, ines):
    cast.rule(db, pending_hours=24)
    first, second = chat(1), chat(2)
    earn(db, [first, second], source="test")
    with later(1):
        withdraw(db, [gone(first)], source="test")
        withdraw(db, [gone(first)], source="test")
        assert has(db, ines) == (0, 10)
    with later(30):
        assert activate_points(db) == 1
        withdraw(db, [gone(second)], source="test")
        assert has(db, ines) == (0, 0)


def test_a_debt_is_paid_when_points_become_spendable(db, ines):
    cast.rule(db)
    cast.rule(db, "slow", pending_hours=24, when={"all": [{"kind": {"one_of": ["comment"]}}]}, earn={"fixed": 15})
    message = chat(1)
    earn(db, [message, chat(2, kind="comment")], source="test")
    coffee(db, cost_points=10)
    redeem(db, fan_id=ines, reward_slug="coffee")
    withdraw(db, [gone(message)], source="test")
    with later(30):
        activate_points(db)
        assert has(db, ines) == (5, 0)


def test_pending_points_go_with_an_account_that_is_linked_and_a_fan_who_is_merged(db):
    cast.rule(db, pending_hours=24)
    earn(db, [chat(1)], source="test")
    fan, other = cast.ines(db).id, cast.marc(db).id
    link(db, fan_id=fan, network="twitch", external_id="tw-ines", actor=ODILE)
    assert has(db, fan) == (0, 10)
    merge_fans(db, source_id=fan, target_id=other, kept=Kept(), actor=ODILE, reason="the same person")
    assert has(db, other) == (0, 10)
    with later(30):
        assert activate_points(db) == 1
        assert has(db, other) == (10, 0)


def test_activating_in_two_processes_at_once_gives_them_once(db, ines):
    cast.rule(db, pending_hours=24)
    earn(db, [chat(number, actor=f"tw-{number % 40}") for number in range(80)], source="test")
    with later(30):
        assert refusals(at_once([partial(activate_points, db)] * 4, threads=4)) == []
        assert activate_points(db) == 0
