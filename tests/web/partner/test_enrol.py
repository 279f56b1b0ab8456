"""How a phone becomes a device, and stops being one; the numbers are those of the security checklist."""

from datetime import timedelta

import pytest
from sqlmodel import select

from loyalty import clock
from loyalty.flows import manage_partners
from loyalty.partners.enrolment import digest, link
from loyalty.partners.tables import Device, Partner
from loyalty.staff.tables import AuditRecord
from loyalty.web.device_session import COOKIE
from tests.cast import MORNING, ODILE
from tests.web.partner.conftest import enrol, enrolment


def devices(db):
    return db.read(lambda session: list(session.exec(select(Device).order_by(Device.id)).all()))


def test_a_link_says_where_it_leads_and_a_name_makes_a_device(db, new_browser):
    browser, code = new_browser(), enrolment(db)
    page = browser.get(f"/partner/enrol/{code}").text
    assert "Cafe Lumiere" in page and "Comptoir de la gare" in page
    enrol(browser, code, "Caisse 1")
    scanner = browser.get("/partner/").text
    assert "Caisse 1" in scanner and "Code of the voucher" in scanner


def test_the_link_is_made_of_our_address_and_the_code():
    assert (
        link("https://club.example", "7K3M-9QX2-D8RW-0T6C") == "https://club.example/partner/enrol/7K3M-9QX2-D8RW-0T6C"
    )


def test_a_code_may_be_typed_as_it_was_heard(db, new_browser):
    browser, code = new_browser(), enrolment(db)
    page = browser.submit("/partner/enrol", code=code.lower().replace("-", " "))
    assert page.status_code == 200 and "Comptoir de la gare" in page.text
    assert browser.submit("/partner/enrol", code=" ").status_code == 422


def test_1_opening_the_link_uses_nothing_up_and_the_form_does_once(db, new_browser):
    code = enrolment(db)
    for _ in range(3):
        assert new_browser().get(f"/partner/enrol/{code}").status_code == 200
        new_browser().send("HEAD", f"/partner/enrol/{code}")
    assert devices(db) == []
    enrol(new_browser(), code)
    late = new_browser().get(f"/partner/enrol/{code}")
    assert late.status_code == 422
    assert "Ask for a new one" in late.text and "Call the station" in late.text
    assert len(devices(db)) == 1


def test_2_a_link_is_dead_after_a_quarter_of_an_hour(db, new_browser):
    code = enrolment(db)
    with clock.running_on(clock.stopped_at(MORNING + timedelta(minutes=15, seconds=1))):
        assert new_browser(language="fr").get(f"/partner/enrol/{code}").status_code == 422


def test_a_form_without_a_name_is_shown_again_with_what_is_missing_and_the_code_still_works(db, new_browser):
    browser, code = new_browser(), enrolment(db)
    again = browser.submit("/partner/enrol/device", on=f"/partner/enrol/{code}", code=code, name="  ")
    assert again.status_code == 422 and "Give this device a name" in again.text
    enrol(browser, code)


def test_5_guessing_codes_is_stopped_and_counted_with_the_api(db, new_browser, anybody):
    browser = new_browser(address="203.0.113.66")
    browser.get("/partner/enrol")
    for number in range(10):
        answer = browser.submit("/partner/enrol/device", on="/partner/enrol", code=f"WRONG-{number}", name="x")
        assert answer.status_code == 422
    good = enrolment(db)
    answer = browser.submit("/partner/enrol/device", on="/partner/enrol", code=good, name="x")
    assert answer.status_code == 429 and "Too many failed attempts" in answer.text
    assert browser.get(f"/partner/enrol/{good}").status_code == 429
    assert new_browser(address="203.0.113.67").get(f"/partner/enrol/{good}").status_code == 200


def test_15_the_cookie_is_for_this_host_alone_out_of_reach_of_scripts_and_only_its_hash_is_kept(db, new_browser):
    browser, code = new_browser(), enrolment(db)
    answer = browser.submit("/partner/enrol/device", on=f"/partner/enrol/{code}", code=code, name="Caisse 1")
    (cookie,) = [each for each in answer.headers.getlist("Set-Cookie") if each.startswith(f"{COOKIE}=")]
    assert COOKIE.startswith("__Host-")
    for part in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=34560000"):
        assert part in cookie
    assert "Domain" not in cookie
    credential = browser.cookie(COOKIE)
    assert credential is not None
    (device,) = devices(db)
    assert device.credential_hash == digest(credential)


def test_9_the_forms_secret_differs_after_the_enrolment(db, new_browser):
    browser, code = new_browser(), enrolment(db)
    browser.get(f"/partner/enrol/{code}")
    before = browser.cookie("__Host-loyalty-form")
    enrol(browser, code)
    assert before and browser.cookie("__Host-loyalty-form") != before


@pytest.mark.parametrize("how", ["revoked", "archived"])
def test_10_a_device_that_was_shut_out_reads_nothing_and_is_told_what_to_do(db, counter, got, how):
    (device,) = devices(db)
    if how == "revoked":
        manage_partners.revoke_device(db, device_id=device.id, actor=ODILE, reason="Lost.")
    else:
        db.write(lambda session: setattr(session.exec(select(Partner)).one(), "archived_at", MORNING))
    for method, path in (("GET", "/partner/"), ("GET", "/partner/today"), ("GET", "/partner/device")):
        answer = counter.send(method, path)
        assert answer.status_code == 401
        assert "not enrolled any more" in answer.text and "a new link" in answer.text
    page = counter.get(f"/V/{got.token}").text
    assert "Confirm the handover" not in page and "This page only shows" in page


def test_a_phone_that_never_was_a_device_is_told_how_to_become_one(app, new_browser):
    answer = new_browser(language="fr").get("/partner/")
    assert answer.status_code == 401
    assert "Cet appareil n’est pas associé." in answer.text and 'href="/partner/enrol"' in answer.text


def test_a_phone_enrolled_anew_is_one_device_not_two(db, counter):
    former = counter.cookie(COOKIE)
    code = enrolment(db, place="Terrasse")
    assert "that enrolment will end" in counter.get(f"/partner/enrol/{code}").text
    enrol(counter, code, "Caisse 2")
    first, second = devices(db)
    assert first.revoked_at is not None and second.revoked_at is None
    assert former and manage_partners.authenticate(db, former) is None


def test_43_leaving_is_at_once_and_on_record(db, counter):
    page = counter.get("/partner/device").text
    assert "Caisse 1" in page and "Comptoir de la gare" in page and "Cafe Lumiere" in page
    credential = counter.cookie(COOKIE)
    left = counter.submit("/partner/device/leave", on="/partner/device")
    assert left.status_code == 200 and "no longer enrolled" in left.text
    assert counter.cookie(COOKIE) is None
    assert credential and manage_partners.authenticate(db, credential) is None
    (device,) = devices(db)
    entries = db.read(lambda session: list(session.exec(select(AuditRecord)).all()))
    (entry,) = [each for each in entries if each.action == "device.revoked"]
    assert entry.actor == entry.subject == f"device:{device.id}" and entry.address == counter.address


def test_the_language_is_chosen_on_the_device_and_stays(counter):
    assert "Scan the next one" not in counter.get("/partner/?lang=fr").text
    assert "Derniers scans" in counter.get("/partner/").text
    cookies = counter.get("/partner/device").headers.getlist("Set-Cookie")
    assert any("Expires=" in each for each in cookies if each.startswith("__Host-loyalty-form"))
