"""A breach of I6 is seen, and the row is named."""

from collections.abc import Iterator

import pytest
from sqlalchemy import text

from loyalty import clock
from loyalty.db import Database
from loyalty.flows import scan
from loyalty.flows.redeem import Redeemed
from loyalty.vouchers.verify import breaches
from tests.cast import MORNING, ines, open_station
from tests.makers.partners import device
from tests.makers.rewards import coffee
from tests.makers.vouchers import KEYS, redeemed, token_of


@pytest.fixture(autouse=True)
def monday_morning(db: Database) -> Iterator[None]:
    open_station(db)
    with clock.running_on(clock.stopped_at(MORNING)):
        yield


@pytest.fixture
def got(db: Database) -> Redeemed:
    coffee(db)
    got = redeemed(db, ines(db).id)
    scan.use(db, KEYS, device=device(db), text=token_of(got.voucher), nonce="a")
    return got


def where(db: Database, damage: str) -> set[str]:
    assert db.read(lambda session: list(breaches(session))) == []
    db.write(lambda session: session.execute(text(damage)))
    found = db.read(lambda session: list(breaches(session)))
    assert {each.invariant for each in found} == {"I6"}
    return {each.where.split()[0] for each in found}


@pytest.mark.parametrize(
    ("damage", "row"),
    [
        ("UPDATE voucher SET uses = 0, state = 'issued', ended_at = NULL", "voucher"),
        ("UPDATE voucher SET state = 'issued'", "voucher"),
        ("UPDATE voucher SET ended_at = NULL", "voucher"),
        ("UPDATE scan SET annulled_at = recorded_at", "voucher"),
        ("UPDATE scan SET voucher_id = 1", "scan"),
        ("UPDATE scan SET partner_id = 2", "scan"),
        ("DELETE FROM voucher", "redemption"),
        ("DELETE FROM redemption", "voucher"),
        ("UPDATE redemption SET cancelled_at = created_at", "redemption"),
    ],
)
def test_damage_is_seen(db: Database, got: Redeemed, damage: str, row: str) -> None:
    assert row in where(db, damage)
