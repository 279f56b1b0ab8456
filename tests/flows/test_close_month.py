"""Months are closed in their order and for good, and each says what its entries say."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from loyalty import clock, ids
from loyalty.db import Database
from loyalty.flows.change_programme import change_programme
from loyalty.flows.close_month import close_month
from loyalty.flows.verify import verify
from loyalty.ledger import closing, post, sums
from loyalty.ledger.months import Month
from loyalty.ledger.refusals import MonthAlreadyClosed, MonthNotOver, MonthOutOfOrder, NothingToClose
from loyalty.ledger.tables import Closing
from loyalty.staff import audit
from tests.cast import ODILE, open_station
from tests.flows.test_seal import by_force
from tests.makers.books import Books

PARIS = ZoneInfo("Europe/Paris")
SEPTEMBER, OCTOBER, NOVEMBER = Month(2026, 9), Month(2026, 10), Month(2026, 11)
NOW = datetime(2026, 12, 2, 8, tzinfo=UTC)


@pytest.fixture
def books(db: Database) -> Books:
    """Entries of September to November, some of them at the very edges of October."""
    with clock.running_on(clock.stopped_at(datetime(2026, 9, 1, tzinfo=UTC))):
        open_station(db)
        change_programme(db, {"point_value": 10_000, "expected_breakage": 1_000}, actor=ODILE)
    made = Books(db)
    ines = made.holder()
    edge = timedelta(microseconds=1)
    made.grant(ines, 100, datetime(2026, 9, 20, tzinfo=UTC))
    made.grant(ines, 1, OCTOBER.begins_at(PARIS) - edge)
    made.grant(ines, 20, OCTOBER.begins_at(PARIS))
    made.spend(ines, 30, datetime(2026, 10, 12, tzinfo=UTC))
    made.grant(ines, 5, OCTOBER.ends_at(PARIS) - edge, unit="status")
    made.grant(ines, 400, OCTOBER.ends_at(PARIS))
    return made


def close(db: Database, month: Month, *, at: datetime = NOW, dry_run: bool = False) -> Closing:
    with clock.running_on(clock.stopped_at(at)):
        return close_month(db, month, actor=ODILE, reason="Fin de mois", dry_run=dry_run)


def kept(db: Database) -> list[Closing]:
    return db.read(closing.every)


def said(db: Database) -> list[str]:
    return [each.what for each in verify(db).breaches if each.where.startswith("month ")]


def test_a_month_says_what_was_recorded_in_it_to_the_microsecond(db: Database, books: Books) -> None:
    close(db, SEPTEMBER)
    made = close(db, OCTOBER)
    assert made.movements == [["points", "issued", "wallet", 20, 1], ["points", "wallet", "spent", 30, 1],
                              ["status", "issued", "status", 5, 1]]  # fmt: skip
    assert sums.kept(made.balances)["points", "wallet"] == made.outstanding == 101 + 20 - 30
    assert (made.entries, made.point_value, made.breakage) == (3, 10_000, [1_000] * 3)
    assert [each.hash for each in kept(db)][-1] == made.hash
    assert kept(db)[1].previous == kept(db)[0].hash
    assert said(db) == []


def test_months_are_closed_in_their_order_once_they_are_over(db: Database, books: Books) -> None:
    with pytest.raises(MonthOutOfOrder) as refusal:
        close(db, OCTOBER)
    assert refusal.value.say("en") == "Months are closed in their order: 2026-09 comes next."
    with pytest.raises(MonthNotOver):
        close(db, SEPTEMBER, at=SEPTEMBER.ends_at(PARIS) + closing.MARGIN - timedelta(seconds=1))
    close(db, SEPTEMBER, at=SEPTEMBER.ends_at(PARIS) + closing.MARGIN)
    with pytest.raises(MonthAlreadyClosed):
        close(db, SEPTEMBER)
    with pytest.raises(MonthOutOfOrder):
        close(db, Month(2026, 8))
    close(db, OCTOBER)
    close(db, NOVEMBER)
    with pytest.raises(MonthNotOver):
        close(db, Month(2026, 12))


def test_books_without_an_entry_have_nothing_to_close(db: Database) -> None:
    open_station(db)
    with pytest.raises(NothingToClose):
        close(db, OCTOBER)


def test_a_dry_run_says_the_same_and_writes_nothing(db: Database, books: Books) -> None:
    tried = close(db, SEPTEMBER, dry_run=True)
    assert kept(db) == [] and db.read(lambda session: audit.find(session, limit=9, action="month.closed")) == []
    made = close(db, SEPTEMBER)
    assert tried.hash == made.hash


def test_who_closed_it_and_why_is_in_the_audit_trail(db: Database, books: Books) -> None:
    made = close(db, SEPTEMBER)
    (record,) = db.read(lambda session: audit.find(session, limit=9, action="month.closed"))
    assert (record.actor, record.subject, record.reason) == (ODILE, "month:2026-09", "Fin de mois")
    assert record.after == {"entries": 2, "outstanding": 101, "hash": made.hash}


def test_an_act_that_comes_late_is_of_the_open_month_and_the_closed_one_stays(db: Database, books: Books) -> None:
    close(db, SEPTEMBER)
    before = kept(db)
    late = books.holder()
    given = post.Award(holder_id=late, unit="points", amount=7, cause="activity", cause_id=ids.new(),
                       effective_at=datetime(2026, 9, 3, tzinfo=UTC), rule_revision_id=1)  # fmt: skip
    with clock.running_on(clock.stopped_at(datetime(2026, 10, 20, tzinfo=UTC))):
        db.write(lambda session: post.award(session, post.lock(session, [late]), [given]))
    assert kept(db)[0].hash == before[0].hash
    assert ["points", "issued", "wallet", 27, 2] in close(db, OCTOBER).movements


def test_another_value_of_a_point_is_for_the_months_to_come(db: Database, books: Books) -> None:
    close(db, SEPTEMBER)
    change_programme(db, {"point_value": None}, actor=ODILE, reason="Revu")
    assert [close(db, OCTOBER).point_value, kept(db)[0].point_value] == [None, 10_000]
    assert said(db) == []


def test_another_time_zone_leaves_no_gap_between_two_months(db: Database, books: Books) -> None:
    first = close(db, SEPTEMBER)
    change_programme(db, {"time_zone": "America/Martinique"}, actor=ODILE, reason="Déménagement")
    second = close(db, OCTOBER)
    assert (second.begins_at, second.entries) == (first.ends_at, 4)
    assert said(db) == []


@pytest.mark.parametrize("statement", ["UPDATE closing SET outstanding = 1", "DELETE FROM closing"])
def test_a_closing_cannot_be_rewritten(db: Database, books: Books, statement: str) -> None:
    close(db, SEPTEMBER)
    with pytest.raises(DBAPIError, match="append-only"):
        db.write(lambda session: session.execute(sa.text(statement)))


ONE = "(SELECT min(id) FROM entry)"
SLIPPED_IN = f"""
    INSERT INTO entry (cause_id, cause, leg, holder_id, bucket, id, unit, debit, credit, amount,
        rule_revision_id, expires_at, reverses, effective_at, recorded_at)
    SELECT cause_id + 1, cause, leg, holder_id, bucket, id + 1, unit, debit, credit, amount,
        rule_revision_id, expires_at, reverses, effective_at, recorded_at FROM entry WHERE id = {ONE}
