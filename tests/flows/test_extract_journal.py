"""The journal and the balances of a period, as they are handed to whoever keeps the books."""

import tracemalloc
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa

from loyalty import bulk, clock, ids
from loyalty.db import Database
from loyalty.flows import extract_journal
from loyalty.flows.change_programme import change_programme
from loyalty.flows.close_month import close_month
from loyalty.flows.extract_journal import BALANCE, JOURNAL, Period, journal, trial_balance
from loyalty.ledger.journal import _ENTRY_COLUMNS
from loyalty.ledger.months import Month
from loyalty.ledger.tables import Entry
from loyalty.ledger.value import euros
from tests.cast import ODILE, open_station
from tests.makers.books import Books

BEGAN = datetime(2026, 9, 20, 8, tzinfo=UTC)
ALL = Period(date(2026, 9, 1), date(2026, 11, 30))


@pytest.fixture
def books(db: Database) -> Books:
    """Ten weeks of a few points a day, at 12,5 thousandths of a euro."""
    with clock.running_on(clock.stopped_at(BEGAN)):
        open_station(db)
        change_programme(db, {"point_value": 12_500}, actor=ODILE)
    made = Books(db)
    ines = made.holder()
    for day in range(70):
        made.grant(ines, 3, BEGAN + timedelta(days=day))
        made.grant(ines, 1, BEGAN + timedelta(days=day, minutes=5), unit="status")
    made.spend(ines, 40, BEGAN + timedelta(days=35))
    return made


def rows(db: Database, period: Period = ALL, **options: str) -> list[dict[str, object]]:
    return [dict(zip(JOURNAL, row, strict=True)) for row in journal(db, period, **options)]


def legs(db: Database) -> int:
    return int(db.read(lambda session: session.execute(sa.text("SELECT count(*) FROM entry")).scalar_one()))


@pytest.mark.parametrize("at_once", [1, 7, 1_000])
def test_every_leg_is_in_it_once_in_the_order_they_were_recorded(
    db: Database, books: Books, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    monkeypatch.setattr(extract_journal, "_AT_ONCE", at_once)
    found = rows(db)
    keys = [(each["accounting_date"], each["entry"], each["holder"], each["leg"]) for each in found]
    assert keys == sorted(set(keys)) and len(keys) == legs(db)


def test_legs_of_one_instant_are_all_there_wherever_a_page_ends(
    db: Database, books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(extract_journal, "_AT_ONCE", 3)
    for _ in range(10):
        books.grant(books.holder(), 2, BEGAN)
    assert len(rows(db, Period(date(2026, 9, 20), date(2026, 9, 20)))) == 12


def test_a_period_begins_and_ends_at_midnight_of_the_programme(db: Database, books: Books) -> None:
    night = datetime(2026, 9, 24, 22, 30, tzinfo=UTC)  # half past midnight of the 25th in Paris
    books.grant(books.holder(), 77, night)
    amounts = [
        [each["amount"] for each in rows(db, Period(date(2026, 9, day), date(2026, 9, day)))] for day in (24, 25)
    ]
    assert amounts == [[3, 1], [77, 3, 1]]


def test_one_account_is_what_debits_or_credits_it(db: Database, books: Books) -> None:
    assert [each["amount"] for each in rows(db, account="spent")] == [40]
    assert Counter(each["unit"] for each in rows(db, account="status")) == {"status": 70}


def test_euros_are_exact_and_those_of_a_closed_month_stay(db: Database, books: Books) -> None:
    with clock.running_on(clock.stopped_at(datetime(2026, 11, 10, tzinfo=UTC))):
        close_month(db, Month(2026, 9), actor=ODILE)
        change_programme(db, {"point_value": 20_000}, actor=ODILE, reason="Revu")
    given = {each["accounting_date"]: each["eur"] for each in rows(db) if each["unit"] == "points"}
    assert given[BEGAN] == Decimal("0.0375")
    assert given[BEGAN + timedelta(days=11)] == Decimal("0.06")
    assert {each["eur"] for each in rows(db) if each["unit"] == "status"} == {None}
    change_programme(db, {"point_value": None}, actor=ODILE, reason="Revu")
    assert rows(db, Period(date(2026, 10, 5), date(2026, 10, 5)))[0]["eur"] is None


def test_the_balances_of_a_period_are_those_of_its_journal(db: Database, books: Books) -> None:
    october = Period(date(2026, 10, 1), date(2026, 10, 31))
    found = {(row[0], row[1]): dict(zip(BALANCE, row, strict=True)) for row in trial_balance(db, october)}
    wallet = found["points", "wallet"]
    assert (wallet["opening"], wallet["debit"], wallet["credit"], wallet["closing"]) == (33, 40, 93, 86)
    assert wallet["closing_eur"] == Decimal("1.075")
    for each in found.values():
        assert each["opening"] + each["credit"] - each["debit"] == each["closing"]  # type: ignore[operator]
    lines = rows(db, october)
    for (unit, account), each in found.items():
        for side in ("debit", "credit"):
            amounts = [line["amount"] for line in lines if line["unit"] == unit and line[side] == account]
            assert sum(amounts) == each[side]  # type: ignore[arg-type]
    assert sum(row[5] for row in trial_balance(db, october)) == 0, "what was credited was debited"


def test_closed_months_give_the_same_balances_as_the_entries(db: Database, books: Books) -> None:
    periods = [ALL, Period(date(2026, 10, 1), date(2026, 10, 31)), Period(date(2026, 10, 9), date(2026, 11, 2))]
    before = [trial_balance(db, each) for each in periods]
    with clock.running_on(clock.stopped_at(datetime(2026, 12, 2, tzinfo=UTC))):
        for month in (9, 10, 11):
            close_month(db, Month(2026, month), actor=ODILE)
    assert [trial_balance(db, each) for each in periods] == before


def test_a_long_journal_takes_no_more_memory_than_a_page_of_it(db: Database, books: Books) -> None:
    columns, at = _ENTRY_COLUMNS, datetime(2026, 10, 5, 9, tzinfo=UTC)
    many = [(ids.new(), "activity", 0, 1, 0, number, "points", "issued", "wallet", 1, None, at, None, at, at)
            for number in ids.many(60_000)]  # fmt: skip
    db.write(lambda session: bulk.insert(session, Entry.__table__, columns, many))  # type: ignore[attr-defined]
    tracemalloc.start()
    count = sum(1 for _ in journal(db, Period(date(2026, 10, 5), date(2026, 10, 5))))
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 60_002
    assert most < 12_000_000


def test_an_amount_in_euro_has_cents_and_as_many_decimals_as_it_needs() -> None:
    told = [str(euros(points, value)) for points, value in ((100, 10_000), (3, 12_500), (-7, 1), (0, 10_000))]
    assert told == ["1.00", "0.0375", "-0.000007", "0.00"]
    assert euros(5, None) is None and euros(5, 0) is None
