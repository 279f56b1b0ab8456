"""Getting in by e-mail; the numbers are those of the security checklist."""

import dataclasses
from datetime import timedelta

import pytest
from sqlmodel import select

from loyalty import clock
from loyalty.fans.tables import Fan
from loyalty.flows.send_mail import latest
from loyalty.web.app import create_app
from tests.cast import MORNING, marc
from tests.makers.station import rows


def later(**by):
    return clock.running_on(clock.stopped_at(MORNING + timedelta(**by)))


def test_01_reading_a_link_uses_nothing_and_posting_it_does_once(ines, browser):
    _, link = browser.ask("ines@example.org")
    for method in ("GET", "HEAD") * 3:
        assert browser.send(method, link).status_code in (200, 405)
    assert browser.get("/profile").status_code == 401
    page = browser.get(link)
    assert "csrf_token" in page.text and 'name="code"' not in page.text
    assert browser.submit(link).location == "/profile"
    assert browser.get("/profile").status_code == 200
    assert browser.get(link).status_code == 410


def test_02_a_link_and_a_code_are_good_for_ten_minutes(ines, browser):
    code, link = browser.ask("ines@example.org")
    with later(minutes=9, seconds=59):
        assert browser.get(link).status_code == 200
    with later(minutes=10, seconds=1):
        assert browser.get(link).status_code == 410
        assert browser.submit("/sign-in/code", code=code).status_code == 410


def test_03_in_another_browser_the_link_asks_for_the_code(ines, browser, new_browser):
    code, link = browser.ask("ines@example.org")
    other = new_browser()
    assert 'name="code"' in other.get(link).text
    assert other.submit(link).status_code == 422
    assert other.cookie() is None
    assert other.submit(link, code=code).location == "/"
    assert other.get("/profile").status_code == 200


def test_04_a_known_and_an_unknown_address_get_the_same_answer_after_the_same_steps(ines, new_browser, db):
    answers = []
    for number, who in enumerate(("ines", "nobody") * 3):
        browser = new_browser(address=f"203.0.113.{number}")
        response = browser.submit("/sign-in", email=f"{who}@example.org")
        answers.append((response.status_code, response.location, browser.get("/sign-in/code").text.count("<")))
    assert len(set(answers)) == 1
    assert {mail.recipient for mail in latest(db)} == {"ines@example.org", "nobody@example.org"}
    shapes = {(len(mail.subject), len(mail.text)) for mail in latest(db)}
    assert len(shapes) == 1


def test_05_an_address_is_written_to_three_times_a_quarter_of_an_hour(new_browser):
    for number in range(3):
        new_browser(address=f"203.0.113.{number}").ask("ines@example.org")
    again = new_browser(address="203.0.113.9").submit("/sign-in", email="INES@example.org ")
    assert again.status_code == 429
    with later(minutes=15):
        new_browser(address="203.0.113.9").ask("ines@example.org")


def test_05_a_network_address_asks_ten_times_an_hour(new_browser):
    for number in range(10):
        new_browser().ask(f"fan{number}@example.org")
    assert new_browser().submit("/sign-in", email="more@example.org").status_code == 429
    new_browser(address="203.0.113.9").ask("more@example.org")


def test_a_code_is_guessed_five_times_at_most(ines, browser, db):
    code, _ = browser.ask("ines@example.org")
    wrong = "000000" if code != "000000" else "000001"
    for _ in range(5):
        assert browser.submit("/sign-in/code", code=wrong).status_code == 422
    assert browser.submit("/sign-in/code", code=code).status_code == 410
    assert rows(db, "SELECT attempts FROM sign_in") == [(5,)]


def test_a_code_may_be_typed_with_spaces(ines, browser):
    code, _ = browser.ask("ines@example.org")
    assert browser.submit("/sign-in/code", code=f" {code[:3]} {code[3:]} ").location == "/"


def test_09_signing_in_changes_every_cookie(ines, browser):
    browser.client.set_cookie("__Host-loyalty-fan", "planted", domain="club.example")
    browser.get("/sign-in")
    before = browser.client.get_cookie("__Host-loyalty-form", "club.example").value
    response = browser.sign_in()
    assert browser.cookie() not in (None, "planted")
    assert browser.client.get_cookie("__Host-loyalty-form", "club.example") is None or (
        browser.client.get_cookie("__Host-loyalty-form", "club.example").value != before
    )
    assert response.status_code == 303


