"""At the counter, without a line of JavaScript: look, confirm, and what is refused; numbers as in the checklist."""

import io
import logging
import re
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from PIL import Image
from sqlmodel import select

from loyalty import clock
from loyalty.flows import read_picture
from loyalty.flows.cancel import cancel
from loyalty.flows.erase import erase_fan
from loyalty.tables import metadata
from loyalty.vouchers import picture, qr
from loyalty.vouchers.refusals import VoucherNotFound
from loyalty.vouchers.tables import Scan, Voucher
from loyalty.web.logs import JsonLines
from tests.cast import MORNING, ODILE
from tests.makers.vouchers import stock_adds_up
from tests.web.partner.conftest import confirm, enrol, enrolment, hidden, look, state

PAGES = ("/partner/", "/partner/today", "/partner/device", "/partner/latest")


def voucher(db: Any) -> Voucher:
    return db.read(lambda session: session.exec(select(Voucher)).one())


def scans(db: Any) -> list[Scan]:
    return db.read(lambda session: list(session.exec(select(Scan).order_by(Scan.id)).all()))


def counts(db: Any) -> dict[str, int]:
    def steps(session: Any) -> dict[str, int]:
        number = sa.select(sa.func.count())
        return {each.name: session.scalar(number.select_from(each)) for each in metadata.sorted_tables}

    return db.read(steps)


def test_a_look_says_what_to_hand_out_and_changes_nothing(db, counter, got):
    before = counts(db)
    for text in (got.token, got.code, f"HTTPS://CLUB.EXAMPLE/V/{got.token}"):
        shown = look(counter, text)
        assert state(shown) == "ready"
        assert "A coffee" in shown and "Inside, not on the terrace." in shown and "I." in shown
    assert counts(db) == before
    assert voucher(db).uses == 0


def test_26_the_counter_sees_no_more_of_a_fan_than_an_initial(db, counter, got):
    fan = voucher(db).fan_id
    for shown in (look(counter, got.token), confirm(counter, look(counter, got.token)), look(counter, got.token)):
        assert "Inès" not in shown and "ines@" not in shown and str(fan) not in shown


def test_a_fan_who_was_erased_has_no_initial(db, counter, got):
    erase_fan(db, fan_id=voucher(db).fan_id, actor=ODILE)
    shown = look(counter, got.token)
    assert "Initial" not in shown


def test_a_confirmed_voucher_is_used_once_however_often_the_form_is_sent(db, counter, got):
    shown = look(counter, got.token)
    for _ in range(3):
        assert state(confirm(counter, shown)) == "handed"
    assert voucher(db).uses == 1
    assert len(scans(db)) == 1
    assert stock_adds_up(db)


def test_each_look_makes_a_nonce_of_its_own(counter, got):
    assert hidden(look(counter, got.token), "nonce") != hidden(look(counter, got.token), "nonce")


def test_a_second_time_says_when_where_and_which_device(db, counter, got):
    late = look(counter, got.token)
    confirm(counter, look(counter, got.token))
    for shown in (look(counter, got.code), confirm(counter, late)):
        assert state(shown) == "refused"
        assert "Already used" in shown and "23 November 2026 at 08:00" in shown
        assert "Comptoir de la gare" in shown and "Caisse 1" in shown
    assert voucher(db).uses == 1


@pytest.mark.parametrize(("language", "says"), [("en", "Cancelled voucher."), ("fr", "Bon annulé.")])
def test_a_refusal_names_its_reason_in_the_language_of_the_device(db, new_browser, got, language, says):
    counter = enrol(new_browser(language=language), enrolment(db))
    cancel(db, redemption_id=voucher(db).redemption_id, reason="Wrong reward.", actor=ODILE)
    shown = look(counter, got.token)
    assert state(shown) == "refused" and says in shown


