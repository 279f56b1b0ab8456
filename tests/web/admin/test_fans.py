"""Staff find a fan and see what happened, and why."""

import re
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from loyalty import clock
from loyalty.activities.fact import WithdrawnFact
from loyalty.db import Database
from loyalty.fans import consents
from loyalty.flows.earn import earn
from loyalty.flows.hold import authorise
from loyalty.flows.link import link, register
from loyalty.flows.redeem import redeem
from loyalty.flows.reverse import withdraw
from loyalty.flows.scan import use
from loyalty.i18n import written_day
from loyalty.ledger import find as ledger
from loyalty.staff import audit
from tests import cast
from tests.cast import ODILE, chat
from tests.makers.partners import device
from tests.makers.proof import adds_up
from tests.makers.rewards import coffee
from tests.makers.vouchers import KEYS, token_of


@pytest.fixture
def ines(app, db: Database):
    """Inès, with a Twitch account and a limit she has reached."""
    cast.rule(db, limits={"per_day": {"points": 15}})
    fan = cast.ines(db)
    link(db, fan_id=fan.id, network="twitch", external_id="tw-ines", actor=ODILE)
    earn(db, [chat(1), chat(2), chat(3)], source="hook")
    return fan


def test_a_fan_is_found_and_opened(odile_at, ines):
    found = odile_at.get("/admin/fans?q=ines").text
    assert f'href="/admin/fans/{ines.id}"' in found and "Twitch" in found
    page = odile_at.get(f"/admin/fans/{ines.id}").text
    assert "Inès" in page and "ines@example.org" in page and "tw-ines" in page


def test_one_letter_finds_nobody_and_says_so(odile_at, ines):
    page = odile_at.get("/admin/fans?q=i").text
    assert "Type at least 2 characters." in page and "Inès" not in page


@pytest.mark.parametrize("sought", ["%00", "%F0%90", "'; DROP", "x" * 500, "%25%25"])
def test_whatever_is_sought_gets_an_answer(odile_at, ines, sought):
    assert odile_at.get(f"/admin/fans?q={sought}").status_code == 200


def test_each_line_says_why(odile_at, ines):
    page = odile_at.get(f"/admin/fans/{ines.id}").text
    assert "You earn 10 points." in page
    assert "Not counted." in page
    refused = odile_at.get(f"/admin/fans/{ines.id}?show=refused").text
    assert "Not counted." in refused and "You earn" not in refused


def test_the_timeline_tells_of_vouchers_scans_withdrawals_and_staff(odile_at, app, db, ines):
    coffee(db, cost_points=10)
    redeemed = redeem(db, fan_id=ines.id, reward_slug="coffee")
    use(db, KEYS, device=device(db), text=token_of(redeemed.voucher), nonce="n1")
    withdraw(db, [WithdrawnFact(act_key=chat(2).act_key)], source="hook")
    authorise(db, fan_id=ines.id, amount=1, purpose="Concert ticket", actor=ODILE)
    page = odile_at.get(f"/admin/fans/{ines.id}").text
    assert "Concert ticket" in page and "Set aside until 30" in page
    for told in ("A coffee", "Voucher scanned: A coffee", "Handed over.", "Account linked", "Command line odile"):
        assert told in page, told
    scans = odile_at.get(f"/admin/fans/{ines.id}?show=scans").text
    assert "Voucher scanned" in scans and "Account linked" not in scans


def test_the_timeline_pages_through_everything_once(odile_at, db, ines, monkeypatch):
    monkeypatch.setattr("loyalty.web.admin.tables.PAGE", 2)
    path, seen = f"/admin/fans/{ines.id}", []
    while path:
        page = odile_at.get(path).text
        seen += re.findall(r'<time datetime="[^"]+">', page)
        older = re.search(r'href="([^"]+)" ?>?[^>]*rel="next"|rel="next" href="([^"]+)"', page)
        path = (older[1] or older[2]).replace("&amp;", "&") if older else None
    whole = len(seen)
    monkeypatch.setattr("loyalty.web.admin.tables.PAGE", 50)
    assert whole == odile_at.get(f"/admin/fans/{ines.id}").text.count("<time datetime=") >= 5


