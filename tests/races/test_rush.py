"""Everybody types the code at once: each fan is paid once, and nobody gets a sixth guess."""

from datetime import timedelta
from functools import partial

import pytest

from loyalty import clock
from loyalty.db import Database
from loyalty.flows import review
from loyalty.flows.answer import answer
from tests.cast import ODILE, open_station
from tests.makers.animations import AIR, CODE, crowd, open_code, pay_codes, states
from tests.makers.proof import adds_up
from tests.makers.rewards import balance
from tests.races.crowd import answers, at_once, refusals


@pytest.fixture(autouse=True)
def on_air(db: Database):
    with clock.running_on(clock.stopped_at(AIR + timedelta(seconds=30))):
        open_station(db)
        pay_codes(db)
        yield
        assert adds_up(db)


def test_the_same_fan_twenty_times_at_once_is_paid_once(db: Database) -> None:
    open_code(db)
    (fan,) = crowd(db, 1)
    came = at_once([partial(answer, db, "matinale", fan_id=fan, said=CODE)] * 20, threads=20)
    assert len(answers(came)) == 1
    assert refusals(came) == ["AlreadyAnswered"] * 19
    assert balance(db, fan) == 100


def test_two_hundred_fans_at_once_are_all_paid(db: Database) -> None:
    open_code(db)
    fans = crowd(db, 200)
    came = at_once([partial(answer, db, "matinale", fan_id=fan, said=CODE) for fan in fans])
    assert refusals(came) == []
    assert {balance(db, fan) for fan in fans} == {100}
    assert states(db) == {"recorded": 200}


def test_twenty_guesses_at_once_are_five(db: Database) -> None:
    open_code(db)
    (fan,) = crowd(db, 1)
    guesses = [{"code": f"tournesol {number}"} for number in range(100, 120)]
    came = at_once([partial(answer, db, "matinale", fan_id=fan, said=said) for said in guesses], threads=20)
    assert refusals(came) == ["NoAttemptsLeft"] * 15 + ["WrongCode"] * 5


def test_released_and_refused_at_once_each_answer_goes_one_way(db: Database) -> None:
    open_code(db, settings={"early_most": 0})
    *fans, insider = crowd(db, 41)
    with clock.running_on(clock.stopped_at(AIR - timedelta(minutes=1))), pytest.raises(Exception, match="not_open_yet"):
        answer(db, "matinale", fan_id=insider, said=CODE)
    for fan in fans:
        answer(db, "matinale", fan_id=fan, said=CODE)
    decided = [partial(each, db, "matinale", actor=ODILE, reason="x") for each in (review.release, review.refuse)]
    came = at_once(decided * 3, threads=6)
    assert refusals(came) == []
    assert sum(each.answers for each in answers(came)) == 41
    assert sum(each.points for each in answers(came)) == sum(balance(db, fan) for fan in [*fans, insider])
