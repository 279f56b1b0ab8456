"""A partner's device reads a voucher."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlmodel import select

from loyalty import clock
from loyalty.db import Database
from loyalty.flows import scan
from loyalty.flows.cancel import cancel
from loyalty.flows.manage_vouchers import block_voucher, reissue_voucher, unblock_voucher
from loyalty.flows.redeem import Redeemed
from loyalty.intake.rate import TooManyAttempts
from loyalty.partners.devices import DeviceInHand
from loyalty.vouchers import code
from loyalty.vouchers.refusals import NonceReused, ScanNotAUse, ScanNotFound, TooLateToAnnul
from loyalty.vouchers.tables import Scan, Voucher
from loyalty.vouchers.verdict import Verdict
from tests.cast import MORNING, ODILE, ines
from tests.makers.moment import station_at
from tests.makers.partners import device
from tests.makers.rewards import coffee
from tests.makers.station import rows
from tests.makers.vouchers import KEYS, redeemed, stock_adds_up, token_of

MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def monday_morning(db: Database) -> Iterator[None]:
    with station_at(db, MORNING, proof=stock_adds_up):
        yield


@pytest.fixture
def reader(db: Database) -> DeviceInHand:
    return device(db)


@pytest.fixture
def got(db: Database) -> Redeemed:
    coffee(db)
    return redeemed(db, ines(db).id)


def use(db: Database, reader: DeviceInHand, text: str, nonce: str = "n-1", *, minutes: float = 0) -> Verdict:
    with clock.running_on(clock.stopped_at(MORNING + minutes * MINUTE)):
        return scan.use(db, KEYS, device=reader, text=text, nonce=nonce)


def scans(db: Database) -> list[Scan]:
    return list(db.read(lambda session: session.exec(select(Scan).order_by(Scan.id)).all()))  # type: ignore[arg-type]


def voucher(db: Database) -> Voucher:
    return db.read(lambda session: session.exec(select(Voucher)).one())


def test_a_voucher_is_used_once(db: Database, reader: DeviceInHand, got: Redeemed) -> None:
    verdict = use(db, reader, token_of(got.voucher))
    assert verdict.ok
    assert verdict.words["fr"] == "Valable. Remettez : Un café."
    assert (verdict.uses, verdict.max_uses) == (1, 1)
    used = voucher(db)
    assert (used.state, used.uses, used.ended_at) == ("used", 1, MORNING)
    assert [each.id for each in scans(db)] == [verdict.scan_id]


def test_a_second_scan_says_when_where_and_by_which_device(db: Database, reader: DeviceInHand, got: Redeemed) -> None:
    use(db, reader, token_of(got.voucher))
    other = device(db, place="Terrasse", name="Caisse 2")
    verdict = use(db, other, token_of(got.voucher), minutes=5)
    assert (verdict.ok, verdict.reason) == (False, "already_used")
    assert verdict.first_use == {
        "at": "2026-11-23T08:00:00+01:00",
        "place": "Comptoir de la gare",
        "device": "Caisse 1",
    }
    assert verdict.words["fr"] == "Déjà utilisé le 23 novembre 2026 à 08:00 : Comptoir de la gare, Caisse 1."


def test_a_voucher_of_several_uses_counts_them(db: Database, reader: DeviceInHand) -> None:
    coffee(db, max_uses=3)
    token = token_of(redeemed(db, ines(db).id).voucher)
    verdicts = [use(db, reader, token, f"n-{number}") for number in range(4)]
    assert [each.reason for each in verdicts] == ["ok", "ok", "ok", "already_used"]
    assert verdicts[1].words["en"] == "Valid, use 2 of 3. Hand over: A coffee."
    assert [each.uses for each in verdicts] == [1, 2, 3, 3]


def test_the_same_nonce_gets_the_same_answer(db: Database, reader: DeviceInHand, got: Redeemed) -> None:
    token = token_of(got.voucher)
    first = use(db, reader, token)
    assert use(db, reader, token, minutes=60) == first
    assert use(db, reader, f"https://CLUB.example/V/{token}", minutes=61) == first
    assert (len(scans(db)), voucher(db).uses) == (1, 1)
    refused = use(db, reader, token, "n-2", minutes=1)
    assert use(db, reader, token, "n-2", minutes=2) == refused


def test_the_same_nonce_with_another_code_is_refused(db: Database, reader: DeviceInHand, got: Redeemed) -> None:
    use(db, reader, "not a code at all, but rather longer than one that is typed")
    with pytest.raises(NonceReused) as refused:
        use(db, reader, token_of(got.voucher))
    assert (refused.value.status, voucher(db).uses) == (422, 0)


def test_nonces_of_two_devices_have_nothing_to_do_with_each_other(
    db: Database, reader: DeviceInHand, got: Redeemed
) -> None:
    use(db, reader, token_of(got.voucher))
    assert use(db, device(db, name="Caisse 2"), token_of(got.voucher)).reason == "already_used"


def test_inspecting_answers_the_same_and_changes_nothing(db: Database, reader: DeviceInHand, got: Redeemed) -> None:
    token = token_of(got.voucher)
    looked = scan.inspect(db, KEYS, device=reader, text=token)
    assert (scans(db), voucher(db).uses) == ([], 0)
    assert replace(use(db, reader, token), scan_id=None) == looked
    looked = scan.inspect(db, KEYS, device=reader, text=token)
    assert replace(use(db, reader, token, "n-2"), scan_id=None) == looked


def test_another_partner_learns_nothing(db: Database, got: Redeemed) -> None:
    stranger = device(db, "librairie")
    cancel(db, redemption_id=got.redemption.id, actor=ODILE, reason="erreur")
    for verdict in (
        use(db, stranger, token_of(got.voucher)),
        scan.inspect(db, KEYS, device=stranger, text=token_of(got.voucher)),
        use(db, stranger, code.spell(got.voucher.token_id), "n-2"),
    ):
        assert replace(verdict, scan_id=None) == Verdict(
            reason="wrong_partner", words={"fr": "Pas valable ici.", "en": "Not valid here."}
        )


def test_a_code_can_be_typed(db: Database, reader: DeviceInHand, got: Redeemed) -> None:
    typed = code.spell(got.voucher.token_id).lower().replace("-", " ")
    assert use(db, reader, typed).ok
    assert use(db, reader, token_of(got.voucher), "n-2").reason == "already_used"


def test_failed_attempts_are_kept_too(db: Database, reader: DeviceInHand, got: Redeemed) -> None:
    token = token_of(got.voucher)
    forged = token[:-1] + ("A" if token[-1] != "A" else "Q")
    coming = ["Bonjour", forged[:100] + ("A" if forged[100] != "A" else "B") + token[101:]]
    for number, text in enumerate(coming):
        use(db, reader, text, f"n-{number}")
    kept = scans(db)
    assert [(each.result, each.reason, each.voucher_id) for each in kept] == [
        ("refused", "malformed", None),
        ("refused", "bad_signature", None),
    ]


def test_the_devices_clock_and_ours_are_kept_apart(db: Database, reader: DeviceInHand, got: Redeemed) -> None:
    theirs = MORNING - 7 * MINUTE
    scan.use(db, KEYS, device=reader, text=token_of(got.voucher), nonce="n", scanned_at=theirs)
    (kept,) = scans(db)
    assert (kept.scanned_at, kept.recorded_at) == (theirs, MORNING)


def test_reasons_come_in_their_order(db: Database, reader: DeviceInHand, got: Redeemed) -> None:
    token, redemption_id = token_of(got.voucher), got.redemption.id

    def reason(at: float = 0) -> str:
        with clock.running_on(clock.stopped_at(MORNING + at * MINUTE)):
            return scan.inspect(db, KEYS, device=reader, text=token).reason

    late = 40 * 24 * 60
    assert (reason(), reason(-1), reason(late)) == ("ok", "not_yet_valid", "expired")
    use(db, reader, token)
    assert (reason(), reason(late)) == ("already_used", "expired")
    scan.annul(db, device=reader, nonce="n-1", explanation="erreur")
    block_voucher(db, redemption_id=redemption_id, actor=ODILE, reason="doute")
    assert (reason(), reason(-1), reason(late)) == ("blocked", "blocked", "blocked")
    cancel(db, redemption_id=redemption_id, actor=ODILE, reason="fraude")
    assert (reason(), reason(late)) == ("cancelled", "cancelled")


def test_a_reissued_voucher_is_good_under_its_new_codes_only(db: Database, reader: DeviceInHand, got: Redeemed) -> None:
    new = reissue_voucher(db, redemption_id=got.redemption.id, actor=ODILE, reason="code publié")
    assert new.generation == 1
    for number, old in enumerate((token_of(got.voucher), code.spell(got.voucher.token_id))):
        assert use(db, reader, old, f"old-{number}").reason == "superseded"
    assert use(db, reader, token_of(new), "new").ok


def test_a_blocked_voucher_waits_and_works_again(db: Database, reader: DeviceInHand, got: Redeemed) -> None:
    redemption_id = got.redemption.id
    block_voucher(db, redemption_id=redemption_id, actor=ODILE, reason="doute")
    assert use(db, reader, token_of(got.voucher)).reason == "blocked"
    unblock_voucher(db, redemption_id=redemption_id, actor=ODILE, reason="vérifié")
    assert use(db, reader, token_of(got.voucher), "n-2").ok


def test_a_scan_can_be_annulled_for_a_quarter_of_an_hour(db: Database, reader: DeviceInHand, got: Redeemed) -> None:
    use(db, reader, token_of(got.voucher))
    with clock.running_on(clock.stopped_at(MORNING + 15.01 * MINUTE)), pytest.raises(TooLateToAnnul) as late:
        scan.annul(db, device=reader, nonce="n-1", explanation="erreur")
    assert "23 novembre 2026 à 08:15" in late.value.say("fr")
    with clock.running_on(clock.stopped_at(MORNING + 15 * MINUTE)):
        first = scan.annul(db, device=reader, nonce="n-1", explanation="mauvais client")
    assert (first.explanation, first.annulled_at) == ("mauvais client", MORNING + 15 * MINUTE)
    given_back = voucher(db)
    assert (given_back.state, given_back.uses, given_back.ended_at) == ("issued", 0, None)
    with clock.running_on(clock.stopped_at(MORNING + 60 * MINUTE)):
        assert scan.annul(db, device=reader, nonce="n-1", explanation="encore") == first
    assert voucher(db).uses == 0


def test_a_nonce_whose_use_was_annulled_no_longer_says_hand_over(
    db: Database, reader: DeviceInHand, got: Redeemed
) -> None:
    use(db, reader, token_of(got.voucher))
    scan.annul(db, device=reader, nonce="n-1", explanation="erreur")
    again = use(db, reader, token_of(got.voucher))
    assert (again.reason, again.ok, again.annulled_at) == ("annulled", False, "2026-11-23T08:00:00+01:00")
    assert again.words["en"] == "This scan was undone: hand nothing over."
    assert use(db, reader, token_of(got.voucher), "n-2").ok


def test_only_a_use_of_this_device_can_be_annulled(db: Database, reader: DeviceInHand, got: Redeemed) -> None:
    use(db, reader, token_of(got.voucher))
    use(db, reader, token_of(got.voucher), "n-2")
    with pytest.raises(ScanNotFound):
        scan.annul(db, device=device(db, name="Caisse 2"), nonce="n-1", explanation="erreur")
    with pytest.raises(ScanNotAUse):
        scan.annul(db, device=reader, nonce="n-2", explanation="erreur")
    assert voucher(db).uses == 1


def test_annulling_does_not_open_a_voucher_that_was_blocked_meanwhile(db: Database, reader: DeviceInHand) -> None:
    coffee(db, max_uses=2)
    mine = redeemed(db, ines(db).id)
    use(db, reader, token_of(mine.voucher))
    block_voucher(db, redemption_id=mine.redemption.id, actor=ODILE, reason="doute")
    scan.annul(db, device=reader, nonce="n-1", explanation="erreur")
    blocked = voucher(db)
    assert (blocked.state, blocked.uses) == ("blocked", 0)
    assert unblock_voucher(db, redemption_id=mine.redemption.id, actor=ODILE, reason="ok").state == "issued"


def test_who_guesses_typed_codes_is_stopped(
    db: Database, reader: DeviceInHand, got: Redeemed, caplog: pytest.LogCaptureFixture
) -> None:
    guess = code.spell("00000000000000ff")
    reasons = []
    for number in range(100):
        try:
            reasons.append(use(db, reader, guess, f"n-{number}").reason)
        except TooManyAttempts:
            reasons.append("stopped")
    assert reasons == ["unknown_voucher"] * 20 + ["stopped"] * 80
    with pytest.raises(TooManyAttempts):
        scan.inspect(db, KEYS, device=reader, text=code.spell(got.voucher.token_id))
    assert use(db, reader, token_of(got.voucher), "real").ok  # of a signed code there is nothing to guess
    assert len(scans(db)) == 21
    assert f"device {reader.id} types code after code" in caplog.text
    with clock.running_on(clock.stopped_at(MORNING + 30 * MINUTE)):
        assert scan.inspect(db, KEYS, device=reader, text=guess).reason == "unknown_voucher"


def test_no_code_stands_in_the_database_or_the_log(
    db: Database, reader: DeviceInHand, got: Redeemed, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    token = token_of(got.voucher)
    use(db, reader, token)
    use(db, reader, f"https://club.example/V/{token}", "n-2")
    kept = db.read(lambda session: str(session.execute(sa.select(Scan.__table__)).all()))  # type: ignore[attr-defined]
    assert token not in kept + caplog.text


def test_the_scans_of_a_voucher_tell_its_story(db: Database, reader: DeviceInHand, got: Redeemed) -> None:
    for nonce in ("a", "b"):
        use(db, reader, token_of(got.voucher), nonce)
    story = rows(db, "SELECT nonce, result, reason FROM scan ORDER BY id")
    assert story == [("a", "ok", None), ("b", "refused", "already_used")]
