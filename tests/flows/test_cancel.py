"""A redemption is cancelled."""

from collections.abc import Iterator

import pytest
from sqlmodel import select

from loyalty import clock
from loyalty.db import Database
from loyalty.flows import scan
from loyalty.flows.cancel import cancel
from loyalty.flows.expire_vouchers import expire_vouchers
from loyalty.flows.manage_vouchers import block_voucher
from loyalty.rewards.refusals import RedemptionNotFound
from loyalty.staff.tables import AuditRecord
from loyalty.vouchers.refusals import VoucherAlreadyUsed, VoucherEnded
from tests.cast import MORNING, ODILE, ines, marc
from tests.makers.moment import station_at
from tests.makers.partners import device
from tests.makers.rewards import balance, coffee, left
from tests.makers.vouchers import KEYS, redeemed, stock_adds_up, token_of


@pytest.fixture(autouse=True)
def monday_morning(db: Database) -> Iterator[None]:
    with station_at(db, MORNING, proof=stock_adds_up):
        yield


def test_points_unit_and_voucher_go_back(db: Database) -> None:
    fan_id, reward = ines(db).id, coffee(db)
    got = redeemed(db, fan_id)
    cancelled = cancel(db, redemption_id=got.redemption.id, actor=ODILE, reason="erreur")
    assert cancelled.balance == balance(db, fan_id) == 100
    assert cancelled.voucher.state == "cancelled"
    assert (cancelled.redemption.cancelled_by, cancelled.redemption.cancelled_because) == (ODILE, "erreur")
    assert left(db, reward) == 10


def test_the_second_time_answers_the_same_and_changes_nothing(db: Database) -> None:
    fan_id = ines(db).id
    coffee(db)
    got = redeemed(db, fan_id)
    first = cancel(db, redemption_id=got.redemption.id, actor=ODILE, reason="erreur")
    second = cancel(db, redemption_id=got.redemption.id, actor="cli:other", reason="encore")
    assert second == first
    audited = select(AuditRecord).where(AuditRecord.action == "redemption.cancelled")
    assert len(db.read(lambda session: session.exec(audited).all())) == 1


def test_a_used_voucher_is_not_cancelled_and_says_where_and_when(db: Database) -> None:
    fan_id = ines(db).id
    coffee(db, max_uses=2)
    got = redeemed(db, fan_id)
    scan.use(db, KEYS, device=device(db), text=token_of(got.voucher), nonce="1")
    with pytest.raises(VoucherAlreadyUsed) as refused:
        cancel(db, redemption_id=got.redemption.id, actor=ODILE, reason="erreur")
    assert "23 novembre 2026 à 08:00 : Comptoir de la gare, Caisse 1" in refused.value.say("fr")
    assert balance(db, fan_id) == 0


def test_a_voucher_whose_use_was_given_back_can_be_cancelled(db: Database) -> None:
    fan_id, reader = ines(db).id, device(db)
    coffee(db)
    got = redeemed(db, fan_id)
    scan.use(db, KEYS, device=reader, text=token_of(got.voucher), nonce="1")
    scan.annul(db, device=reader, nonce="1", explanation="mauvais client")
    assert cancel(db, redemption_id=got.redemption.id, actor=ODILE, reason="erreur").balance == 100


def test_a_blocked_voucher_can_be_cancelled(db: Database) -> None:
    fan_id = ines(db).id
    coffee(db)
    got = redeemed(db, fan_id)
    block_voucher(db, redemption_id=got.redemption.id, actor=ODILE, reason="doute")
    assert cancel(db, redemption_id=got.redemption.id, actor=ODILE, reason="fraude").balance == 100


def test_an_expired_voucher_is_not_cancelled(db: Database) -> None:
    fan_id = ines(db).id
    coffee(db)
    got = redeemed(db, fan_id)
    with clock.running_on(clock.stopped_at(got.voucher.not_after.replace(year=2028))):
        assert expire_vouchers(db) == 1
        with pytest.raises(VoucherEnded):
            cancel(db, redemption_id=got.redemption.id, actor=ODILE, reason="erreur")
    assert balance(db, fan_id) == 0


def test_marc_cannot_cancel_what_ines_redeemed(db: Database) -> None:
    fan_id, stranger = ines(db).id, marc(db).id
    coffee(db)
    got = redeemed(db, fan_id)
    with pytest.raises(RedemptionNotFound):
        cancel(db, redemption_id=got.redemption.id, actor="fan:marc", reason="?", fan_id=stranger)
    with pytest.raises(RedemptionNotFound):
        cancel(db, redemption_id=1, actor=ODILE, reason="?")
    cancel(db, redemption_id=got.redemption.id, actor="fan:ines", reason="erreur", fan_id=fan_id)
