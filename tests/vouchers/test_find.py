"""Vouchers, to be looked at by those who may."""

import pytest

from loyalty.db import Database
from loyalty.vouchers import find
from loyalty.vouchers.refusals import VoucherNotFound
from tests.cast import ines, marc, open_station
from tests.makers.rewards import coffee
from tests.makers.vouchers import redeemed


@pytest.fixture(autouse=True)
def station(db: Database) -> None:
    open_station(db)


def test_a_fan_sees_the_latest_vouchers_first_page_by_page(db: Database) -> None:
    fan_id = ines(db).id
    coffee(db)
    mine = [redeemed(db, fan_id).voucher.id for _ in range(3)][::-1]
    page = db.read(lambda session: find.of_fan(session, fan_id, limit=2))
    assert [voucher.id for voucher, _ in page] == mine[:2]
    assert {reward.slug for _, reward in page} == {"coffee"}
    rest = db.read(lambda session: find.of_fan(session, fan_id, below_id=mine[1]))
    assert [voucher.id for voucher, _ in rest] == mine[2:]


def test_marc_sees_nothing_of_what_ines_has(db: Database) -> None:
    fan_id, stranger = ines(db).id, marc(db).id
    coffee(db)
    got = redeemed(db, fan_id)
    number = got.redemption.id
    assert db.read(lambda session: find.by_redemption(session, number, fan_id=fan_id)) == got.voucher
    for asked, by in ((number, stranger), (1, fan_id)):
        with pytest.raises(VoucherNotFound):
            db.read(lambda session, asked=asked, by=by: find.by_redemption(session, asked, fan_id=by))  # type: ignore[misc]
    assert db.read(lambda session: find.of_fan(session, stranger)) == []
