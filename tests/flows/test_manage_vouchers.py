"""Staff act on one voucher."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from sqlmodel import select

from loyalty.db import Database
from loyalty.flows.cancel import cancel
from loyalty.flows.manage_vouchers import block_voucher, reissue_voucher, unblock_voucher
from loyalty.flows.redeem import Redeemed
from loyalty.staff.tables import AuditRecord
from loyalty.vouchers.refusals import VoucherEnded, VoucherNotFound
from loyalty.vouchers.tables import SupersededCode, Voucher
from tests.cast import MORNING, ODILE, ines
from tests.makers.moment import station_at
from tests.makers.rewards import coffee
from tests.makers.vouchers import redeemed, stock_adds_up

CHANGES = (block_voucher, unblock_voucher, reissue_voucher)


@pytest.fixture(autouse=True)
def monday_morning(db: Database) -> Iterator[None]:
    with station_at(db, MORNING, proof=stock_adds_up):
        yield


@pytest.fixture
def got(db: Database) -> Redeemed:
    coffee(db)
    return redeemed(db, ines(db).id)


def actions(db: Database) -> list[str]:
    found = db.read(lambda session: session.exec(select(AuditRecord.action).order_by(AuditRecord.id)).all())  # type: ignore[arg-type]
    return [action for action in found if action.startswith("voucher.")]


def test_blocking_and_unblocking_twice_changes_nothing_more(db: Database, got: Redeemed) -> None:
    number = got.redemption.id
    states = [
        change(db, redemption_id=number, actor=ODILE, reason="doute").state
        for change in (block_voucher, block_voucher, unblock_voucher, unblock_voucher)
    ]
    assert states == ["blocked", "blocked", "issued", "issued"]
    assert actions(db) == ["voucher.blocked", "voucher.unblocked"]


@pytest.mark.parametrize("change", CHANGES)
def test_a_voucher_that_ended_stays_as_it_is(db: Database, got: Redeemed, change: type) -> None:
    cancel(db, redemption_id=got.redemption.id, actor=ODILE, reason="erreur")
    with pytest.raises(VoucherEnded):
        change(db, redemption_id=got.redemption.id, actor=ODILE, reason="?")
    with pytest.raises(VoucherNotFound):
        change(db, redemption_id=1, actor=ODILE, reason="?")


def test_each_reissue_gives_another_code_and_remembers_the_ones_before(db: Database, got: Redeemed) -> None:
    seen = [got.voucher.token_id]
    for generation in (1, 2):
        new = reissue_voucher(db, redemption_id=got.redemption.id, actor=ODILE, reason="code publié")
        assert new.generation == generation
        seen.append(new.token_id)
    assert len(set(seen)) == 3
    former = db.read(lambda session: session.exec(select(SupersededCode.token_id)).all())
    assert set(former) == set(seen[:2])


def test_the_last_generation_is_the_last(db: Database, got: Redeemed) -> None:
    last = sa.update(Voucher).values(generation=255)
    db.write(lambda session: session.execute(last))
    with pytest.raises(VoucherEnded):
        reissue_voucher(db, redemption_id=got.redemption.id, actor=ODILE, reason="code publié")
