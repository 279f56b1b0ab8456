"""Rules as they are kept, and the compiled history that live judging reads."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import Session

from loyalty import clock
from loyalty.db import Database
from loyalty.errors import NotFound
from loyalty.flows.manage_rules import apply_rule, show_rule
from loyalty.rules.find import current_history, rule_history
from tests.cast import LONG_AGO, MORNING, ODILE
from tests.makers.judging import body


def apply(db: Database, slug: str = "chat", **parts: Any) -> None:
    apply_rule(db, slug=slug, body=body(**parts), actor=ODILE)


class Statements:
    """Counts the statements of the one connection that is watched."""

    def __init__(self, db: Database) -> None:
        self.said: list[str] = []
        sa.event.listen(db.engine, "before_cursor_execute", self._hear)

    def _hear(self, connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        self.said.append(statement)


def test_a_rule_is_found_with_its_revisions_and_what_each_changed(db: Database) -> None:
    apply_rule(db, slug="chat", body=body(), actor=ODILE, in_force_from=LONG_AGO)
    with clock.running_on(clock.stopped_at(MORNING)):
        apply_rule(
            db, slug="chat", body=body(earn={"fixed": 12}), actor=ODILE, reason="more joy", in_force_from=MORNING
        )
    rule = show_rule(db, "chat")
    assert [(each.number, each.created_by, each.reason) for each in rule.revisions] == [
        (1, ODILE, None),
        (2, ODILE, "more joy"),
    ]
    assert rule.latest.difference == ["earn.fixed: 10 -> 12"]
    assert rule.latest.body["earn"] == {"fixed": 12}
    first = rule.in_force(MORNING - timedelta(seconds=1))
    assert first is not None
    assert first.number == 1
    assert rule.in_force(MORNING) == rule.latest
    assert rule.in_force(LONG_AGO - timedelta(seconds=1)) is None


def test_a_body_reads_in_its_usual_order_whatever_the_database_did_to_it(db: Database) -> None:
    apply(db, when={"hours": {"from": "22:00", "to": "02:00"}})
    assert list(show_rule(db, "chat").latest.body) == [
        "name",
        "enabled",
        "class",
        "when",
        "earn",
        "limits",
        "from",
        "to",
        "priority",
        "stacking",
    ]


def test_a_rule_that_is_not_there_is_not_found(db: Database) -> None:
    with pytest.raises(NotFound):
        show_rule(db, "chat")


def test_an_unchanged_history_is_one_small_query_and_an_edit_is_seen_at_once(db: Database) -> None:
    assert db.read(current_history) == {}
    apply(db)
    first = db.read(current_history)
    statements = Statements(db)
    assert db.read(current_history) is first
    assert len([each for each in statements.said if each.startswith("SELECT")]) == 1
    apply(db, earn={"fixed": 12})
    second = db.read(current_history)
    assert [[each.earn.fixed for each in revisions] for revisions in second.values()] == [[10, 12]]
    assert db.write(current_history) is second


def test_a_revision_that_is_committed_late_under_a_lower_number_is_seen(db: Database) -> None:
    apply(db, "early")
    apply(db, "late")
    early_id, late_id = db.read(lambda session: sorted(session.scalars(sa.text("SELECT id FROM rule_revision"))))

    def without_early(session: Session) -> None:
        """What a reader sees while the transaction of the lower identifier is still open."""
        session.execute(sa.text(drop_guard(session)))
        session.execute(sa.text("DELETE FROM rule_revision WHERE id = :id"), {"id": early_id})
        assert [each[-1].id for each in current_history(session).values()] == [late_id]
        session.rollback()

    db.write(without_early)
    assert {revisions[0].slug for revisions in db.read(current_history).values()} == {"early", "late"}


def drop_guard(session: Session) -> str:
    """Lets this one transaction, which is rolled back, delete what is append-only."""
    if session.get_bind().dialect.name == "sqlite":
        found = session.scalars(
            sa.text("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'rule_revision'")
        ).all()
        for name in found:
            session.execute(sa.text(f'DROP TRIGGER "{name}"'))
        return "SELECT 1"
    return "ALTER TABLE rule_revision DISABLE TRIGGER USER"


def test_two_databases_of_one_process_never_mix(db: Database, new_sqlite: Any) -> None:
    apply(db)
    db.read(current_history)
    with new_sqlite() as url:
        other = Database(url)
        apply(other, "vote", earn={"fixed": 3})
        assert [each[0].slug for each in other.read(current_history).values()] == ["vote"]
        assert [each[0].slug for each in db.read(current_history).values()] == ["chat"]
        other.dispose()


def test_every_rule_of_the_history_carries_its_identity(db: Database) -> None:
    apply(db, "chat", priority=3)
    ((rule_id, (revision,)),) = db.read(rule_history).items()
    assert (revision.rule_id, revision.slug, revision.number, revision.priority) == (rule_id, "chat", 1, 3)
