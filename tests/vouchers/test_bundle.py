"""What a scanner keeps to verify codes by itself."""

import base64
from collections.abc import Iterator
from datetime import timedelta

import pytest

from loyalty import clock
from loyalty.db import Database
from loyalty.flows import scan
from loyalty.flows.cancel import cancel
from loyalty.flows.manage_vouchers import block_voucher, reissue_voucher
from loyalty.settings import VoucherKey
from loyalty.vouchers.bundle import Bundle
from loyalty.vouchers.token import VoucherKeys
from tests.cast import MORNING, ODILE, ines, open_station
from tests.makers.partners import device
from tests.makers.rewards import coffee
from tests.makers.vouchers import KEYS, redeemed


@pytest.fixture(autouse=True)
def monday_morning(db: Database) -> Iterator[None]:
    open_station(db)
    with clock.running_on(clock.stopped_at(MORNING)):
        yield


def bundle(db: Database, *, days: int = 0, partner: str = "cafe-lumiere") -> Bundle:
    reader = device(db, partner)
    with clock.running_on(clock.stopped_at(MORNING + timedelta(days=days))):
        return scan.bundle(db, KEYS, device=reader)


def test_it_lists_the_codes_to_refuse_while_they_would_still_be_good(db: Database) -> None:
    fan_id = ines(db).id
    coffee(db)
    good, cancelled, blocked, reissued = (redeemed(db, fan_id) for _ in range(4))
    cancel(db, redemption_id=cancelled.redemption.id, actor=ODILE, reason="erreur")
    block_voucher(db, redemption_id=blocked.redemption.id, actor=ODILE, reason="doute")
    reissue_voucher(db, redemption_id=reissued.redemption.id, actor=ODILE, reason="code publié")
    assert bundle(db).refused == {
        "cancelled": [cancelled.voucher.token_id],
        "blocked": [blocked.voucher.token_id],
        "superseded": [reissued.voucher.token_id],
    }
    nothing: dict[str, list[str]] = {"cancelled": [], "blocked": [], "superseded": []}
    assert bundle(db, days=31).refused == nothing
    assert bundle(db, partner="librairie").refused == nothing
    assert good.voucher.token_id not in str(bundle(db))


def test_it_says_the_time_the_scope_and_the_public_keys(db: Database) -> None:
    coffee(db)
    made = bundle(db)
    assert made.server_time == MORNING
    assert made.scope == redeemed(db, ines(db).id).voucher.partner_id
    assert {number: base64.b64decode(key) for number, key in made.keys.items()} == {"3": KEYS.public[3]}


def test_its_tag_changes_with_everything_but_the_time(db: Database) -> None:
    fan_id = ines(db).id
    coffee(db)
    got = redeemed(db, fan_id)
    first = bundle(db)
    assert bundle(db, days=1).etag == first.etag
    assert bundle(db, partner="librairie").etag != first.etag
    rotated = VoucherKeys([VoucherKey(4, bytes(32)), VoucherKey(3, bytes(range(32)))])
    assert scan.bundle(db, rotated, device=device(db)).etag != first.etag
    block_voucher(db, redemption_id=got.redemption.id, actor=ODILE, reason="doute")
    assert bundle(db).etag != first.etag
