"""Staff take back a use that its device no longer can."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from loyalty import clock
from loyalty.db import Database
from loyalty.flows.annul_scan import annul_scan
from loyalty.flows.redeem import Redeemed
from loyalty.flows.scan import use
from loyalty.staff import audit
from loyalty.vouchers.refusals import ScanNotAUse, ScanNotFound, VoucherNotFound
from tests import cast
from tests.cast import MORNING, ODILE
from tests.makers.partners import device
from tests.makers.rewards import coffee
from tests.makers.station import rows
from tests.makers.vouchers import KEYS, redeemed, stock_adds_up, token_of

LONG_AFTER = MORNING + timedelta(days=2)


@pytest.fixture
def got(db: Database) -> Iterator[Redeemed]:
    """A coffee, handed over two days ago."""
    with clock.running_on(clock.stopped_at(MORNING)):
        cast.open_station(db)
        coffee(db)
        got = redeemed(db, cast.ines(db).id)
        assert scan(db, got, "first").ok
    with clock.running_on(clock.stopped_at(LONG_AFTER)):
        yield got
        assert stock_adds_up(db)


def scan(db: Database, got: Redeemed, nonce: str):
    return use(db, KEYS, device=device(db, place=nonce), text=token_of(got.voucher), nonce=nonce)


def scan_ids(db: Database, result: str = "ok") -> list[int]:
    return [int(row[0]) for row in rows(db, f"SELECT id FROM scan WHERE result = '{result}' ORDER BY id")]


def annul(db: Database, got: Redeemed, scan_id: int) -> None:
    annul_scan(db, redemption_id=got.redemption.id, scan_id=scan_id, actor=ODILE, reason="Nothing was handed over")


def test_the_use_goes_back_once_with_its_reason_on_record(db: Database, got: Redeemed) -> None:
    (scan_id,) = scan_ids(db)
    for _ in range(2):
        annul(db, got, scan_id)
    assert rows(db, "SELECT state, uses FROM voucher") == [("issued", 0)]
    records = db.read(lambda session: audit.find(session, limit=9, action="scan.annulled"))
    assert [each.reason for each in records] == ["Nothing was handed over"]
    assert (records[0].before, records[0].after) == (
        {"scan": str(scan_id), "uses": 1, "state": "used"},
        {"scan": str(scan_id), "uses": 0, "state": "issued"},
    )
    assert scan(db, got, "again").ok


def test_a_scan_that_was_refused_is_no_use_to_take_back(db: Database, got: Redeemed) -> None:
    assert not scan(db, got, "twice").ok
    (refused,) = scan_ids(db, "refused")
    with pytest.raises(ScanNotAUse):
        annul(db, got, refused)


def test_a_scan_of_another_voucher_is_not_found(db: Database, got: Redeemed) -> None:
    other = redeemed(db, cast.marc(db).id)
    (scan_id,) = scan_ids(db)
    with pytest.raises(ScanNotFound):
        annul(db, other, scan_id)
    with pytest.raises(ScanNotFound):
        annul(db, got, 404)
    with pytest.raises(VoucherNotFound):
        annul_scan(db, redemption_id=404, scan_id=scan_id, actor=ODILE, reason="x")
