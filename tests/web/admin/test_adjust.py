"""Staff give and take points on a fan's page: once a form, with a reason, with a second person above a threshold."""

import re
from datetime import timedelta

import pytest

from loyalty import clock
from loyalty.staff import approvals, audit
from tests import cast
from tests.cast import MORNING
from tests.makers.proof import adds_up
from tests.makers.rewards import balance
from tests.web.admin.conftest import signed_in


@pytest.fixture
def ines(app, db):
    return cast.ines(db)


def form(browser, fan, **said):
    """What a browser sends from the fan's page."""
    nonce = re.search(r'name="nonce" value="(\d+)"', browser.get(f"/admin/fans/{fan.id}").text)[1]
    return {"direction": "give", "amount": "50", "unit": "points", "reason": "Lost code", "nonce": nonce, **said}


def send(browser, fan, **said):
    return browser.submit(f"/admin/fans/{fan.id}/adjust", on=f"/admin/fans/{fan.id}", **said)


def test_points_are_given_and_the_page_says_who_and_why(odile_at, db, ines):
    assert send(odile_at, ines, **form(odile_at, ines, amount="1 000")).status_code == 303
    page = odile_at.get(f"/admin/fans/{ines.id}").text
    assert "It is done." in page and "Lost code" in page and "odile@lumiere.example" in page and "+1,000" in page
    assert balance(db, ines.id) == 1_000
    assert adds_up(db)


def test_the_form_sent_twice_gives_once(odile_at, db, ines):
    said = form(odile_at, ines)
    for _ in range(2):
        assert send(odile_at, ines, **said).status_code == 303
    assert balance(db, ines.id) == 50


def test_more_than_there_is_cannot_be_taken_and_the_form_is_kept(odile_at, db, ines):
    answer = send(odile_at, ines, **form(odile_at, ines, direction="take", reason="Too generous"))
    assert answer.status_code == 409
    assert "50 cannot be taken" in answer.text and "Too generous" in answer.text


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("amount", "0"), ("amount", "-5"), ("amount", "1.5"), ("amount", "9" * 18), ("amount", ""), ("reason", ""),
        ("reason", "a\x00b"), ("unit", "euros"), ("direction", "up"), ("nonce", "x"),
    ],
)  # fmt: skip
def test_25_what_cannot_be_is_said_by_field_and_nothing_changes(odile_at, db, ines, name, value):
    answer = send(odile_at, ines, **{**form(odile_at, ines), name: value})
    assert answer.status_code == 422
    assert 'class="wrong"' in answer.text
    assert balance(db, ines.id) == 0


def test_25_a_field_that_does_not_exist_is_refused(odile_at, db, ines):
    assert send(odile_at, ines, **form(odile_at, ines, balance="9")).status_code == 422


def test_43_an_adjustment_leaves_actor_address_before_after_and_reason(odile_at, db, ines):
    send(odile_at, ines, **form(odile_at, ines))
    found = db.read(lambda session: audit.find(session, limit=9, action="points.adjusted"))
    assert [(each.actor, each.address, each.reason) for each in found] == [
        ("staff:odile@lumiere.example", "203.0.113.7", "Lost code")
    ]
    assert (found[0].before["points"], found[0].after["points"]) == (0, 50)


def test_43_a_large_gift_waits_for_a_second_person(odile_at, db, ines):
    assert send(odile_at, ines, **form(odile_at, ines, amount="1001")).status_code == 303
    assert "It waits for a second person to agree." in odile_at.get(f"/admin/fans/{ines.id}").text
    (waiting,) = db.read(approvals.waiting)
    assert (waiting.action, waiting.asked_by) == ("points.adjusted", "staff:odile@lumiere.example")
    assert balance(db, ines.id) == 0


def test_13_after_ten_minutes_the_code_is_asked_for_again_and_the_form_goes_on(app, db, odile_of_the_staff, ines):
    odile_at = signed_in(app, db, odile_of_the_staff)
    said = form(odile_at, ines)
    with clock.running_on(clock.stopped_at(MORNING + timedelta(minutes=11))):
        asked = send(odile_at, ines, **said)
        assert asked.status_code == 403 and 'value="Lost code"' in asked.text
        assert send(odile_at, ines, **said, proof=odile_of_the_staff.code()).status_code == 303
    assert balance(db, ines.id) == 50


def test_the_fan_reads_that_the_team_corrected_the_balance_and_not_the_reason(odile_at, app, db, ines):
    from loyalty.access import sessions
    from loyalty.web.fan_session import COOKIE
    from tests.web.browser import Browser

    send(odile_at, ines, **form(odile_at, ines))
    token = db.write(lambda session: sessions.begin(session, kind=sessions.FAN, subject_id=ines.id, agent=None))
    for language, told in {"en": "Correction by the team", "fr": "Correction par l’équipe"}.items():
        browser = Browser(app, db, language=language)
        browser.client.set_cookie(COOKIE, token, domain="club.example", secure=True, path="/")
        page = browser.get(f"/history?lang={language}").text
        assert told in page and "Lost code" not in page
