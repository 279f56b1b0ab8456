"""The audit trail: written with the change, read the latest first, never changed."""

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from loyalty.staff import audit
from loyalty.staff.audit import Actor


def record(db, number: int, **said) -> None:
    """One record about "rule:<number>"."""
    whole = {"actor": "cli:odile", "action": "rule.revised", "subject": f"rule:{number}", **said}
    db.write(lambda session: audit.record(session, **whole))


def test_a_record_says_who_what_and_why(db):
    record(db, 1, actor=Actor("key:ab12cd34", "203.0.113.9"), before={"a": 1}, after={"a": 2}, reason="essai")
    (kept,) = db.read(lambda session: audit.find(session, limit=10))
    assert (kept.actor, kept.address, kept.reason) == ("key:ab12cd34", "203.0.113.9", "essai")
    assert (kept.before, kept.after) == ({"a": 1}, {"a": 2})


def test_nothing_is_null_and_not_the_word_null(db):
    record(db, 1)
    (row,) = db.read(lambda session: session.execute(sa.text("SELECT before, after FROM audit_record")).all())
    assert tuple(row) == (None, None)


def test_the_latest_stand_first_and_are_found_by_what_is_asked(db):
    for number in range(5):
        record(db, number, actor=f"cli:{number % 2}", action=f"rule.{number % 2}")
    found = db.read(lambda session: audit.find(session, limit=2))
    assert [each.subject for each in found] == ["rule:4", "rule:3"]
    for query, subjects in (
        ({"below_id": found[-1].id}, ["rule:2", "rule:1", "rule:0"]),
        ({"actor": "cli:1"}, ["rule:3", "rule:1"]),
        ({"action": "rule.0"}, ["rule:4", "rule:2", "rule:0"]),
        ({"subject": "rule:2"}, ["rule:2"]),
    ):
        told = db.read(lambda session, query=query: audit.find(session, limit=10, **query))
        assert [each.subject for each in told] == subjects


@pytest.mark.parametrize("statement", ["UPDATE audit_record SET actor = 'nobody'", "DELETE FROM audit_record"])
def test_no_record_is_ever_changed(db, statement):
    record(db, 1)
    with pytest.raises(DBAPIError):
        db.write(lambda session: session.execute(sa.text(statement)))


def test_an_actor_is_its_name_wherever_a_name_is_wanted(db):
    actor = Actor("key:ab12cd34", "203.0.113.9")
    assert (actor, f"{actor}", str(actor)) == ("key:ab12cd34",) * 3
    stored = db.write(lambda session: session.execute(sa.text("SELECT CAST(:a AS TEXT)"), {"a": actor}).scalar())
    assert stored == "key:ab12cd34"
