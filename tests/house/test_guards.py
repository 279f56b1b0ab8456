"""Every route names its guard, the document says the same, and nobody gets in without what it asks."""

import base64
import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask, jsonify

from loyalty.db import Database
from loyalty.settings import load
from loyalty.staff.roles import PERMISSIONS
from loyalty.staff.scopes import SCOPES
from loyalty.web import device_guard, guards, staff_guard
from loyalty.web.app import create_app

# What anybody may call. Anything new here deserves a second look.
PUBLIC = {
    "health.alive",
    "health.ready",
    "fan.keeper",
    "pages.static",
    "pages.brand",
    "pages.problem",
    "pictures.show",
    "pictures.show_small",
    "voucher.show",
    "reference.document",
    "reference.page",
    "reference.asset",
    "partners.enrol_device",
    "partner.type_code",
    "partner.read_code",
    "partner.invitation",
    "partner.become_device",
}
SIGNED = {"hooks.take_in"}
# Pages: what a visitor may open too, each the same for everybody or about nobody; the others are for fans signed in.
OPEN_PAGES = {
    "fan.home",
    "fan.how_to_earn",
    "fan.rewards",
    "fan.reward",
    "fan.sign_in",
    "fan.ask",
    "fan.code",
    "fan.type_code",
    "fan.link",
    "fan.follow",
    "fan.join",
    "fan.become_fan",
    "fan.sign_out",
}


PAGE_GUARDS = {"public", "signature", "device", "visitor", "fan", "partner"}
# The admin: what somebody without a session may open; and without a second factor.
STAFF_DOOR = {"admin.sign_in", "admin.enter", "admin.sign_out", "admin.join", "admin.accept"}
STAFF_ENTERING = {"admin.bind_app", "admin.bound"}


@pytest.fixture
def app(tmp_path) -> Iterator[Flask]:
    """An application; its database is never asked anything that matters."""
    settings = load(
        {
            "LOYALTY_DATABASE_URL": f"sqlite:///{tmp_path / 'empty.sqlite3'}",
            "LOYALTY_SECRET_KEY": "for the tests, and nothing but the tests",
            "LOYALTY_VOUCHER_KEYS": "1:" + base64.b64encode(bytes(32)).decode(),
        }
    )
    db = Database(settings.database_url)
    yield create_app(settings, db)
    db.dispose()


def operations(app: Flask) -> dict[str, tuple[str, str, dict[str, Any]]]:
    """Every operation of the document, by its id: path, method and description."""
    document = app.test_client().get("/api/v1/openapi.json").json
    return {
        operation["operationId"]: (path, method, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        if method != "parameters"
    }


def test_every_view_names_its_guard(app):
    named = {name: guards.guard_of(view) for name, view in app.view_functions.items()}
    assert None not in named.values()
    assert {name for name, guard in named.items() if guard is guards.public} == PUBLIC
    assert {name for name, guard in named.items() if guard is guards.signature} == SIGNED
    assert {name for name, guard in named.items() if guard is guards.visitor} == OPEN_PAGES
    assert {name for name, guard in named.items() if guard is staff_guard.door} == STAFF_DOOR
    assert {name for name, guard in named.items() if guard is staff_guard.entering} == STAFF_ENTERING
    staff = {guard.name.removeprefix("staff:") for guard in named.values() if guard.name.startswith("staff:")}
    assert staff <= PERMISSIONS, "a permission nobody has"
    asked = {guard.name for guard in named.values() if not guard.name.startswith("staff")}
    assert asked - PAGE_GUARDS == SCOPES.keys(), "a scope that nothing asks for, or the reverse"


def test_every_page_of_the_admin_is_for_staff_alone(app):
    for name, view in app.view_functions.items():
        guard = guards.guard_of(view)
        assert name.startswith("admin.") == guard.name.startswith("staff"), name


def test_the_partners_pages_are_for_enrolled_devices_but_for_the_way_in(app):
    for name, view in app.view_functions.items():
        of_partner = name.startswith("partner.") and name not in PUBLIC
        assert of_partner == (guards.guard_of(view) is device_guard.enrolled), name


def test_a_view_that_names_none_fails_the_build(app):
    careless = Flask("careless")
    careless.add_url_rule("/open", view_func=lambda: jsonify())
    with pytest.raises(AssertionError, match="name no guard"):
        guards.register(careless)


def test_the_document_says_what_the_guards_ask(app):
    documented = operations(app)
    for name, view in app.view_functions.items():
        guard = guards.guard_of(view)
        if guard.name.startswith("staff") or guard is device_guard.enrolled:
            continue
        operation = None if name.startswith(("fan.", "partner.")) else documented.get(name.rpartition(".")[2])
        if operation is None:
            assert guard in (guards.public, guards.signature, guards.visitor, guards.fan), (
                f"{name} is not in the document"
            )
        else:
            assert operation[2]["security"] == list(guard.security), name


def test_nobody_gets_in_without_a_credential(app):
    client = app.test_client()
    for name, (path, method, operation) in operations(app).items():
        if not operation["security"]:
            continue
        response = client.open(re.sub(r"\{\w+\}", "1", path), method=method.upper(), json={})
        assert response.status_code == 401, f"{name}: {response.status}"
        assert response.headers["WWW-Authenticate"].startswith("Bearer")
        assert response.json["code"] in ("not_authenticated", "device_revoked")


def test_writes_of_the_api_take_no_cookie_and_no_form(app):
    for name, (path, method, operation) in operations(app).items():
        if method in ("post", "put", "patch") and "requestBody" in operation:
            types = operation["requestBody"]["content"]
            assert all(each.endswith("json") for each in types), f"{name} of {path} could be sent by a form"
