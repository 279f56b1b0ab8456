"""22: every role on every route of the admin and every method: nobody gets further than their role goes."""

import re

import pytest

from loyalty.staff.roles import MAY, may
from loyalty.web import guards
from tests.web.browser import TOKEN


def routes(app):
    """Every route of the admin that asks for a permission: its permission, method and a path."""
    for rule in app.url_map.iter_rules():
        guard = guards.guard_of(app.view_functions[rule.endpoint])
        if guard is not None and guard.name.startswith("staff:"):
            path = re.sub(r"<(id:|int:)?[^>]+>", lambda part: "1" if part[1] else "x", rule.rule)
            for method in sorted(rule.methods - {"HEAD", "OPTIONS"}):
                yield guard.name.removeprefix("staff:"), method, path


@pytest.mark.parametrize("role", sorted(MAY))
def test_22_a_role_gets_as_far_as_it_may_and_no_further(app, staff_at, role):
    browser = staff_at(role)
    token = TOKEN.search(browser.get("/admin/account").text)[1]
    wrong = []
    for permission, method, path in routes(app):
        response = browser.send(method, path, data={"csrf_token": token} if method == "POST" else None)
        refused = response.status_code == 403 and "not_for_your_role" in response.text
        if refused == may(role, permission) or response.status_code >= 500:
            wrong.append(f"{method} {path}: {response.status_code}")
    assert wrong == []


def test_22_nobody_gets_in_without_a_session(app, staff_at):
    browser = staff_at("reader")
    browser.client.delete_cookie("__Host-loyalty-staff", domain="club.example")
    token = TOKEN.search(browser.get("/admin/sign-in").text)[1]
    for _permission, method, path in routes(app):
        response = browser.send(method, path, data={"csrf_token": token} if method == "POST" else None)
        assert response.status_code == 401, f"{method} {path}"
