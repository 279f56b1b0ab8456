"""Withdrawn acts are taken back once, whatever the order of the messages."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import text

from loyalty.activities.fact import ActivityFact, WithdrawnFact
from loyalty.db import Database
from loyalty.flows.earn import earn
from loyalty.flows.link import link
from loyalty.flows.reverse import settle_withdrawals, withdraw
from tests.cast import MORNING, ODILE, chat, ines, rule
from tests.makers.moment import station_at


@pytest.fixture(autouse=True)
def station(db: Database) -> Iterator[None]:
    with station_at(db, MORNING + timedelta(hours=1)):
        yield


def total(db: Database) -> int:
    return db.read(lambda session: session.execute(text("SELECT coalesce(sum(balance), 0) FROM holder")).scalar_one())


def outcome_of(db: Database, activity_id: int | None) -> str:
    query = text("SELECT outcome FROM activity WHERE id = :id")
    return db.read(lambda session: session.execute(query, {"id": activity_id}).scalar_one())


def gone(fact: ActivityFact, quantity: int | None = None) -> WithdrawnFact:
    return WithdrawnFact(act_key=fact.act_key, withdrawn_quantity=quantity)


def purchase(cents: int = 5_000) -> ActivityFact:
    return ActivityFact(
        network="stripe",
        actor="cus-ines",
        kind="purchase",
        object="shop",
        external_id="pi_1",
        quantity=cents,
        happened_at=MORNING,
    )


def test_a_deleted_message_gives_its_points_back_once(db: Database) -> None:
    rule(db)
    (outcome,) = earn(db, [chat()], source="hook")
    assert [each.status for each in withdraw(db, [gone(chat())], source="hook")] == ["reversed"]
    assert [each.status for each in withdraw(db, [gone(chat())], source="hook")] == ["duplicate"]
    assert total(db) == 0
    assert outcome_of(db, outcome.activity_id) == "withdrawn"


def test_a_deletion_that_comes_first_waits_for_its_message(db: Database) -> None:
    rule(db)
    assert [each.status for each in withdraw(db, [gone(chat())], source="hook")] == ["waiting"]
    (outcome,) = earn(db, [chat()], source="hook")
    assert (outcome.outcome, outcome.points) == ("withdrawn", 0)
    assert total(db) == 0


def test_an_act_withdrawn_and_repeated_is_not_paid_again(db: Database) -> None:
    rule(db)
    earn(db, [chat()], source="hook")
    withdraw(db, [gone(chat())], source="hook")
    (again,) = earn(db, [chat()], source="hook")
    assert (again.status, again.outcome) == ("duplicate", "withdrawn")
    assert total(db) == 0


def test_a_withdrawn_act_gives_its_room_under_the_cap_and_the_budget_back(db: Database) -> None:
    rule(db, limits={"per_day": {"points": 10}, "budget_points": 10})
    earn(db, [chat(1)], source="hook")
    withdraw(db, [gone(chat(1))], source="hook")
    (honest,) = earn(db, [chat(2)], source="hook")
    assert honest.points == 10


def test_refunds_are_cumulative_and_reverse_the_difference(db: Database) -> None:
    rule(db, when={"kind": {"one_of": ["purchase"]}}, earn={"points": 1, "per": 100})
    (bought,) = earn(db, [purchase()], source="hook")
    assert bought.points == 50
    assert withdraw(db, [gone(purchase(), 2_000)], source="hook")[0].points == 20
    assert withdraw(db, [gone(purchase(), 2_000)], source="hook")[0].status == "duplicate"
    assert withdraw(db, [gone(purchase(), 3_050)], source="hook")[0].points == 10
    assert total(db) == 20
    assert withdraw(db, [gone(purchase())], source="hook")[0].points == 20
    assert total(db) == 0


def test_refunds_in_the_wrong_order_take_no_more_than_the_largest(db: Database) -> None:
    rule(db, when={"kind": {"one_of": ["purchase"]}}, earn={"points": 1, "per": 100})
    withdraw(db, [gone(purchase(), 3_000)], source="hook")
    earn(db, [purchase()], source="hook")
    assert total(db) == 20
    withdraw(db, [gone(purchase(), 1_000)], source="hook")
    assert total(db) == 20


def test_the_recorded_amount_is_taken_back_not_todays(db: Database) -> None:
    rule(db)
    earn(db, [chat()], source="hook")
    from loyalty.flows.manage_rules import apply_rule, show_rule

    apply_rule(db, slug="chat", body=show_rule(db, "chat").latest.body | {"earn": {"fixed": 999}}, actor=ODILE)
    assert withdraw(db, [gone(chat())], source="hook")[0].points == 10


def test_after_linking_the_fan_pays_back_what_the_account_had_earned(db: Database) -> None:
    rule(db)
    fan = ines(db)
    earn(db, [chat(1), chat(2)], source="hook")
    link(db, fan_id=fan.id, network="twitch", external_id="tw-ines", actor=ODILE)
    withdraw(db, [gone(chat(1))], source="hook")
    assert total(db) == 10


def test_a_deletion_that_crossed_its_message_in_flight_is_settled_later(db: Database) -> None:
    rule(db)
    earn(db, [chat()], source="hook")
    # What a withdrawal committed between another transaction's look and its commit leaves behind.
    db.write(
        lambda session: session.execute(
            text(
                "INSERT INTO withdrawal"
                " (id, act_key, withdrawn_quantity, source, happened_at, recorded_at, points_reversed)"
                " SELECT 1, act_key, 0, 'hook', happened_at, recorded_at, 0 FROM activity"
            )
        )
    )
    assert settle_withdrawals(db) == 1
    assert settle_withdrawals(db) == 0
    assert total(db) == 0
