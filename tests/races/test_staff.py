"""Staff at the same moment: one form is done once, a balance is taken once, and two mergers cannot cross."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import text

from loyalty import clock
from loyalty.db import Database
from loyalty.fans.merge import Kept
from loyalty.flows.adjust import adjust_points
from loyalty.flows.merge_fans import merge_fans
from loyalty.flows.redeem import redeem
from tests.cast import MORNING, ODILE, ines, marc, open_station
from tests.makers.proof import adds_up
from tests.makers.rewards import balance, coffee
from tests.races.crowd import answers, at_once, refusals


@pytest.fixture(autouse=True)
def station(db: Database) -> Iterator[None]:
    open_station(db)
    with clock.running_on(clock.stopped_at(MORNING + timedelta(hours=1))):
        yield
        assert adds_up(db)


def give(db: Database, fan_id: int, amount: int, key: int) -> None:
    adjust_points(db, fan_id=fan_id, amount=amount, reason="race", actor=ODILE, key=key)


def test_one_form_sent_by_everybody_at_once_gives_once(db: Database) -> None:
    fan_id = ines(db).id
    assert refusals(at_once([lambda: give(db, fan_id, 50, key=7) for _ in range(20)])) == []
    assert balance(db, fan_id) == 50


def test_of_two_who_take_the_whole_balance_one_wins(db: Database) -> None:
    fan_id = ines(db).id
    give(db, fan_id, 50, key=1)
    came = at_once([lambda key=key: give(db, fan_id, -50, key=key) for key in range(2, 12)])
    assert refusals(came) == ["NotThatMany"] * 9
    assert balance(db, fan_id) == 0


def test_a_large_amount_asked_for_twice_at_once_waits_once(db: Database) -> None:
    fan_id = ines(db).id
    assert refusals(at_once([lambda: give(db, fan_id, 5_000, key=7) for _ in range(10)])) == []
    assert db.read(lambda session: session.execute(text("SELECT count(*) FROM approval")).scalar()) == 1


def test_two_mergers_that_cross_leave_one_fan_with_everything(db: Database) -> None:
    one, other = ines(db).id, marc(db).id
    give(db, one, 10, key=1)
    give(db, other, 20, key=2)

    def merge(source_id: int, target_id: int) -> object:
        return merge_fans(db, source_id=source_id, target_id=target_id, kept=Kept(), reason="race", actor=ODILE)

    came = at_once([lambda: merge(one, other), lambda: merge(other, one)])
    assert (len(answers(came)), refusals(came)) == (1, ["MergedElsewhere"])
    assert sorted([balance(db, one), balance(db, other)]) == [0, 30]


def test_a_merger_and_a_redemption_at_once_lose_nothing(db: Database) -> None:
    coffee(db)
    one, other = ines(db).id, marc(db).id
    give(db, one, 150, key=1)
    came = at_once(
        [
            lambda: merge_fans(db, source_id=one, target_id=other, kept=Kept(), reason="race", actor=ODILE),
            lambda: redeem(db, fan_id=one, reward_slug="coffee"),
        ]
    )
    redeemed = refusals(came) == []
    assert redeemed or refusals(came) == ["NotFound"]
    assert balance(db, other) == (50 if redeemed else 150)
