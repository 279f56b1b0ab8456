"""The application as a whole: its headers, its probes, its document, and proxies in front of it."""

import dataclasses
import shutil
from types import SimpleNamespace

from flask import request
from sqlalchemy import text

from loyalty.db import Database
from loyalty.web.app import create_app
from tests.web.client import Client, refused


def test_every_answer_tells_the_browser_what_not_to_do(odile, anybody):
    for response in (odile.get("/activities"), odile.get("/nowhere"), anybody.get("/problems/not_found")):
        assert "default-src 'self'" in response.headers["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in response.headers["Content-Security-Policy"]
        assert "unsafe" not in response.headers["Content-Security-Policy"]
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["Referrer-Policy"]
        assert response.headers["Cache-Control"] == "no-store"
        assert "Strict-Transport-Security" not in response.headers
        assert "Set-Cookie" not in response.headers


def test_over_https_the_browser_is_told_to_stay_there(odile):
    secure = odile.get("/activities", base_url="https://club.example")
    assert secure.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"


def test_forwarded_addresses_are_believed_for_as_many_proxies_as_there_are(settings, db):
    forged = {"X-Forwarded-For": "203.0.113.1, 203.0.113.2", "X-Forwarded-Proto": "https, https"}
    for hops, address in ((0, "127.0.0.1"), (1, "203.0.113.2"), (2, "203.0.113.1")):
        app = create_app(dataclasses.replace(settings, proxy_hops=hops), db)

        @app.before_request
        def look(address=address):
            assert request.remote_addr == address

        assert Client(app).get("/healthz", headers=forged).status_code == 200


def test_without_its_database_it_lives_but_is_not_ready(settings):
    app = create_app(settings, Database("postgresql+psycopg://nobody@127.0.0.1:9/nowhere"))
    client = Client(app, "lk_00000000_x")
    assert client.get("/healthz").json == {"status": "ok"}
    ready = client.get("/readyz")
    assert (ready.status_code, ready.json["status"]) == (503, "not ready")
    assert ready.json["checks"] == {"database": False, "schema": False, "disk": True}
    response = client.get("/activities")
    refused(response, 503, "unavailable")
    assert response.headers["Retry-After"] == "5"


def test_it_is_ready_when_the_database_the_schema_and_the_disk_are(anybody, db, monkeypatch):
    ready = anybody.get("/readyz")
    assert (ready.status_code, ready.json["checks"]) == (200, {"database": True, "schema": True, "disk": True})

    full = SimpleNamespace(total=100, free=4)
    with monkeypatch.context() as patched:
        patched.setattr(shutil, "disk_usage", lambda _: full)
        assert anybody.get("/readyz").json["checks"]["disk"] is False

    db.write(lambda session: session.execute(text("UPDATE alembic_version SET version_num = 'older'")))
    behind = anybody.get("/readyz")
    assert (behind.status_code, behind.json["checks"]["schema"]) == (503, False)
