"""Points set aside in a crowd: one balance is never promised twice, and a hold ends one way only."""

from collections.abc import Iterator
from datetime import timedelta
from functools import partial

import pytest

from loyalty import clock
from loyalty.db import Database
from loyalty.flows.adjust import adjust_points
from loyalty.flows.hold import Held, authorise, capture, hold_now, release, release_holds
from loyalty.flows.redeem import redeem
from loyalty.ledger.post import lock
from tests.cast import MORNING, ODILE, ines, open_station
from tests.makers.proof import adds_up
from tests.makers.rewards import coffee
from tests.races.crowd import answers, at_once, refusals


@pytest.fixture(autouse=True)
def station(db: Database) -> Iterator[None]:
    open_station(db)
    with clock.running_on(clock.stopped_at(MORNING)):
        yield
        assert adds_up(db)


@pytest.fixture
def fan_id(db: Database) -> int:
    """Ines, with a thousand points."""
    fan_id = ines(db).id
    adjust_points(db, fan_id=fan_id, amount=1_000, key=1, reason="For the race", actor=ODILE)
    return fan_id


def aside(db: Database, fan_id: int, amount: int) -> Held:
    return authorise(db, fan_id=fan_id, amount=amount, purpose="A race", actor=ODILE)


def has(db: Database, fan_id: int) -> tuple[int, int]:
    state = db.read(lambda session: lock(session, [fan_id])[fan_id])
    return state.balance, state.held


def test_two_hundred_who_want_one_balance_get_what_is_there(db: Database, fan_id: int) -> None:
    came = at_once([partial(aside, db, fan_id, 15) for _ in range(200)], threads=200)
    assert refusals(came) == ["NotEnoughPoints"] * (200 - 66)
    assert has(db, fan_id) == (10, 990)


def test_points_are_spent_or_set_aside_never_both(db: Database, fan_id: int) -> None:
    coffee(db, cost_points=100, units=50)
    spends = [partial(redeem, db, fan_id=fan_id, reward_slug="coffee") for _ in range(20)]
    came = at_once([call for spend in spends for call in (spend, partial(aside, db, fan_id, 100))])
    assert len(answers(came)) == 10
    balance, held = has(db, fan_id)
    assert (balance, held % 100) == (0, 0)


def test_a_capture_and_a_release_at_once_have_one_winner(db: Database, fan_id: int) -> None:
    for _ in range(15):
        hold = aside(db, fan_id, 10).hold
        whose = {"fan_id": fan_id, "hold_id": hold.id, "actor": ODILE}
        came = at_once([partial(capture, db, **whose), partial(release, db, **whose)] * 4, threads=8)
        assert refusals(came) == ["HoldClosed"] * 7
        kept = db.read(lambda session, hold_id=hold.id: hold_now(session, fan_id=fan_id, hold_id=hold_id))
        assert sorted((kept.captured, kept.released)) == [0, 10]


def test_many_partial_captures_take_no_more_than_is_held(db: Database, fan_id: int) -> None:
    hold = aside(db, fan_id, 100).hold
    part = partial(capture, db, fan_id=fan_id, hold_id=hold.id, amount=9, actor=ODILE)
    came = at_once([part] * 30)
    assert set(refusals(came)) == {"MoreThanHeld"}
    assert len(answers(came)) == 11
    assert has(db, fan_id) == (900, 1)


def test_time_and_hand_end_a_hold_once_between_them(db: Database, fan_id: int) -> None:
    made = [aside(db, fan_id, 10).hold for _ in range(20)]
    with clock.running_on(clock.stopped_at(MORNING + timedelta(days=8))):
        by_hand = [partial(release, db, fan_id=fan_id, hold_id=hold.id, actor=ODILE) for hold in made]
        came = at_once([call for hand in by_hand for call in (hand, partial(release_holds, db))])
        assert set(refusals(came)) <= {"HoldClosed"}
        assert has(db, fan_id) == (1_000, 0)
