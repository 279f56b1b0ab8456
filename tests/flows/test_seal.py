"""What was sealed is proved to be as it was, and whoever altered, removed or slipped something in is found out."""

import copy
import json
from functools import partial

import pytest
import sqlalchemy as sa

from loyalty import clock, ids
from loyalty.db import Database
from loyalty.flows.earn import earn
from loyalty.flows.link import link
from loyalty.flows.seal import checkpoints, seal_entries, statement_of
from loyalty.flows.verify import verify
from loyalty.ledger.checkpoint import SigningKey
from loyalty.ledger.proof import problems
from tests import cast
from tests.cast import MORNING, ODILE, chat
from tests.makers.proof import adds_up
from tests.races.crowd import at_once, refusals

KEY = SigningKey("for the tests, and nothing but the tests")


@pytest.fixture(autouse=True)
def station(db: Database):
    with clock.running_on(clock.stopped_at(MORNING)):
        cast.open_station(db)
        cast.rule(db)
        yield


@pytest.fixture
def fan(db: Database) -> int:
    """Ines, with forty entries under two seals; others have some too."""
    ines = cast.ines(db).id
    link(db, fan_id=ines, network="twitch", external_id="tw-ines", actor=ODILE)
    for start in (0, 20):
        for actor, first in (("tw-ines", 0), ("tw-marc", 1_000)):
            numbers = range(first + start, first + start + 20)
            earn(db, [chat(number, actor=actor) for number in numbers], source="test")
        seal_entries(db, KEY)
    return ines


def sealed(db: Database) -> int:
    return int(db.read(lambda session: session.execute(sa.text("SELECT sum(entries) FROM seal")).scalar_one() or 0))


def entries(db: Database) -> int:
    return int(db.read(lambda session: session.execute(sa.text("SELECT count(*) FROM entry")).scalar_one()))


