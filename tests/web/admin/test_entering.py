"""Staff get in with a password and a second factor, and with nothing less."""

import re
from datetime import timedelta

import pyotp
import pytest

from loyalty import clock
from loyalty.flows.manage_staff import invite_staff
from loyalty.staff import audit
from loyalty.web.staff_session import COOKIE
from tests.cast import MORNING, ODILE
from tests.makers.staff import PASSWORD, member
from tests.web.browser import Browser

LATER = timedelta(seconds=31)


def invite(db, email="nadia@lumiere.example", role="manager"):
    link = invite_staff(db, email=email, name="Nadia", role=role, public_url="https://club.example", actor=ODILE)
    return link.removeprefix("https://club.example")


def enter(browser, account, *, code=None, password=None):
    return browser.submit(
        "/admin/sign-in", email=account.email, password=password or account.password,
        code=account.code() if code is None else code,
    )  # fmt: skip


@pytest.fixture
def browser(app, db):
    return Browser(app, db)


def test_an_invitation_becomes_an_account_with_a_second_factor_and_recovery_codes(db, browser):
    path = invite(db)
    assert "Nadia" in browser.get(path).text
    joined = browser.submit(path, password=PASSWORD, again=PASSWORD)
    assert (joined.status_code, joined.location) == (303, "/admin/second-factor")
    page = browser.get("/admin/second-factor").text
    secret = re.search(r"human-small\">([A-Z2-7 ]+)<", page)[1].replace(" ", "")
    code = pyotp.TOTP(secret).at(int(clock.now().timestamp()))
    wrong = browser.submit("/admin/second-factor", code="000000" if code != "000000" else "111111")
    assert wrong.status_code == 422
    bound = browser.submit("/admin/second-factor", code=code)
    codes = re.findall(r"human-small\">([0-9A-Z-]{19})<", bound.text)
    assert len(codes) == 10
    assert browser.get("/admin/").status_code == 200

    elsewhere = Browser(browser.client.application, db)
    said = {"email": "NADIA@lumiere.example", "password": PASSWORD}
    assert elsewhere.submit("/admin/sign-in", **said, code=codes[0]).status_code == 303
    assert elsewhere.get("/admin/account").status_code == 200


def test_14_an_invitation_works_once_and_a_get_never_consumes_it(db, browser):
    path = invite(db)
    for method in ("GET", "HEAD", "GET"):
        assert browser.send(method, path).status_code == 200
    assert browser.submit(path, password=PASSWORD, again=PASSWORD).status_code == 303
    assert browser.get(path).status_code == 410
    newer, newest = invite(db, "jo@lumiere.example"), invite(db, "jo@lumiere.example")
    assert browser.get(newer).status_code == 410, "replaced by the next"
    with clock.running_on(clock.stopped_at(MORNING + timedelta(days=3, seconds=1))):
        assert browser.get(newest).status_code == 410


def test_6_staff_without_a_second_factor_get_403_everywhere_but_its_enrolment(app, db, browser):
    account = member(db, None)
    assert enter(browser, account, code="").status_code == 303
    for rule in app.url_map.iter_rules():
        if rule.endpoint.startswith("admin.") and not rule.arguments and "GET" in rule.methods:
            expected = 200 if rule.endpoint in ("admin.bind_app", "admin.sign_in") else 403
            response = browser.get(rule.rule)
            if rule.endpoint == "admin.sign_in":
                assert response.status_code in (200, 302)
            else:
                assert response.status_code == expected, rule.rule


def test_7_a_code_or_a_recovery_code_used_twice_fails(app, db, browser, odile_of_the_staff):
    account = odile_of_the_staff
    code = account.code()
    assert enter(browser, account, code=code).status_code == 303
    assert enter(Browser(app, db), account, code=code).status_code == 422
    with clock.running_on(clock.stopped_at(MORNING + LATER)):
        assert enter(Browser(app, db), account).status_code == 303
        page = browser.submit("/admin/recovery-codes", on="/admin/account").text
    recovery = re.findall(r"human-small\">([0-9A-Z-]{19})<", page)[0]
    assert enter(Browser(app, db), account, code=recovery).status_code == 303
    assert enter(Browser(app, db), account, code=recovery).status_code == 422


