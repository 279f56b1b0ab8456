"""Fakes filled a cap, honest acts were refused; once the fakes are withdrawn the honest ones are paid, once."""

from collections.abc import Iterator
from datetime import timedelta
from functools import partial

import pytest

from loyalty import clock
from loyalty.activities.fact import ActivityFact, WithdrawnFact
from loyalty.db import Database
from loyalty.flows.earn import earn
from loyalty.flows.expire import expire_points
from loyalty.flows.reverse import withdraw
from loyalty.ledger import find
from loyalty.ledger.post import lock
from loyalty.rules.evaluate import EXCLUSIVE
from tests import cast
from tests.cast import MORNING, chat
from tests.makers.moment import ines_of_twitch, station_at
from tests.makers.station import rows
from tests.races.crowd import at_once, refusals

AT = MORNING + timedelta(hours=8)
DAY = 24 * 60  # minutes


@pytest.fixture(autouse=True)
def station(db: Database) -> Iterator[None]:
    with station_at(db, AT):
        yield


@pytest.fixture
def ines(db: Database) -> int:
    return ines_of_twitch(db)


def gone(*facts: ActivityFact) -> list[WithdrawnFact]:
    return [WithdrawnFact(act_key=each.act_key) for each in facts]


def points(db: Database, fan_id: int) -> int:
    return db.read(lambda session: lock(session, [fan_id])[fan_id].balance)


def outcomes(db: Database) -> list[tuple[str, int]]:
    return rows(db, "SELECT outcome, points FROM activity ORDER BY id")


@pytest.mark.parametrize("limit", [{"per_day": {"times": 2}}, {"per_day": {"points": 20}}, {"ever": {"times": 2}}])
def test_an_honest_act_takes_the_room_of_a_fake_one_the_earliest_first(db: Database, ines: int, limit: dict) -> None:
    cast.rule(db, limits=limit)
    acts = [chat(number, minutes=number) for number in range(5)]
    earn(db, acts, source="test")
    assert outcomes(db) == [("awarded", 10)] * 2 + [("refused", 0)] * 3
    withdraw(db, gone(acts[0]), source="test")
    assert outcomes(db)[1:] == [("awarded", 10)] * 2 + [("refused", 0)] * 2
    withdraw(db, gone(acts[0]), source="test")  # told again, it changes nothing
    withdraw(db, gone(acts[1]), source="test")
    assert outcomes(db)[2:] == [("awarded", 10)] * 2 + [("refused", 0)]
    assert points(db, ines) == 20


def test_a_budget_that_is_free_again_is_for_acts_to_come(db: Database, ines: int) -> None:
    """Whom it had run out for was told so; only a cap is one fan's own, and given back to that fan."""
    cast.rule(db, limits={"budget_points": 10})
    fake, mine, theirs = chat(0), chat(1, minutes=1), chat(2, actor="tw-marc", minutes=2)
    earn(db, [fake, mine, theirs], source="test")
    assert outcomes(db) == [("awarded", 10), ("refused", 0), ("refused", 0)]
    withdraw(db, gone(fake), source="test")
    assert outcomes(db) == [("withdrawn", 10), ("refused", 0), ("refused", 0)]
    earn(db, [chat(3, actor="tw-marc", minutes=3), chat(4, minutes=4)], source="test")
    assert outcomes(db)[3:] == [("awarded", 10), ("refused", 0)]


def test_what_was_cut_by_a_cap_is_made_whole(db: Database, ines: int) -> None:
    cast.rule(db, limits={"per_day": {"points": 25}})
    acts = [chat(number, minutes=number) for number in range(4)]
    earn(db, acts, source="test")
    assert outcomes(db) == [("awarded", 10), ("awarded", 10), ("awarded", 5), ("refused", 0)]
    withdraw(db, gone(acts[0]), source="test")
    assert outcomes(db)[2:] == [("awarded", 10), ("awarded", 5)]
    withdraw(db, gone(acts[1]), source="test")
    assert (outcomes(db)[2:], points(db, ines)) == ([("awarded", 10)] * 2, 20)


def test_what_was_paid_late_is_taken_back_whole_when_it_is_withdrawn_too(db: Database, ines: int) -> None:
    cast.rule(db, limits={"per_day": {"points": 15}})
    acts = [chat(number, minutes=number) for number in range(3)]
    earn(db, acts, source="test")
    withdraw(db, gone(acts[0]), source="test")
    assert outcomes(db)[1:] == [("awarded", 10), ("awarded", 5)]
    withdraw(db, gone(acts[1], acts[2]), source="test")
    assert points(db, ines) == 0
    earn(db, [chat(9, minutes=9)], source="test")
    assert points(db, ines) == 10


def test_only_acts_of_the_same_period_and_the_same_rule_are_judged_again(db: Database, ines: int) -> None:
    cast.rule(db, limits={"per_day": {"times": 1}})
    cast.rule(db, "comments", when={"all": [{"kind": {"one_of": ["comment"]}}]}, limits={"per_day": {"times": 1}})
    yesterday = [chat(number, minutes=number - DAY) for number in range(2)]
    today = [chat(number + 5, minutes=number) for number in range(2)]
    comments = [chat(number + 7, kind="comment", minutes=number) for number in range(2)]
    earn(db, yesterday + today + comments, source="test")
    withdraw(db, gone(today[0]), source="test")
    assert outcomes(db) == [
        ("awarded", 10), ("refused", 0), ("withdrawn", 10), ("awarded", 10), ("awarded", 10), ("refused", 0)
    ]  # fmt: skip