def by_force(db: Database, table: str, statement: str) -> None:
    """Do to a table what its triggers forbid, as somebody who owns the database could."""
    with db.engine.begin() as connection:
        if db.is_sqlite:
            names = connection.execute(
                sa.text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = :table"),
                {"table": table},
            ).all()
            for name, _ in names:
                connection.exec_driver_sql(f"DROP TRIGGER {name}")
            connection.exec_driver_sql(statement)
            for _, sql in names:
                connection.exec_driver_sql(sql)
        else:
            connection.exec_driver_sql(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            connection.exec_driver_sql(statement)
            connection.exec_driver_sql(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def said(db: Database) -> str:
    return " ".join(each.what for each in verify(db).breaches if each.invariant == "I10")


def test_every_entry_is_sealed_once_and_again_changes_nothing(db, fan):
    assert sealed(db) == entries(db) > 0
    before = checkpoints(db)
    assert [each.number for each in before] == [1, 2]
    assert seal_entries(db, KEY) == 0
    assert checkpoints(db) == before
    assert adds_up(db)


FIRST = "(SELECT min(id) FROM entry)"
INSERTED = f"""
    INSERT INTO entry (id, cause_id, cause, leg, holder_id, bucket, unit, debit, credit, amount,
        rule_revision_id, expires_at, slides, reverses, effective_at, recorded_at)
    SELECT id + 1, cause_id + 1, cause, leg, holder_id, bucket, unit, debit, credit, amount,
        rule_revision_id, expires_at, slides, reverses, effective_at, recorded_at FROM entry WHERE id = {FIRST}
"""


@pytest.mark.parametrize(
    ("table", "statement", "found"),
    [
        ("entry", f"UPDATE entry SET cause_id = cause_id + 1 WHERE id = {FIRST}", "altered"),
        ("entry", f"DELETE FROM entry WHERE id = {FIRST}", "removed"),
        ("entry", INSERTED, "inserted"),
        ("seal", "DELETE FROM seal WHERE number = 2 AND bucket = (SELECT max(bucket) FROM seal)", "says"),
        ("seal", f"UPDATE seal SET root = '{'0' * 64}' WHERE number = 1", "not chained"),
        ("checkpoint", "DELETE FROM checkpoint WHERE number = 1", "not chained"),
        ("checkpoint", "UPDATE checkpoint SET entries = 1 WHERE number = 2", "not what its key signed"),
    ],
    ids=["altered", "removed", "inserted", "seal removed", "seal altered", "checkpoint removed", "checkpoint altered"],
)
def test_verify_says_what_was_done_to_the_books(db, fan, table, statement, found):
    assert said(db) == ""
    by_force(db, table, statement)
    assert found in said(db)


def test_a_whole_new_history_does_not_fit_the_published_checkpoints(db, fan):
    published = checkpoints(db)
    by_force(db, "seal", "DELETE FROM seal")
    by_force(db, "checkpoint", "DELETE FROM checkpoint")
    by_force(db, "entry", "UPDATE entry SET amount = amount + 1 WHERE credit = 'wallet' AND debit = 'issued'")
    with db.engine.begin() as connection:
        connection.exec_driver_sql(f"UPDATE bucket SET sealed_through = 0, seals = 0, head = '{'0' * 64}'")
    seal_entries(db, KEY)
    assert said(db) == "", "it is consistent in itself"
    assert problems(json.loads(json.dumps(statement_of(db, fan))), known=published)


def test_a_statement_proves_each_entry_without_the_database(db, fan):
    statement = json.loads(json.dumps(statement_of(db, fan)))
    assert len(statement["entries"]) == 40
    assert statement["not_yet_sealed"] == []
    assert problems(statement, known=checkpoints(db)) == []


def test_nothing_can_be_changed_in_a_statement(db, fan):
    statement, known = json.loads(json.dumps(statement_of(db, fan))), checkpoints(db)
    for change in (
        lambda each: each["entries"][3]["entry"].__setitem__(9, 999),
        lambda each: each["entries"][3].__setitem__("at", 0),
        lambda each: each["entries"][0]["path"].pop(),
        lambda each: each["seals"][0].__setitem__("root", "00" * 32),
        lambda each: each.__setitem__("holder", "1"),
        lambda each: each["heads"].__setitem__("size", 3),
        lambda each: each["checkpoint"].__setitem__("root", "00" * 32),
        lambda each: each.pop("entries"),
    ):
        forged = copy.deepcopy(statement)
        change(forged)
        assert problems(forged, known=known) != []
    assert problems(statement, known=known[:1]) != []
    assert problems(statement, known=known[1:]) == [], "one checkpoint one trusts is enough"


def test_what_came_since_is_told_as_not_sealed_yet(db, fan):
    earn(db, [chat(777)], source="test")
    statement = statement_of(db, fan)
    assert (len(statement["entries"]), len(statement["not_yet_sealed"])) == (40, 1)
    assert problems(json.loads(json.dumps(statement)), known=checkpoints(db)) == []


def test_a_machine_whose_clock_is_behind_cannot_post_into_what_is_sealed(db, fan):
    with db.engine.begin() as connection:
        ahead = ids.new() + (1 << 40)
        connection.exec_driver_sql(f"UPDATE bucket SET sealed_through = {ahead}")
    earn(db, [chat(778)], source="test")
    newest = "SELECT min(id) FROM entry WHERE cause_id = (SELECT max(cause_id) FROM entry)"
    assert db.read(lambda session: session.execute(sa.text(newest)).scalar_one()) > ahead


def test_sealing_while_fans_earn_leaves_no_gap(db):
    facts = [[chat(number, actor=f"tw-{number % 7}")] for number in range(60)]
    calls = [partial(earn, db, fact, source="test") for fact in facts]
    calls += [partial(seal_entries, db, KEY)] * 6
    came = at_once([calls[at % 66] for at in range(0, 66 * 7, 7)], threads=8)
    assert refusals(came) == []
    seal_entries(db, KEY)
    assert sealed(db) == entries(db)
    assert adds_up(db)