def test_24_another_partners_voucher_says_not_valid_here_and_nothing_else(db, new_browser, got):
    elsewhere = enrol(new_browser(), enrolment(db, "librairie", place="Rayon poche"))
    another = look(elsewhere, got.code)
    assert "Not valid here." in another
    words = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", another)).strip()
    assert words == "Refused Not valid here. Scan the next one"
    assert {look(elsewhere, text) for text in (got.code, got.token)} == {another}
    late = elsewhere.submit("/partner/use", on="/partner/", text=got.code, nonce="n-1").text
    assert "Not valid here." in late and "coffee" not in late and "Cafe" not in late
    page = elsewhere.get(f"/V/{got.token}").text
    assert "Not valid here." in page and "coffee" not in page and "Cafe" not in page and "Inès" not in page
    assert voucher(db).uses == 0


def test_41_guessing_codes_locks_the_device_and_is_told_to_who_watches(db, counter, got, caplog):
    wrong = got.code[:-1] + ("0" if got.code[-1] != "0" else "1")
    answers = [counter.submit("/partner/look", on="/partner/", text=wrong).status_code for _ in range(22)]
    assert answers == [200] * 20 + [429] * 2
    stopped = counter.submit("/partner/look", on="/partner/", text=got.code)
    assert stopped.status_code == 429 and "Too many failed attempts" in stopped.text
    assert any("code after code" in record.getMessage() for record in caplog.records)
    assert state(look(counter, got.token)) == "ready"  # what is signed cannot be guessed
    with clock.running_on(clock.stopped_at(MORNING + timedelta(minutes=16))):
        assert state(look(counter, got.code)) == "ready"


def test_42_no_code_stands_in_the_log_or_goes_to_another_page(db, counter, got, new_browser, caplog):
    caplog.set_level(logging.DEBUG)
    invitation = enrolment(db, place="Terrasse")
    shown = look(counter, got.code)
    confirm(counter, look(counter, got.token))
    counter.get(f"/V/{got.token}")
    new_browser().get(f"/partner/enrol/{invitation}")
    enrol(new_browser(), invitation, "Caisse 2")
    written = "\n".join(JsonLines().format(record) for record in caplog.records)
    assert '"/partner/look"' in written and '"/partner/enrol/<code>"' in written
    credential = counter.cookie("__Host-loyalty-device")
    for secret in (got.token, got.code, invitation, invitation.replace("-", ""), credential, hidden(shown, "nonce")):
        assert secret and secret not in written
    for path in (f"/V/{got.token}", f"/partner/enrol/{invitation}"):
        assert counter.get(path).headers["Referrer-Policy"] == "no-referrer"


def test_the_phones_own_camera_leads_to_the_button_on_an_enrolled_device_and_uses_nothing(db, counter, got):
    before = counts(db)
    page = counter.get(f"/V/{got.token}").text
    assert "A coffee" in page and "Confirm the handover" in page
    assert counts(db) == before
    fields = {"text": hidden(page, "text"), "nonce": hidden(page, "nonce")}
    assert 'data-state="handed"' in counter.submit("/partner/use", on="/partner/", **fields).text


def test_a_fans_own_phone_still_only_shows_the_voucher(new_browser, got):
    page = new_browser().get(f"/V/{got.token}").text
    assert "A coffee" in page and "Confirm the handover" not in page
    assert new_browser().get("/V/nothing").status_code == VoucherNotFound.status


def test_nonsense_is_refused_by_name_and_an_empty_field_is_asked_for(counter, got):
    shown = look(counter, "hello")
    assert state(shown) == "refused" and "This is not the code of a voucher." in shown
    for text in ("", "   ", "x" * 2000, "a\x00b"):
        answer = counter.submit("/partner/look", on="/partner/", text=text)
        assert answer.status_code == 422 and "Type the code" in answer.text
    forged = "A" if got.token[80] != "A" else "B"
    assert "Forged or damaged code." in look(counter, got.token[:80] + forged + got.token[81:])


@pytest.mark.parametrize(
    "fields", [{}, {"text": "x"}, {"text": "x", "nonce": "é"}, {"text": "x", "nonce": "n", "more": "1"}]
)
def test_25_a_use_says_exactly_what_it_must(counter, fields):
    assert counter.submit("/partner/use", on="/partner/", **fields).status_code == 422