def test_consents_and_sessions_are_shown(odile_at, db, ines):
    db.write(lambda session: consents.answer(session, fan_id=ines.id, purpose=consents.NEWSLETTER, given=True))
    page = odile_at.get(f"/admin/fans/{ines.id}").text
    assert "News by e-mail" in page and "text of 2026-11" in page


def test_29_the_file_of_fans_holds_no_formula(odile_at, db, ines):
    register(db, display_name="=1+1", email="f@example.org", reference="@SUM(A1)", actor=ODILE)
    answer = odile_at.get("/admin/fans?format=csv")
    assert answer.status_code == 200 and answer.headers["Content-Type"].startswith("text/csv")
    text = answer.data.decode("utf-8-sig")
    assert "'=1+1" in text and "'@SUM(A1)" in text and ";=1+1" not in text
    assert "Inès;ines@example.org" in text
    assert "Inès" not in odile_at.get("/admin/fans?format=csv&q=marc").text


def test_27_a_name_is_text_on_every_page(odile_at, db, ines):
    fan = register(db, display_name="<img src=x onerror=alert(1)>{{3337*3}}", actor=ODILE)
    for path in (f"/admin/fans/{fan.id}", "/admin/fans", f"/admin/fans/{ines.id}/merge/{fan.id}"):
        page = odile_at.get(path).text
        assert "<img src=x" not in page and "10011" not in page


def test_who_may_only_read_sees_no_way_to_change(staff_at, ines):
    page = staff_at("editor").get(f"/admin/fans/{ines.id}").text
    assert "Give or take points" not in page and "/merge" not in page
    assert staff_at("reader").get(f"/admin/fans/{ines.id}").status_code == 403


def test_support_unlinks_an_account_with_a_reason(odile_at, db, ines):
    path = f"/admin/fans/{ines.id}"
    where = f"{path}/networks/twitch/tw-ines/unlink"
    assert where in odile_at.get(path).text
    assert "Please fill this in." in odile_at.submit(where, on=path, reason="").text
    assert odile_at.submit(where, on=path, reason="Linked by mistake").status_code == 303
    page = odile_at.get(path).text
    assert "No network account is linked." in page and "Account unlinked" in page
    (record,) = db.read(lambda session: audit.find(session, limit=1))
    assert (record.action, record.reason) == ("identity.unlinked", "Linked by mistake")
    assert odile_at.submit(where, on=path, reason="Linked by mistake").status_code == 404
    assert adds_up(db)


def test_44_staff_hand_over_what_is_kept_and_it_is_on_record(odile_at, db, ines):
    path = f"/admin/fans/{ines.id}"
    answer = odile_at.submit(f"{path}/export", on=f"{path}/leave", reason="Asked by letter")
    assert answer.mimetype == "application/json" and answer.json["fan"]["email"] == "ines@example.org"
    (record,) = db.read(lambda session: audit.find(session, limit=1))
    assert (record.action, record.reason, record.address) == ("fan.exported", "Asked by letter", "203.0.113.7")


def test_44_staff_erase_a_fan_who_asks_after_the_word_was_typed(odile_at, db, ines):
    path = f"/admin/fans/{ines.id}"
    wrong = odile_at.submit(f"{path}/erase", on=f"{path}/leave", reason="Asked by letter", word="yes")
    assert wrong.status_code == 422 and "This is not the word." in wrong.text and "Asked by letter" in wrong.text
    assert (
        odile_at.submit(f"{path}/erase", on=f"{path}/leave", reason="Asked by letter", word="erase").status_code == 303
    )
    page = odile_at.get(path).text
    assert "ines@example.org" not in page and "erased on" in page
    (record,) = db.read(lambda session: audit.find(session, limit=1))
    assert (record.action, record.reason) == ("fan.erased", "Asked by letter")
    assert adds_up(db)
    assert clock.now()


def test_staff_read_the_last_day_of_points_as_the_fan_does(odile_at, db, ines):
    (lot, *_) = db.read(lambda session: ledger.balance(session, ines.id, now=clock.now())).lots
    after = lot.expires_at.astimezone(ZoneInfo("Europe/Paris")).date()
    page = odile_at.get(f"/admin/fans/{ines.id}?lang=en").text.replace("\N{NO-BREAK SPACE}", " ")
    assert f"until {written_day(after - timedelta(days=1), 'en')}" in page
    assert written_day(after, "en") not in page
