"""37: keys have a prefix, are kept as a hash, with scopes, an expiry and a last use, and are shown once."""

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa

from loyalty import clock
from loyalty.staff import audit
from loyalty.staff.scopes import IN_FRENCH, SCOPES
from tests.cast import MORNING
from tests.web.client import Client

SAID = {"name": "The app", "life": "90", "scope-fans:read": "on"}


def make(browser, **said):
    return browser.submit("/admin/keys", **(said or SAID))


def token_in(page):
    return re.search(r'<code id="made">(lk_[^<]+)</code>', page)[1]


def test_37_a_key_is_shown_once_and_kept_as_a_hash(odile_at, db):
    token = token_in(make(odile_at).text)
    page = odile_at.get("/admin/keys").text
    assert token not in page and token.split("_")[1] in page and "fans:read" in page
    kept = db.read(lambda session: session.execute(sa.text("SELECT * FROM api_key")).one())
    assert token.split("_", 2)[2] not in str(kept)


def test_37_it_does_what_its_scopes_say_until_it_expires(odile_at, app):
    token = token_in(make(odile_at).text)
    assert Client(app, token).get("/fans").status_code == 200 or Client(app, token).get("/fans/1").status_code == 404
    assert Client(app, token).get("/rules").status_code == 403
    with clock.running_on(clock.stopped_at(MORNING + timedelta(days=91))):
        assert Client(app, token).get("/fans/1").status_code == 401


def test_37_a_revoked_key_is_shut_out_at_once_with_a_reason_on_record(odile_at, app, db):
    token = token_in(make(odile_at).text)
    prefix = token.split("_")[1]
    assert odile_at.submit(f"/admin/keys/{prefix}/revoke", on="/admin/keys", reason="It leaked").status_code == 303
    assert Client(app, token).get("/fans/1").status_code == 401
    assert "Revoked" in odile_at.get("/admin/keys").text
    revoked, made = db.read(lambda session: audit.find(session, limit=2))
    assert (revoked.action, revoked.reason, revoked.address) == ("key.revoked", "It leaked", "203.0.113.7")
    assert made.action == "key.made" and token not in str(made.after)


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"name": "The app", "life": "90"}, "At least one is needed."),
        ({**SAID, "name": ""}, "Please fill this in."),
        ({**SAID, "life": "1000"}, "Choose from the list."),
    ],
)
def test_a_wrong_form_keeps_what_was_chosen(odile_at, wrong, told):
    answer = make(odile_at, **wrong)
    assert answer.status_code == 422 and told in answer.text and 'id="made"' not in answer.text
    assert "checked" in answer.text or "scope-fans:read" not in wrong


def test_25_an_unknown_scope_is_refused(odile_at):
    assert make(odile_at, **SAID, **{"scope-everything": "on"}).status_code == 422


def test_13_a_key_asks_for_the_second_factor_again(odile_at, app, db):
    with clock.running_on(clock.stopped_at(MORNING + timedelta(minutes=11))):
        asked = make(odile_at)
        assert asked.status_code == 403 and 'name="scope-fans:read"' in asked.text


def test_only_an_administrator_sees_keys(staff_at):
    expected = {"administrator": 200, "manager": 403, "editor": 403, "support": 403, "reader": 403}
    assert {role: staff_at(role).get("/admin/keys").status_code for role in expected} == expected


def test_every_scope_has_its_meaning_in_french_too():
    assert list(IN_FRENCH) == list(SCOPES)
