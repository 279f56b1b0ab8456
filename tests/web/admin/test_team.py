"""Roles: who may do what, who gives them, and how they are taken away."""

from datetime import timedelta

from loyalty import clock
from loyalty.staff import accounts, audit
from tests.cast import MORNING
from tests.web.admin.conftest import signed_in


def member_id(db, email):
    return db.read(lambda session: accounts.by_email(session, email)).id


def test_only_an_administrator_sees_the_team(staff_at):
    for role, status in {"administrator": 200, "manager": 403, "editor": 403, "support": 403, "reader": 403}.items():
        assert staff_at(role).get("/admin/team").status_code == status, role


def test_11_another_role_or_none_at_all_ends_the_sessions(db, odile_at, staff_at):
    manager = staff_at("manager")
    path = f"/admin/team/{member_id(db, 'manager@lumiere.example')}"
    assert manager.get("/admin/").status_code == 200
    assert odile_at.submit(f"{path}/role", on="/admin/team", role="reader").status_code == 303
    assert manager.get("/admin/").status_code == 401

    support = staff_at("support")
    path = f"/admin/team/{member_id(db, 'support@lumiere.example')}"
    assert odile_at.submit(f"{path}/disable", on="/admin/team", reason="Left us").status_code == 303
    assert support.get("/admin/").status_code == 401


def test_the_last_administrator_stays(db, odile_at):
    path = f"/admin/team/{member_id(db, 'odile@lumiere.example')}"
    assert odile_at.submit(f"{path}/disable", on="/admin/team", reason="Oops").status_code == 409
    assert odile_at.submit(f"{path}/role", on="/admin/team", role="reader").status_code == 409
    assert odile_at.get("/admin/team").status_code == 200


def test_an_invitation_is_shown_once_and_is_on_record_without_its_secret(db, odile_at):
    said = {"name": "Nadia", "email": "nadia@lumiere.example", "role": "manager"}
    page = odile_at.submit("/admin/team/invite", on="/admin/team", **said)
    assert page.text.count("https://club.example/admin/join/") == 1
    assert "/admin/join/" not in odile_at.get("/admin/team").text
    (record,) = db.read(lambda session: audit.find(session, limit=1))
    assert (record.action, record.actor) == ("staff.invited", "staff:odile@lumiere.example")
    assert record.after == {"name": "Nadia", "role": "manager"}


def test_13_what_is_grave_asks_for_the_code_again_after_ten_minutes(app, db, odile_of_the_staff):
    odile_at = signed_in(app, db, odile_of_the_staff)
    said = {"name": "Nadia", "email": "nadia@lumiere.example", "role": "manager"}
    with clock.running_on(clock.stopped_at(MORNING + timedelta(minutes=11))):
        asked = odile_at.submit("/admin/team/invite", on="/admin/team", **said)
        assert asked.status_code == 403
        for name, value in said.items():
            assert f'name="{name}" value="{value}"' in asked.text, "what was filled in is kept"
        wrong = odile_at.submit("/admin/team/invite", on="/admin/team", **said, proof="000000")
        assert wrong.status_code == 403
        right = odile_at.submit("/admin/team/invite", on="/admin/team", **said, proof=odile_of_the_staff.code())
        assert "/admin/join/" in right.text
        again = odile_at.submit("/admin/team/invite", on="/admin/team", **(said | {"email": "jo@lumiere.example"}))
        assert "/admin/join/" in again.text, "for ten minutes it is not asked again"


def test_a_wrong_form_keeps_what_was_typed_and_says_what_is_wrong(odile_at):
    said = {"name": "Nadia", "email": "nadia", "role": "king", "salary": "3"}
    page = odile_at.submit("/admin/team/invite", on="/admin/team", **said)
    assert page.status_code == 422
    assert 'value="nadia"' in page.text
    assert "It does not have the expected form." in page.text
