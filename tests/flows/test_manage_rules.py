"""Rules are written, revised, compared and exported, and nothing that was written changes."""

import json
import threading
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from loyalty import clock
from loyalty.db import Database
from loyalty.errors import Invalid
from loyalty.flows.manage_rules import apply_rule, apply_rules, compare_rules, export_rules, list_rules, show_rule
from loyalty.rules.revise import InForceInThePast, RuleChangedMeanwhile
from loyalty.rules.schema import problems
from loyalty.staff import audit
from tests.cast import LONG_AGO, MORNING, ODILE
from tests.makers.judging import body

MORE = body(earn={"fixed": 12})


@pytest.fixture(autouse=True)
def morning() -> Any:
    with clock.running_on(clock.stopped_at(MORNING)):
        yield


def test_a_new_rule_is_its_first_revision_from_now_on(db: Database) -> None:
    applied = apply_rule(db, slug="chat", body=body(), actor=ODILE)
    assert (applied.slug, applied.number, applied.previous, applied.changed) == ("chat", 1, 0, True)
    (rule,) = list_rules(db)
    assert (rule.latest.in_force_from, rule.latest.created_by, rule.points_issued) == (MORNING, ODILE, 0)


def test_an_edit_is_a_new_revision_and_the_old_one_stays(db: Database) -> None:
    apply_rule(db, slug="chat", body=body(), actor=ODILE)
    applied = apply_rule(db, slug="chat", body=MORE, actor=ODILE)
    assert (applied.number, applied.difference) == (2, ["earn.fixed: 10 -> 12"])
    assert [each.body["earn"]["fixed"] for each in show_rule(db, "chat").revisions] == [10, 12]


def test_the_same_body_again_makes_no_revision(db: Database) -> None:
    apply_rule(db, slug="chat", body=body(when={"network": {"one_of": ["x", "twitch"]}}), actor=ODILE)
    again = apply_rule(db, slug="chat", body=body(when={"network": {"one_of": ["twitch", "x"]}}), actor=ODILE)
    assert (again.number, again.changed, again.difference) == (1, False, [])
    assert len(db.read(lambda session: audit.find(session, limit=9))) == 1


def test_a_lost_edit_is_refused(db: Database) -> None:
    apply_rule(db, slug="chat", body=body(), actor=ODILE, expected_revision=0)
    apply_rule(db, slug="chat", body=MORE, actor=ODILE, expected_revision=1)
    for expected in (0, 1, 3):
        with pytest.raises(RuleChangedMeanwhile) as refusal:
            apply_rule(db, slug="chat", body=body(), actor=ODILE, expected_revision=expected)
        assert refusal.value.holes == {"slug": "chat", "expected": expected, "current": 2}
    with pytest.raises(RuleChangedMeanwhile):
        apply_rule(db, slug="vote", body=body(), actor=ODILE, expected_revision=1)


def test_only_a_new_rule_may_begin_in_the_past(db: Database) -> None:
    apply_rule(db, slug="chat", body=body(), actor=ODILE, in_force_from=LONG_AGO)
    with pytest.raises(InForceInThePast):
        apply_rule(db, slug="chat", body=MORE, actor=ODILE, in_force_from=MORNING - timedelta(microseconds=1))
    later = MORNING + timedelta(days=1)
    apply_rule(db, slug="chat", body=MORE, actor=ODILE, in_force_from=later)
    rule = show_rule(db, "chat")
    assert [each.in_force_from for each in rule.revisions] == [LONG_AGO, later]


def test_what_was_done_is_on_the_audit_trail(db: Database) -> None:
    apply_rule(db, slug="chat", body=body(), actor=ODILE)
    apply_rule(db, slug="chat", body=MORE, actor=ODILE, reason="more joy")
    revised, made = db.read(lambda session: audit.find(session, limit=9, subject="rule:chat"))
    assert (made.action, made.actor, made.before) == ("rule.made", ODILE, None)
    assert (revised.action, revised.reason) == ("rule.revised", "more joy")
    assert (revised.before["earn"], revised.after["earn"]) == ({"fixed": 10}, {"fixed": 12})


