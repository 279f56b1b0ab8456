"""Many devices read one voucher: one use counts, and everybody else is told where it was (R7, half of R8)."""

from collections.abc import Iterator
from functools import partial

import pytest
from sqlmodel import select

from loyalty.db import Database
from loyalty.flows import scan
from loyalty.flows.cancel import cancel
from loyalty.flows.manage_vouchers import block_voucher, reissue_voucher
from loyalty.vouchers.tables import Scan, Voucher
from tests.cast import ODILE, ines, open_station
from tests.makers.partners import device
from tests.makers.rewards import balance, coffee
from tests.makers.vouchers import KEYS, redeemed, stock_adds_up, token_of
from tests.races.crowd import answers, at_once, refusals


@pytest.fixture(autouse=True)
def station(db: Database) -> Iterator[None]:
    open_station(db)
    yield
    assert stock_adds_up(db)


def rows(db: Database) -> list[Scan]:
    return list(db.read(lambda session: session.exec(select(Scan)).all()))


def uses(db: Database) -> int:
    return db.read(lambda session: session.exec(select(Voucher)).one()).uses


def test_one_voucher_read_a_hundred_times_by_ten_devices_is_used_once(db: Database) -> None:
    coffee(db)
    token = token_of(redeemed(db, ines(db).id).voucher)
    readers = [device(db, place=f"Comptoir {number}", name=f"Caisse {number}") for number in range(10)]
    came = at_once(
        [
            partial(scan.use, db, KEYS, device=reader, text=token, nonce=f"n-{number}")
            for number in range(10)
            for reader in readers
        ]
    )
    verdicts = answers(came)
    assert len(verdicts) == len(rows(db)) == 100
    assert [each.ok for each in verdicts].count(True) == 1
    refused = [each for each in verdicts if not each.ok]
    assert {each.reason for each in refused} == {"already_used"}
    (where,) = {tuple(sorted((each.first_use or {}).items())) for each in refused}
    assert dict(where)["place"].replace("Comptoir", "Caisse") == dict(where)["device"]


def test_a_voucher_of_five_uses_is_used_five_times(db: Database) -> None:
    coffee(db, max_uses=5)
    token, reader = token_of(redeemed(db, ines(db).id).voucher), device(db)
    came = at_once(
        [partial(scan.use, db, KEYS, device=reader, text=token, nonce=f"n-{number}") for number in range(40)]
    )
    assert sorted(each.uses for each in answers(came) if each.ok) == [1, 2, 3, 4, 5]


def test_one_nonce_sent_many_times_at_once_is_one_use_and_one_answer(db: Database) -> None:
    coffee(db, max_uses=5)
    token, reader = token_of(redeemed(db, ines(db).id).voucher), device(db)
    came = at_once([partial(scan.use, db, KEYS, device=reader, text=token, nonce="n")] * 16, threads=8)
    assert len({each.as_json() for each in answers(came)}) == 1
    assert (len(answers(came)), len(rows(db)), uses(db)) == (16, 1, 1)


def test_a_scan_annulled_many_times_at_once_gives_one_use_back(db: Database) -> None:
    coffee(db, max_uses=2)
    token, reader = token_of(redeemed(db, ines(db).id).voucher), device(db)
    for nonce in ("a", "b"):
        scan.use(db, KEYS, device=reader, text=token, nonce=nonce)
    came = at_once([partial(scan.annul, db, device=reader, nonce="a", explanation="erreur")] * 8)
    assert len(set(map(repr, answers(came)))) == 1
    assert (len(answers(came)), uses(db)) == (8, 1)


def test_a_voucher_is_cancelled_or_used_never_both(db: Database) -> None:
    fan_id, reader, cancelled = ines(db).id, device(db), 0
    coffee(db, units=40)
    for number in range(40):
        got = redeemed(db, fan_id)
        back, used = at_once(
            [
                partial(cancel, db, redemption_id=got.redemption.id, actor=ODILE, reason="erreur"),
                partial(scan.use, db, KEYS, device=reader, text=token_of(got.voucher), nonce=f"n-{number}"),
            ]
        )
        assert used.raised is None
        if used.answer.ok:
            assert refusals([back]) == ["VoucherAlreadyUsed"]
        else:
            assert (back.raised, used.answer.reason) == (None, "cancelled")
            cancelled += 1
    assert balance(db, fan_id) == cancelled * 100


@pytest.mark.parametrize(("change", "reason"), [(block_voucher, "blocked"), (reissue_voucher, "superseded")])
def test_a_voucher_that_changes_while_it_is_read_is_used_before_or_refused(
    db: Database, change: type, reason: str
) -> None:
    fan_id, reader = ines(db).id, device(db)
    coffee(db, units=20)
    for number in range(20):
        got = redeemed(db, fan_id)
        changed, used = at_once(
            [
                partial(change, db, redemption_id=got.redemption.id, actor=ODILE, reason="doute"),
                partial(scan.use, db, KEYS, device=reader, text=token_of(got.voucher), nonce=f"n-{number}"),
            ]
        )
        assert used.raised is None
        assert used.answer.reason == ("ok" if changed.raised else reason)