"""


@pytest.mark.parametrize(
    ("table", "statement", "found"),
    [
        ("entry", f"UPDATE entry SET amount = amount + 1 WHERE id = {ONE}", "the journal says"),
        ("entry", f"DELETE FROM entry WHERE id = {ONE}", "the journal says"),
        ("entry", SLIPPED_IN, "the journal says"),
        ("closing", "UPDATE closing SET outstanding = outstanding + 1 WHERE month = 202609", "was altered"),
        ("closing", "UPDATE closing SET point_value = 1 WHERE month = 202610", "was altered"),
        ("closing", "DELETE FROM closing WHERE month = 202609", "not chained"),
    ],
    ids=["entry altered", "entry removed", "entry slipped in", "figure altered", "value altered", "closing removed"],
)
def test_verify_says_what_was_done_to_a_closed_month(
    db: Database, books: Books, table: str, statement: str, found: str
) -> None:
    close(db, SEPTEMBER)
    close(db, OCTOBER)
    assert said(db) == []
    by_force(db, table, statement)
    assert any(found in each for each in said(db))


def test_what_was_recorded_before_the_first_closed_month_is_found_out(db: Database, books: Books) -> None:
    close(db, SEPTEMBER)
    books.grant(books.holder(), 9, datetime(2026, 8, 30, tzinfo=UTC))
    assert any("the journal says" in each for each in said(db))
