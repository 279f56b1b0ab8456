"""How far points are taken back is the programme's decision; what was forgiven is never taken later."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlmodel import Session

from loyalty import clock
from loyalty.activities.fact import ActivityFact, WithdrawnFact
from loyalty.db import Database
from loyalty.flows.adjust import adjust_points
from loyalty.flows.earn import earn
from loyalty.flows.redeem import redeem
from loyalty.flows.reverse import withdraw
from loyalty.ledger import find
from loyalty.ledger.journal import STATUS_UNIT
from loyalty.programme.points_policy import DEBT, DEBT_POLICIES, NONE, WITHIN_BALANCE
from loyalty.programme.tables import Programme
from tests import cast
from tests.cast import MORNING, ODILE, chat
from tests.makers.moment import ines_of_twitch, station_at
from tests.makers.rewards import coffee
from tests.makers.station import rows

AT = MORNING + timedelta(hours=1)


@pytest.fixture(autouse=True)
def station(db: Database) -> Iterator[None]:
    with station_at(db, AT):
        yield


@pytest.fixture
def ines(db: Database) -> int:
    return ines_of_twitch(db)


def decide(db: Database, policy: str) -> None:
    def steps(session: Session) -> None:
        session.get_one(Programme, 1).debt_policy = policy

    db.write(steps)


def purchase(cents: int = 5_000) -> ActivityFact:
    return ActivityFact(
        network="twitch",
        actor="tw-ines",
        kind="purchase",
        object="shop",
        external_id="order",
        quantity=cents,
        happened_at=MORNING,
    )


def gone(fact: ActivityFact, quantity: int | None = None) -> WithdrawnFact:
    return WithdrawnFact(act_key=fact.act_key, withdrawn_quantity=quantity)


def has(db: Database, fan_id: int) -> tuple[int, int, int]:
    """Spendable, pending and owed."""
    found = db.read(lambda session: find.balance(session, fan_id, now=clock.now()))
    return found.points, found.pending, found.debt


def spend(db: Database, fan_id: int, points: int) -> None:
    coffee(db, cost_points=points)
    redeem(db, fan_id=fan_id, reward_slug="coffee")


@pytest.mark.parametrize(
    ("policy", "taken", "left"), [(DEBT, 10, (0, 0, 6)), (WITHIN_BALANCE, 4, (0, 0, 0)), (NONE, 0, (4, 0, 0))]
)
def test_what_was_spent_is_owed_or_forgiven_as_the_programme_says(
    db: Database, ines: int, policy: str, taken: int, left: tuple[int, int, int]
) -> None:
    decide(db, policy)
    cast.rule(db)
    earn(db, [chat(1)], source="test")
    spend(db, ines, 6)
    (done,) = withdraw(db, [gone(chat(1))], source="test")
    assert (done.points, has(db, ines)) == (taken, left)


@pytest.mark.parametrize("policy", DEBT_POLICIES)
def test_points_still_pending_are_always_cancelled(db: Database, ines: int, policy: str) -> None:
    decide(db, policy)
    cast.rule(db, pending_hours=24)
    earn(db, [chat(1), chat(2)], source="test")
    withdraw(db, [gone(chat(1))], source="test")
    assert has(db, ines) == (0, 10, 0)


@pytest.mark.parametrize("policy", [WITHIN_BALANCE, NONE])
def test_what_was_forgiven_is_not_taken_by_a_second_refund_nor_when_the_policy_changes(
    db: Database, ines: int, policy: str
) -> None:
    decide(db, policy)
    cast.rule(db, "shop", when={"all": [{"kind": {"one_of": ["purchase"]}}]}, earn={"points": 1, "per": 100})
    earn(db, [purchase()], source="test")
    spend(db, ines, 50)
    withdraw(db, [gone(purchase(), 2_000)], source="test")
    decide(db, DEBT)
    cast.rule(db)
    earn(db, [chat(1)], source="test")
    assert [each.points for each in withdraw(db, [gone(purchase(), 2_000)], source="test")] == [0]
    assert has(db, ines) == (10, 0, 0)
    withdraw(db, [gone(purchase())], source="test")  # the other thirty are owed now
    assert has(db, ines) == (0, 0, 20)


def test_what_is_kept_by_grace_still_fills_the_cap(db: Database, ines: int) -> None:
    decide(db, NONE)
    cast.rule(db, limits={"per_day": {"times": 1}})
    for number in range(4):  # written, paid, deleted, written again
        earn(db, [chat(number)], source="test")
        withdraw(db, [gone(chat(number))], source="test")
    assert has(db, ines) == (10, 0, 0)


def test_status_points_that_are_gone_are_forgiven_not_owed(db: Database, ines: int) -> None:
    cast.rule(db, **{"class": "status_only"})
    earn(db, [chat(1)], source="test")
    adjust_points(db, fan_id=ines, amount=-7, unit=STATUS_UNIT, key=1, reason="Too much", actor=ODILE)
    withdraw(db, [gone(chat(1))], source="test")
    assert rows(db, "SELECT status, debt FROM holder WHERE status > 0 OR debt > 0") == []


def test_a_deletion_that_comes_first_leaves_nothing_to_forgive(db: Database, ines: int) -> None:
    decide(db, NONE)
    cast.rule(db)
    withdraw(db, [gone(chat(1))], source="test")
    earn(db, [chat(1)], source="test")
    assert has(db, ines) == (0, 0, 0)


def test_a_purchase_refunded_in_part_before_it_came_gives_the_rest_under_every_policy(db: Database, ines: int) -> None:
    cast.rule(db, "shop", when={"all": [{"kind": {"one_of": ["purchase"]}}]}, earn={"points": 1, "per": 100})
    withdraw(db, [gone(purchase(), 2_000)], source="test")
    earn(db, [purchase()], source="test")
    assert has(db, ines) == (30, 0, 0)