def test_a_revision_cannot_be_changed_or_deleted(db: Database) -> None:
    apply_rule(db, slug="chat", body=body(), actor=ODILE)
    for statement in ("UPDATE rule_revision SET number = 9", "DELETE FROM rule_revision"):
        with pytest.raises(sa.exc.DBAPIError):
            db.write(lambda session, statement=statement: session.execute(sa.text(statement)))


def test_what_is_not_valid_is_refused_with_its_path_and_nothing_is_written(db: Database) -> None:
    with pytest.raises(Invalid) as refusal:
        apply_rule(db, slug="chat", body=body(priority="high"), actor=ODILE)
    assert list(problems(refusal.value.errors)) == ["priority: Not a whole number."]
    with pytest.raises(Invalid):
        apply_rule(db, slug="Chat room", body=body(), actor=ODILE)
    assert list_rules(db) == []


def test_a_document_is_applied_whole_or_not_at_all(db: Database) -> None:
    document = {"version": 1, "rules": {"chat": body(), "vote": MORE}}
    assert [(each.slug, each.changed) for each in apply_rules(db, document, actor=ODILE)] == [
        ("chat", True),
        ("vote", True),
    ]
    document["rules"] = {"chat": MORE, "quiz": body(), "vote": body()}
    with pytest.raises(RuleChangedMeanwhile):
        apply_rules(db, document, actor=ODILE, expected_revisions={"chat": 1, "quiz": 0, "vote": 7})
    assert [(rule.slug, rule.latest.number) for rule in list_rules(db)] == [("chat", 1), ("vote", 1)]


def test_a_document_is_compared_without_being_applied(db: Database) -> None:
    apply_rule(db, slug="chat", body=body(), actor=ODILE)
    document = {"version": 1, "rules": {"chat": MORE, "vote": body()}}
    chat, vote = compare_rules(db, document)
    assert (chat.previous, chat.difference) == (1, ["earn.fixed: 10 -> 12"])
    assert (vote.previous, vote.number) == (0, 1)
    assert [rule.slug for rule in list_rules(db)] == ["chat"]


def test_what_is_exported_is_taken_back_and_changes_nothing(db: Database) -> None:
    whole = body(when={"any": [{"effort": {}}, {"none": [{"hours": {"from": "22:00", "to": "02:00"}}]}]})
    apply_rules(db, {"version": 1, "rules": {"chat": whole, "vote": MORE}}, actor=ODILE)
    exported = export_rules(db)
    again = json.loads(json.dumps(exported))
    assert not any(each.changed for each in apply_rules(db, again, actor=ODILE))
    assert export_rules(db) == exported


def at_once(*edits: Any) -> list[BaseException | None]:
    """Run every edit in a thread of its own; what each raised."""
    raised: list[BaseException | None] = [None] * len(edits)
    gate = threading.Barrier(len(edits))

    def run(number: int) -> None:
        gate.wait()
        try:
            edits[number]()
        except RuleChangedMeanwhile as problem:
            raised[number] = problem

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(edits))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return raised


def test_of_two_editors_at_once_one_wins_and_the_other_is_told(db: Database) -> None:
    apply_rule(db, slug="chat", body=body(), actor=ODILE)

    def edit(points: int) -> Any:
        whole = body(earn={"fixed": points})
        return lambda: apply_rule(db, slug="chat", body=whole, actor=ODILE, expected_revision=1)

    raised = at_once(*(edit(points) for points in range(20, 28)))
    assert sum(problem is None for problem in raised) == 1
    assert len(show_rule(db, "chat").revisions) == 2


def test_many_editors_who_do_not_look_each_write_a_revision(db: Database) -> None:
    def edit(points: int) -> Any:
        return lambda: apply_rule(db, slug="chat", body=body(earn={"fixed": points}), actor=ODILE)

    assert at_once(*(edit(points) for points in range(20, 28))) == [None] * 8
    rule = show_rule(db, "chat")
    assert [each.number for each in rule.revisions] == list(range(1, 9))
    assert {each.body["earn"]["fixed"] for each in rule.revisions} == set(range(20, 28))