def test_10_signing_out_kills_the_session_on_the_server(ines_at):
    cookie = ines_at.cookie()
    assert ines_at.submit("/sign-out", on="/profile").status_code == 303
    assert ines_at.cookie() is None
    ines_at.client.set_cookie("__Host-loyalty-fan", cookie, domain="club.example")
    assert ines_at.get("/profile").status_code == 401


def test_10_signing_out_everywhere_reaches_the_other_browser(ines_at, new_browser):
    other = new_browser()
    other.sign_in()
    assert ines_at.submit("/sign-out-everywhere", on="/profile").status_code == 303
    assert other.get("/profile").status_code == 401


def test_12_a_fan_stays_for_thirty_days(ines_at):
    with later(days=29, hours=23):
        assert ines_at.get("/profile").status_code == 200
    with later(days=30):
        assert ines_at.get("/profile").status_code == 401


def test_a_visit_is_a_sign_of_life_to_the_day(ines_at, db):
    def seen():
        return db.read(lambda session: session.exec(select(Fan.last_seen_at)).one())

    assert seen() == MORNING.replace(hour=0)
    with later(minutes=59):
        ines_at.get("/profile")
    assert seen() == MORNING.replace(hour=0)
    with later(days=3):
        ines_at.get("/profile")
    assert seen() == MORNING.replace(hour=0) + timedelta(days=3)


def test_15_cookies_are_of_this_host_secure_and_out_of_reach_of_scripts(ines, browser):
    browser.get("/sign-in")
    response = browser.sign_in()
    said = [each for each in response.headers.getlist("Set-Cookie") if each.startswith("__Host-loyalty-fan=")]
    assert len(said) == 1
    for attribute in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"):
        assert attribute in said[0]
    assert "Domain" not in said[0]


def test_34_after_signing_in_one_is_where_one_wanted_to_be_and_no_address_can_say_where(ines, browser):
    assert browser.get("/vouchers").status_code == 401
    assert browser.sign_in().location == "/vouchers"
    for fuzz in ("//evil.example", "/\\evil.example", "/\t/evil.example", "https:evil.example"):
        browser.submit("/sign-out", on="/profile")
        browser.get("/", query_string={"next": fuzz})
        with later(minutes=16 * (1 + len(fuzz))):
            assert browser.sign_in().location == "/"


def test_48_a_new_secret_key_keeps_sessions(ines_at, db, settings):
    turned = dataclasses.replace(
        settings, secret_key="another key, as long as it has to be", secret_key_fallbacks=(settings.secret_key,)
    )
    after = create_app(turned, db).test_client()
    after.set_cookie("__Host-loyalty-fan", ines_at.cookie(), domain="club.example")
    assert after.get("/profile", base_url="https://club.example", headers=ines_at.headers).status_code == 200


JOINS = {"display_name": "Nadia", "birth_year": "1990", "agrees": "on"}


def test_somebody_new_becomes_a_fan_with_dated_consents(app, browser, db):
    assert browser.sign_in("nadia@example.org").location == "/sign-in/join"
    assert browser.submit("/sign-in/join", **JOINS, newsletter="on").location == "/"
    assert "Nadia" in browser.get("/").text
    assert rows(db, "SELECT purpose, given, text_version FROM consent ORDER BY purpose") == [
        ("age_15", True, "2026-11"),
        ("newsletter", True, "2026-11"),
        ("terms", True, "2026-11"),
    ]


@pytest.mark.parametrize(
    "change", [{"birth_year": "2012"}, {"birth_year": "90"}, {"agrees": "off"}, {"display_name": " "}, {"points": "9"}]
)
def test_25_who_is_too_young_does_not_agree_or_sends_more_than_asked_does_not_join(app, browser, db, change):
    browser.sign_in("nadia@example.org")
    assert browser.submit("/sign-in/join", **{**JOINS, **change}).status_code == 422
    assert rows(db, "SELECT count(*) FROM fan") == [(0,)]


def test_an_address_that_was_not_proved_cannot_join(app, browser, db):
    browser.ask("nadia@example.org")
    assert browser.submit("/sign-in/join", **JOINS).status_code == 410
    assert rows(db, "SELECT count(*) FROM fan") == [(0,)]


def test_what_is_no_address_is_said_beside_the_field(browser):
    response = browser.submit("/sign-in", email="ines")
    assert response.status_code == 422
    assert "whole address" in response.text and 'value="ines"' in response.text


def test_nobody_is_the_fan_of_a_cookie_from_elsewhere(ines, db, browser):
    marc(db)
    for cookie in ("", "x", "é", "a" * 3000):
        browser.client.set_cookie("__Host-loyalty-fan", cookie, domain="club.example")
        assert browser.get("/profile").status_code == 401
