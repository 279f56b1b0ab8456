"""Vouchers whose time is over end."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from sqlmodel import col, select

from loyalty import clock
from loyalty.db import Database
from loyalty.flows import scan
from loyalty.flows.expire_vouchers import expire_vouchers
from loyalty.flows.manage_vouchers import block_voucher
from loyalty.flows.move_stock import move
from loyalty.vouchers import states
from loyalty.vouchers.tables import Voucher
from tests.cast import MORNING, ODILE, ines
from tests.makers.moment import station_at
from tests.makers.partners import device
from tests.makers.rewards import balance, coffee, left
from tests.makers.vouchers import KEYS, redeemed, stock_adds_up, token_of

END = datetime.fromisoformat("2026-12-23T23:59:59+01:00")


@pytest.fixture(autouse=True)
def monday_morning(db: Database) -> Iterator[None]:
    with station_at(db, MORNING, proof=stock_adds_up):
        yield


def expire_at(db: Database, instant: datetime, *, at_once: int = 1_000) -> int:
    with clock.running_on(clock.stopped_at(instant)):
        return expire_vouchers(db, at_once=at_once)


def all_states(db: Database) -> list[str]:
    return list(db.read(lambda session: session.exec(select(Voucher.state).order_by(col(Voucher.id))).all()))


def test_a_voucher_expires_after_its_last_second_once(db: Database) -> None:
    fan_id, reward = ines(db).id, coffee(db)
    redeemed(db, fan_id)
    assert expire_at(db, END) == 0
    assert expire_at(db, END + timedelta(seconds=1)) == 1
    assert expire_at(db, END + timedelta(days=9)) == 0
    expired = db.read(lambda session: session.exec(select(Voucher)).one())
    assert (expired.state, expired.ended_at) == ("expired", END)
    assert (balance(db, fan_id), left(db, reward)) == (0, 9)  # neither points nor unit come back by themselves


def test_the_station_may_take_the_unit_back(db: Database) -> None:
    reward = coffee(db)
    redeemed(db, ines(db).id)
    expire_at(db, END + timedelta(days=1))
    move(db, "returned", reward_slug="coffee", quantity=1, actor=ODILE, reason="non retiré")
    assert left(db, reward) == 10


def test_only_what_can_still_be_used_expires(db: Database) -> None:
    fan_id, reader = ines(db).id, device(db)
    coffee(db, max_uses=2)
    _, partial, used, blocked = (redeemed(db, fan_id) for _ in range(4))
    for nonce, voucher in (("a", partial.voucher), ("b", used.voucher), ("c", used.voucher)):
        scan.use(db, KEYS, device=reader, text=token_of(voucher), nonce=nonce)
    block_voucher(db, redemption_id=blocked.redemption.id, actor=ODILE, reason="doute")
    assert all_states(db) == ["issued", "partially_used", "used", "blocked"]
    assert expire_at(db, END + timedelta(days=1)) == 3
    assert all_states(db) == ["expired", "expired", "used", "expired"]


def test_many_expire_in_small_transactions_and_a_kill_in_between_loses_nothing(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    fan_id = ines(db).id
    coffee(db)
    for _ in range(7):
        redeemed(db, fan_id)
    expire, calls = states.expire, []

    def killed_at_the_third(*args: object, **options: object) -> int:
        calls.append(options)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return expire(*args, **options)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(states, "expire", killed_at_the_third)
        with pytest.raises(KeyboardInterrupt):
            expire_at(db, END + timedelta(days=1), at_once=2)
    assert all_states(db).count("expired") == 4
    assert expire_at(db, END + timedelta(days=1), at_once=2) == 3


def test_a_use_of_the_last_minutes_can_be_given_back_after_the_sweep(db: Database) -> None:
    reader = device(db)
    coffee(db, max_uses=2)
    token = token_of(redeemed(db, ines(db).id).voucher)
    with clock.running_on(clock.stopped_at(END - timedelta(minutes=1))):
        scan.use(db, KEYS, device=reader, text=token, nonce="a")
    expire_at(db, END + timedelta(minutes=2))
    with clock.running_on(clock.stopped_at(END + timedelta(minutes=3))):
        scan.annul(db, device=reader, nonce="a", explanation="erreur")
    left_over = db.read(lambda session: session.exec(select(Voucher)).one())
    assert (left_over.state, left_over.uses, left_over.ended_at) == ("expired", 0, END)
