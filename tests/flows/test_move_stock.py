"""Staff move stock."""

from collections.abc import Iterator

import pytest

from loyalty import ids
from loyalty.db import Database
from loyalty.flows.move_stock import move
from loyalty.rewards import find
from loyalty.rewards.refusals import NotThatMany, RewardNotFound, StockLotNotFound
from loyalty.rewards.tables import Reward
from tests.cast import ODILE, ines, open_station
from tests.makers.rewards import coffee, left, receive
from tests.makers.vouchers import redeemed, stock_adds_up


@pytest.fixture(autouse=True)
def station(db: Database) -> Iterator[None]:
    open_station(db)
    yield
    assert stock_adds_up(db)


@pytest.fixture
def reward(db: Database) -> Reward:
    return coffee(db, units=10)


def moved(db: Database, kind: str, quantity: int, lot_id: int | None = None) -> int:
    return move(db, kind, reward_slug="coffee", quantity=quantity, lot_id=lot_id, actor=ODILE, reason="inventaire").left


def test_what_is_left_is_received_less_withdrawn_less_lost_plus_returned_less_taken(
    db: Database, reward: Reward
) -> None:
    assert moved(db, "withdrawn", 3) == 7
    assert moved(db, "lost", 1) == 6
    assert moved(db, "returned", 2) == 8
    redeemed(db, ines(db).id)
    assert left(db, reward) == 7
    receive(db, 5)
    assert left(db, reward) == 12


def test_each_movement_says_who_and_why(db: Database, reward: Reward) -> None:
    moved(db, "withdrawn", 3)
    assert reward.id is not None
    number = reward.id
    latest, first = db.read(lambda session: find.movements(session, number))
    assert (first.kind, first.quantity, first.reason) == ("received", 10, "livraison")
    assert (latest.kind, latest.quantity, latest.actor, latest.reason) == (
        "withdrawn",
        3,
        ODILE,
        "inventaire",
    )
    assert db.read(lambda session: find.movements(session, number, below_id=latest.id)) == [first]


@pytest.mark.parametrize("kind", ["withdrawn", "lost"])
def test_no_more_leaves_than_is_left(db: Database, reward: Reward, kind: str) -> None:
    redeemed(db, ines(db).id)
    with pytest.raises(NotThatMany) as refused:
        moved(db, kind, 10)
    assert refused.value.holes == {"wanted": 10, "possible": 9}
    assert left(db, reward) == 9
    assert moved(db, kind, 9) == 0


def test_no_more_comes_back_than_left(db: Database, reward: Reward) -> None:
    moved(db, "withdrawn", 4)
    redeemed(db, ines(db).id)  # this one too may come back
    with pytest.raises(NotThatMany) as refused:
        moved(db, "returned", 6)
    assert refused.value.holes == {"wanted": 6, "possible": 5}
    assert moved(db, "returned", 5) == 10
    with pytest.raises(NotThatMany):
        moved(db, "returned", 1)


def test_units_leave_the_oldest_lot_first_and_come_back_to_it(db: Database, reward: Reward) -> None:
    newer = receive(db, 10)
    assert reward.id is not None
    number = reward.id
    moved(db, "withdrawn", 12)
    with pytest.raises(NotThatMany) as refused:
        moved(db, "withdrawn", 9, lot_id=newer)
    assert refused.value.holes["possible"] == 8
    moved(db, "returned", 11)
    counted = [
        (each.kind, each.quantity, each.lot_id == newer)
        for each in db.read(lambda session: find.movements(session, number))
    ][:4]
    assert sorted(counted) == [
        ("returned", 1, True),
        ("returned", 10, False),
        ("withdrawn", 2, True),
        ("withdrawn", 10, False),
    ]


@pytest.mark.parametrize("kind", ["withdrawn", "lost", "returned"])
def test_a_lot_of_another_reward_is_not_there(db: Database, reward: Reward, kind: str) -> None:
    coffee(db, slug="tea", units=0)
    others = receive(db, 5, slug="tea")
    for lot_id in (others, ids.new()):
        with pytest.raises(StockLotNotFound):
            moved(db, kind, 1, lot_id=lot_id)
    with pytest.raises(RewardNotFound):
        move(db, kind, reward_slug="nothing", quantity=1, actor=ODILE, reason="?")


def test_many_units_come_in_at_once(db: Database, reward: Reward) -> None:
    receive(db, 25_000)
    assert left(db, reward) == 25_010