def test_8_passwords_are_long_and_not_among_the_guessed_ones(db, browser):
    path = invite(db)
    for weak in ("court", "motdepasse", "123456789012", "passwordpassword", "nadia@lumiere.example"):
        refused = browser.submit(path, password=weak, again=weak)
        assert refused.status_code == 422, weak
        assert "too easy to guess" in refused.text
    assert browser.submit(path, password=PASSWORD, again="another").status_code == 422
    long = "quatre mots sans rapport : " + "é" * 60
    assert browser.submit(path, password=long, again=long).status_code == 303


def test_9_the_cookie_before_is_not_the_cookie_after(app, db, browser, odile_of_the_staff):
    browser.client.set_cookie(COOKIE, "planted", domain="club.example", secure=True)
    assert enter(browser, odile_of_the_staff).status_code == 303
    first = browser.cookie(COOKIE)
    assert first not in (None, "planted")
    with clock.running_on(clock.stopped_at(MORNING + LATER)):
        browser.submit("/admin/sign-out", on="/admin/account")
        assert enter(browser, odile_of_the_staff).status_code == 303
    assert browser.cookie(COOKIE) != first


def test_10_a_cookie_replayed_after_signing_out_is_worth_nothing(app, db, browser, odile_of_the_staff):
    assert enter(browser, odile_of_the_staff).status_code == 303
    stolen = browser.cookie(COOKIE)
    browser.submit("/admin/sign-out", on="/admin/account")
    thief = Browser(app, db)
    thief.client.set_cookie(COOKIE, stolen, domain="club.example", secure=True)
    assert thief.get("/admin/").status_code == 401


def test_12_a_session_ends_after_half_an_hour_unused_and_after_twelve_hours_in_all(odile_at):
    assert odile_at.get("/admin/").status_code == 200
    for minutes in range(29, 12 * 60, 29):
        with clock.running_on(clock.stopped_at(MORNING + timedelta(minutes=minutes))):
            assert odile_at.get("/admin/").status_code == 200
    with clock.running_on(clock.stopped_at(MORNING + timedelta(hours=12, seconds=1))):
        assert odile_at.get("/admin/").status_code == 401


def test_12_half_an_hour_unused_ends_it(odile_at):
    with clock.running_on(clock.stopped_at(MORNING + timedelta(minutes=30, seconds=1))):
        assert odile_at.get("/admin/").status_code == 401


def test_what_is_wrong_is_not_told_and_ten_failures_close_the_door(app, db, browser, odile_of_the_staff):
    account = odile_of_the_staff
    told = set()
    for guess in ({"password": "wrong"}, {"code": "123 456"}, {"code": ""}):
        refused = enter(browser, account, **guess)
        assert refused.status_code == 422
        told.add(re.search(r"role=\"alert\">([^<]+)<", refused.text)[1])
    unknown = browser.submit("/admin/sign-in", email="nobody@lumiere.example", password="x", code="1")
    told.add(re.search(r"role=\"alert\">([^<]+)<", unknown.text)[1])
    assert len(told) == 1
    for _ in range(7):
        enter(browser, account, password="wrong")
    closed = enter(browser, account)
    assert closed.status_code == 429
    assert int(closed.headers["Retry-After"]) <= 300 if "Retry-After" in closed.headers else True


def test_after_signing_in_one_is_where_one_wanted_to_go(browser, odile_of_the_staff):
    assert browser.get("/admin/team?x=1").status_code == 401
    assert enter(browser, odile_of_the_staff).location == "/admin/team?x=1"


def test_joining_and_binding_are_in_the_audit_trail(db, browser):
    path = invite(db)
    browser.submit(path, password=PASSWORD, again=PASSWORD)
    records = db.read(lambda session: audit.find(session, limit=5))
    assert [each.action for each in records] == ["staff.joined", "staff.invited"]
    assert records[0].address == "203.0.113.7"
