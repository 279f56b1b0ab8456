"""The audit trail: complete, readable, and closed to the pen."""

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from loyalty.flows.manage_rules import apply_rule
from loyalty.staff import audit
from tests import cast
from tests.cast import ODILE


@pytest.fixture
def revised(app, db):
    """A rule that was revised: ten points, then twelve."""
    cast.rule(db)
    body = {
        "name": {"fr": "Règle chat", "en": "Rule chat"},
        "class": "redeemable",
        "when": {"all": [{"kind": {"one_of": ["live_chat"]}}]},
        "earn": {"fixed": 12},
    }
    apply_rule(db, slug="chat", body=body, actor=ODILE, reason="more fun")


def test_a_record_shows_who_what_why_and_the_difference_by_field(odile_at, db, revised):
    page = odile_at.get("/admin/audit?subject=rule:chat").text
    assert "Rule revised" in page and "Command line odile" in page
    (record, *_) = db.read(lambda session: audit.find(session, limit=1, subject="rule:chat"))
    whole = odile_at.get(f"/admin/audit/{record.id}").text
    assert "earn › fixed" in whole and "<del>10</del>" in whole and "<ins>12</ins>" in whole


def test_filters_stand_in_the_address_and_pages_go_on(odile_at, db, revised, monkeypatch):
    cast.ines(db)
    assert "Fan registered" not in odile_at.get("/admin/audit?action=rule.revised").text.split("<tbody>")[1]
    assert "Rule revised" in odile_at.get("/admin/audit?day=2026-11-23").text
    assert "No record answers" in odile_at.get("/admin/audit?day=2026-11-22").text
    assert "No record answers" in odile_at.get("/admin/audit?actor=staff:nobody").text
    monkeypatch.setattr("loyalty.web.admin.tables.PAGE", 1)
    page = odile_at.get("/admin/audit?actor=cli:odile").text
    assert 'rel="next"' in page and "actor=cli" in page.split('rel="next"')[1].split(">")[0]


@pytest.mark.parametrize(
    "query", ["day=soon", "day=9999-12-31", "day=0001-01-01", "before=x", "actor=%00", "subject=" + "x" * 999]
)
def test_whatever_the_address_says_gets_an_answer(odile_at, revised, query):
    assert odile_at.get(f"/admin/audit?{query}").status_code == 200


def test_29_the_file_holds_the_same_records_and_no_formula(odile_at, db, revised):
    db.write(lambda session: audit.record(session, actor=ODILE, action="x", subject="y", reason="=HYPERLINK(1)"))
    text = odile_at.get("/admin/audit?format=csv").data.decode("utf-8-sig")
    assert "rule.revised;rule:chat" in text and "'=HYPERLINK(1)" in text
    assert "rule.revised" not in odile_at.get("/admin/audit?format=csv&action=x").text


def test_43_nobody_changes_or_deletes_a_record(db, revised):
    for statement in ("UPDATE audit_record SET reason = 'other'", "DELETE FROM audit_record"):
        with pytest.raises(DBAPIError):
            db.write(lambda session: session.execute(sa.text(statement)))  # noqa: B023
    assert db.read(lambda session: audit.find(session, limit=9, subject="rule:chat"))


def test_a_subject_links_to_its_page(odile_at, db, revised):
    fan = cast.ines(db)
    assert f'href="/admin/fans/{fan.id}"' in odile_at.get("/admin/audit?action=fan.registered").text
    assert odile_at.get("/admin/audit/1").status_code == 404


def test_only_roles_that_may_see_it_do(staff_at, revised):
    expected = {"administrator": 200, "manager": 200, "editor": 200, "support": 403, "reader": 403}
    assert {role: staff_at(role).get("/admin/audit").status_code for role in expected} == expected
