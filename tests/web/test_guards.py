"""Who gets in: keys by scope, until they expire or are revoked; and nobody who guesses."""

from datetime import timedelta

import pytest

from loyalty import clock
from loyalty.flows.manage_keys import list_keys, make_key, revoke_key
from loyalty.staff.scopes import SCOPES
from tests.cast import MORNING, ODILE
from tests.web.client import Client, refused


def test_a_key_gets_in_where_it_has_the_scope_and_nowhere_else(client_with):
    reader = client_with("activities:read", "fans:read")
    assert reader.get("/activities").status_code == 200
    problem = refused(reader.get("/rules"), 403, "missing_scope")
    assert problem["scope"] == "rules:read"
    response = reader.get("/rules")
    assert response.headers["WWW-Authenticate"] == (
        'Bearer realm="loyalty", error="insufficient_scope", scope="rules:read"'
    )


def test_a_right_to_write_is_no_right_to_read(client_with):
    refused(client_with("activities:write").get("/activities"), 403, "missing_scope")


def test_a_key_that_expired_or_was_revoked_says_so(app, db):
    short = make_key(db, name="x", scopes_wanted=SCOPES, actor=ODILE, expires_at=MORNING + timedelta(hours=1))
    client = Client(app, short.token)
    assert client.get("/audit").status_code == 200
    with clock.running_on(clock.stopped_at(MORNING + timedelta(hours=1))):
        assert "expired" in refused(client.get("/audit"), 401, "key_expired")["detail"]
    revoke_key(db, prefix=short.prefix, actor=ODILE)
    refused(client.get("/audit"), 401, "key_revoked")


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer",
        "Bearer ",
        "Basic b2RpbGU6eA==",
        "Bearer lk_",
        "Bearer lk__",
        "Bearer lk_00000000_x",
        "Bearer a=b",
        "Bearer device_xyz",
        "Bearer lk_é_é",
        "Bearer " + "x" * 5000,
    ],
)
def test_what_is_no_key_is_refused(anybody, header):
    response = anybody.get("/activities", headers={"Authorization": header.encode().decode("latin-1")})
    refused(response, 401, "not_authenticated")
    assert response.headers["WWW-Authenticate"] == 'Bearer realm="loyalty"'


def test_the_prefix_alone_opens_nothing(app, db):
    key = make_key(db, name="x", scopes_wanted=SCOPES, actor=ODILE)
    for token in (f"lk_{key.prefix}_", f"lk_{key.prefix}_x", key.token[:-1], key.token + "x", key.token.upper()):
        refused(Client(app, token).get("/activities"), 401, "not_authenticated")


def test_the_last_use_is_noted_once_a_minute_at_most(app, db):
    key = make_key(db, name="x", scopes_wanted=SCOPES, actor=ODILE)
    for minutes, noted in ((0, 0), (0.9, 0), (1, 1), (1.5, 1)):
        at = MORNING + timedelta(minutes=minutes)
        with clock.running_on(clock.stopped_at(at)):
            Client(app, key.token).get("/activities")
        assert list_keys(db)[0].last_used_at == MORNING + timedelta(minutes=noted)


def test_who_guesses_is_stopped_for_a_while_and_nobody_else(app, db, client_with):
    wrong, right = Client(app, "lk_00000000_wrong"), client_with("activities:read")
    for _ in range(30):
        refused(wrong.get("/activities"), 401, "not_authenticated")
    response = wrong.get("/activities")
    refused(response, 429, "too_many_attempts")
    assert 1 <= int(response.headers["Retry-After"]) <= 300
    assert right.get("/activities").status_code == 200
    elsewhere = wrong.get("/activities", environ_overrides={"REMOTE_ADDR": "203.0.113.9"})
    refused(elsewhere, 401, "not_authenticated")
    with clock.running_on(clock.stopped_at(MORNING + timedelta(minutes=5))):
        refused(wrong.get("/activities"), 401, "not_authenticated")


def test_an_address_of_version_6_is_counted_by_its_network(app):
    wrong = Client(app, "lk_00000000_wrong")
    for number in range(31):
        response = wrong.get("/activities", environ_overrides={"REMOTE_ADDR": f"2001:db8::{number:x}"})
    refused(response, 429, "too_many_attempts")


def test_who_guesses_enrolment_codes_is_stopped(anybody):
    guess = {"code": "0000-0000-0000-0000", "name": "x"}
    for _ in range(10):
        refused(anybody.post("/devices/enrol", guess), 422, "enrolment_refused")
    refused(anybody.post("/devices/enrol", guess), 429, "too_many_attempts")


def test_every_write_by_a_key_leaves_who_and_from_where(app, db, odile):
    odile.post("/partners", {"slug": "cafe-lumiere", "name": "Café Lumière"})
    (record,) = odile.get("/audit?subject=partner:cafe-lumiere").json["items"]
    assert record["action"] == "partner.created"
    assert record["actor"] == f"key:{list_keys(db)[0].prefix}"
    assert record["address"] == "127.0.0.1"
    assert record["after"] == {"name": "Café Lumière"}