def test_a_week_gives_its_room_to_another_day_of_it(db: Database, ines: int) -> None:
    cast.rule(db, limits={"per_week": {"times": 1}})
    sunday, monday, tuesday = (chat(day, minutes=(day - 1) * DAY) for day in range(3))
    with clock.running_on(clock.stopped_at(AT + timedelta(days=3))):
        earn(db, [sunday, monday, tuesday], source="test")
        withdraw(db, gone(monday), source="test")
    assert outcomes(db) == [("awarded", 10), ("withdrawn", 10), ("awarded", 10)]


def test_an_act_under_a_cool_down_of_another_still_waits(db: Database, ines: int) -> None:
    cast.rule(db, limits={"per_day": {"times": 2}, "cooldown_seconds": 600})
    acts = [chat(number, minutes=minute) for number, minute in enumerate((0, 20, 40, 45))]
    earn(db, acts, source="test")
    withdraw(db, gone(acts[0]), source="test")
    assert outcomes(db)[1:] == [("awarded", 10), ("awarded", 10), ("refused", 0)]
    withdraw(db, gone(acts[1]), source="test")
    assert outcomes(db)[3] == ("refused", 0)


def test_an_act_is_not_under_its_own_cool_down(db: Database, ines: int) -> None:
    cast.rule(db, limits={"per_day": {"points": 15}, "cooldown_seconds": 600})
    acts = [chat(number, minutes=20 * number) for number in range(2)]
    earn(db, acts, source="test")
    assert outcomes(db)[1] == ("awarded", 5)
    withdraw(db, gone(acts[0]), source="test")
    assert outcomes(db)[1] == ("awarded", 10)


def test_acts_from_before_an_account_was_linked_count_too(db: Database) -> None:
    cast.rule(db, limits={"per_day": {"times": 1}})
    acts = [chat(number, minutes=number) for number in range(2)]
    earn(db, acts, source="test")
    fan_id = ines_of_twitch(db)
    withdraw(db, gone(acts[0]), source="test")
    assert (outcomes(db)[1], points(db, fan_id)) == (("awarded", 10), 10)


def test_an_act_is_left_alone_when_another_rule_would_take_from_it(db: Database, ines: int) -> None:
    cast.rule(db, "strong", earn={"fixed": 30}, limits={"per_day": {"times": 1}}, stacking=EXCLUSIVE, priority=5)
    cast.rule(db, "weak", earn={"fixed": 5})
    acts = [chat(number, minutes=number) for number in range(2)]
    earn(db, acts, source="test")
    withdraw(db, gone(acts[0]), source="test")
    assert outcomes(db)[1] == ("awarded", 5)


def test_an_act_withdrawn_in_the_same_message_is_not_paid_meanwhile(db: Database, ines: int) -> None:
    cast.rule(db, limits={"per_day": {"times": 1}})
    acts = [chat(number, minutes=number) for number in range(3)]
    earn(db, acts, source="test")
    withdraw(db, gone(acts[0], acts[1]), source="test")
    assert outcomes(db)[1:] == [("withdrawn", 0), ("awarded", 10)]
    assert points(db, ines) == 10


def test_a_purchase_refunded_in_part_stays_as_it_was_judged(db: Database, ines: int) -> None:
    bought = {"when": {"all": [{"kind": {"one_of": ["purchase"]}}]}, "earn": {"points": 1, "per": 100}}
    cast.rule(db, **bought, limits={"per_day": {"points": 60}})
    orders = [chat(number, kind="purchase", quantity=5_000, minutes=number) for number in range(2)]
    earn(db, orders, source="test")
    assert outcomes(db) == [("awarded", 50), ("awarded", 10)]
    half = WithdrawnFact(act_key=orders[1].act_key, withdrawn_quantity=2_500)
    withdraw(db, [half, *gone(orders[0])], source="test")
    assert (outcomes(db)[1], points(db, ines)) == (("awarded", 10), 5)


def test_late_points_have_the_life_of_their_day(db: Database, ines: int) -> None:
    cast.rule(db, limits={"per_day": {"times": 1}})
    acts = [chat(number, minutes=number) for number in range(2)]
    earn(db, acts, source="test")
    with clock.running_on(clock.stopped_at(AT + timedelta(days=800))):
        withdraw(db, gone(acts[0]), source="test")
        assert db.read(lambda session: find.balance(session, ines, now=clock.now())).points == 0
        expire_points(db)


def test_room_made_by_many_at_once_is_given_once(db: Database, ines: int) -> None:
    cast.rule(db, limits={"per_day": {"times": 20}})
    acts = [chat(number, minutes=number) for number in range(60)]
    earn(db, acts, source="test")
    calls = [partial(withdraw, db, gone(acts[number]), source="race") for number in range(20)]
    assert refusals(at_once(calls)) == []
    assert points(db, ines) == 200


def test_the_history_says_that_it_counts_now(db: Database, ines: int) -> None:
    cast.rule(db, limits={"per_day": {"times": 1}})
    acts = [chat(number, minutes=number) for number in range(2)]
    earn(db, acts, source="test")
    withdraw(db, gone(acts[0]), source="test")
    line = db.read(lambda session: find.lines(session, ines, limit=1))[0]
    assert (line.cause, line.points, line.again) == ("activity", 10, True)