def test_16_no_form_works_without_its_secret(counter):
    for path in ("/partner/look", "/partner/use", "/partner/picture", "/partner/device/leave", "/partner/enrol/device"):
        assert counter.send("POST", path, data={"text": "x"}).status_code == 400, path


def test_17_reading_changes_nothing(db, counter, got):
    confirm(counter, look(counter, got.token))
    before = counts(db)
    (scan,) = scans(db)
    for path in (*PAGES, f"/partner/undo/{scan.id}", f"/V/{got.token}", "/partner/enrol"):
        assert counter.get(path).status_code == 200, path
    assert counts(db) == before


def test_19_the_camera_may_be_asked_for_on_the_scanner_alone(app, counter, got):
    allowed = set()
    for rule in app.url_map.iter_rules():
        if "GET" in (rule.methods or ()):
            path = re.sub(r"<(?:any\((\w+)[^>]*|[^>]*)>", lambda found: found[1] or "1", rule.rule)
            policy = counter.get(path).headers["Permissions-Policy"]
            if policy != "camera=(), microphone=(), geolocation=()":
                allowed.add((rule.endpoint, policy))
    assert allowed == {("partner.scan", "camera=(self), microphone=(), geolocation=()")}


@pytest.mark.parametrize("path", PAGES)
def test_20_pages_of_a_device_are_kept_by_nobody(counter, path):
    assert counter.get(path).headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("path", [*PAGES, "/partner/undo/1"])
def test_22_nobody_sees_them_without_an_enrolled_device(app, new_browser, path):
    assert new_browser().get(path).status_code == 401


@pytest.mark.parametrize("path", ["look", "use", "picture", "undo/1", "device/leave"])
def test_22_nobody_does_anything_without_an_enrolled_device(app, new_browser, path):
    answer = new_browser().submit(f"/partner/{path}", on="/partner/enrol", text="x")
    assert answer.status_code == 401


def jpeg(image: Image.Image) -> bytes:
    written = io.BytesIO()
    image.convert("RGB").save(written, "JPEG", quality=80)
    return written.getvalue()


def send_picture(browser: Any, body: bytes) -> Any:
    token = hidden(browser.get("/partner/").text, "csrf_token")
    headers = {**browser.headers, "X-CSRFToken": token, "Content-Type": "image/jpeg"}
    return browser.send("POST", "/partner/picture", data=body, headers=headers)


def test_the_server_reads_the_code_in_a_picture(counter, got):
    address = f"HTTPS://CLUB.EXAMPLE/V/{got.token}"
    drawn = Image.open(io.BytesIO(qr.png(address))).convert("L")
    scene = Image.new("L", (800, 600), 90)
    scene.paste(drawn.resize((330, 330)), (200, 120))
    answer = send_picture(counter, jpeg(scene.rotate(12, fillcolor=90)))
    assert (answer.status_code, answer.json) == (200, {"text": address})
    assert send_picture(counter, jpeg(Image.new("L", (640, 480), 128))).json == {"text": None}


def test_47_only_a_picture_of_a_bounded_size_is_decoded(counter, monkeypatch):
    png = io.BytesIO()
    Image.new("L", (64, 64)).save(png, "PNG")
    huge = jpeg(Image.new("L", (4000, 4000)))
    assert len(huge) < picture.MOST_BYTES
    cut = jpeg(Image.effect_noise((640, 480), 80))[:9000]
    monkeypatch.setattr(picture.zxingcpp, "read_barcodes", lambda *_, **__: pytest.fail("it was decoded"))
    for body in (b"", b"hello", png.getvalue(), huge, cut, b"\xff" * (picture.MOST_BYTES + 1)):
        answer = send_picture(counter, body)
        assert (answer.status_code, answer.json["code"]) == (422, "not_a_picture")


def test_38_a_device_sends_no_more_pictures_than_a_camera_needs(counter, monkeypatch):
    few = read_picture.Limit(name="picture", most=3, within=timedelta(minutes=1))
    monkeypatch.setattr(read_picture, "PICTURES", few)
    blank = jpeg(Image.new("L", (64, 64)))
    assert [send_picture(counter, blank).status_code for _ in range(5)] == [200, 200, 200, 429, 429]
