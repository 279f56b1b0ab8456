"""The log says what happened and to whom, and nothing that would let a reader do it too."""

import json
import logging

import sqlalchemy as sa

from loyalty.fans.tables import Fan
from loyalty.flows.manage_keys import make_key
from loyalty.staff.scopes import SCOPES
from loyalty.web.logs import JsonLines
from tests.cast import MORNING, ODILE
from tests.walks.test_river import enrolled, rich_fan, set_up
from tests.web.client import Client, refused


def lines(caplog) -> list[str]:
    """The log as it would be written."""
    return [JsonLines().format(record) for record in caplog.records]


def test_a_request_is_one_line_that_says_who_what_and_how_long(app, db, caplog):
    caplog.set_level(logging.INFO)
    key = make_key(db, name="x", scopes_wanted=SCOPES, actor=ODILE)
    response = Client(app, key.token).get("/activities?limit=3")
    (line,) = [json.loads(line) for line in lines(caplog) if "loyalty.requests" in line]
    assert line.pop("milliseconds") > 0
    assert line.pop("at").endswith("+00:00")
    assert line == {
        "level": "info",
        "log": "loyalty.requests",
        "says": "GET /api/v1/activities",
        "request_id": response.headers["X-Request-Id"],
        "method": "GET",
        "route": "/api/v1/activities",
        "status": 200,
        "actor": f"key:{key.prefix}",
        "refused": None,
    }


def test_no_credential_no_code_and_no_person_is_ever_logged(app, db, odile, anybody, caplog, monkeypatch):
    caplog.set_level(logging.DEBUG)
    set_up(odile)
    device = enrolled(odile)
    fan = rich_fan(odile)
    voucher = odile.get(f"/vouchers/{odile.post('/redemptions', {'fan': fan, 'reward': 'deux-cafes'}).json['voucher']}")
    token, code = voucher.json["token"], voucher.json["code"]
    source = odile.post("/sources", {"connector": "webhook", "slug": "quiz"}).json
    anybody.get(f"/V/{token}?token={token}")
    anybody.get(f"/v/{token}")
    anybody.get(f"/V/{token}/")
    device.post("/vouchers/inspect", {"token": token})
    device.post("/scans", {"code": code, "nonce": "n1"})
    device.post("/scans", {"code": code[:-1] + "x", "nonce": "n2"})
    odile.get(f"/audit?actor={odile.token}")
    Client(app, odile.token + "x").get("/audit")
    odile.post("/fans", {"email": "ines@example.org", "display_name": "Inès Dupont"})
    odile.post("/fans", {"email": "ines@example.org", "display_name": "Inès Dupont"})

    def broken(*_, **__):
        raise ZeroDivisionError

    monkeypatch.setattr("loyalty.web.api.scans.scan.use", broken)
    device.post("/scans", {"token": token, "nonce": "n3"})
    written = "\n".join(lines(caplog))
    assert "ZeroDivisionError" in written
    secrets = [token, token[20:60], code, odile.token.split("_", 2)[2], device.token.split("_", 1)[1], source["secret"]]
    for secret in [*secrets, "ines@example.org", "Dupont"]:
        assert secret not in written


def test_what_a_database_quotes_of_a_row_is_not_logged(db, odile, caplog, monkeypatch):
    def twice(session, **_):
        for number in (1, 2):
            row = {"id": number, "bucket": 1, "email": "ines@example.org", "language": "fr", "created_at": MORNING}
            session.execute(sa.insert(Fan).values(row))

    monkeypatch.setattr("loyalty.flows.link.add_fan", twice)
    refused(odile.post("/fans", {}), 500, "internal_error")
    written = "\n".join(lines(caplog))
    assert "IntegrityError" in written
    assert "fan_one_per_email" in written or "fan.email" in written
    assert "ines@example.org" not in written


def test_nobody_can_forge_a_line():
    record = logging.makeLogRecord({"msg": 'a\r\n{"level": "info"}\u2028', "fields": {"actor": "x\ny"}})
    line = JsonLines().format(record)
    assert "\n" not in line
    assert "\r" not in line
    assert json.loads(line)["says"] == 'a\r\n{"level": "info"}\u2028'
