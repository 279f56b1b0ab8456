"""A breach of I5 is seen, and the row is named."""

from collections.abc import Iterator

import pytest
from sqlalchemy import text

from loyalty import clock
from loyalty.db import Database
from loyalty.rewards.verify import breaches
from tests.cast import MORNING, ines, open_station
from tests.makers.rewards import coffee
from tests.makers.vouchers import redeemed


@pytest.fixture(autouse=True)
def monday_morning(db: Database) -> Iterator[None]:
    open_station(db)
    with clock.running_on(clock.stopped_at(MORNING)):
        yield


@pytest.mark.parametrize(
    ("damage", "row"),
    [
        ("DELETE FROM stock_unit WHERE state = 'free'", "stock_lot"),
        ("UPDATE stock_unit SET state = 'out' WHERE state = 'free'", "stock_lot"),
        ("UPDATE stock_unit SET reward_id = 2 WHERE state = 'free'", "stock_unit"),
        ("UPDATE stock_unit SET state = 'free', redemption_id = NULL", "redemption"),
        ("UPDATE stock_unit SET redemption_id = 1 WHERE state = 'taken'", "stock_unit"),
        ("UPDATE redemption SET unit_id = 1", "stock_unit"),
        ("UPDATE redemption SET cancelled_at = created_at", "stock_unit"),
        ("UPDATE redemption SET cancelled_at = created_at", "redemption"),
        ("UPDATE redemption SET cost_points = 99", "redemption"),
        ("DELETE FROM redemption", "redemption"),
        ("DELETE FROM redemption", "stock_unit"),
    ],
)
def test_damage_is_seen(db: Database, damage: str, row: str) -> None:
    coffee(db, units=3)
    redeemed(db, ines(db).id)
    assert db.read(lambda session: list(breaches(session))) == []
    db.write(lambda session: session.execute(text(damage)))
    found = db.read(lambda session: list(breaches(session)))
    assert {each.invariant for each in found} == {"I5"}
    assert row in {each.where.split()[0] for each in found}
