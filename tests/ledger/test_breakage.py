"""Breakage is told from what became of the points that are over."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from loyalty.db import Database
from loyalty.ledger.breakage import Breakage, breakage, expected_points
from loyalty.ledger.months import Month
from tests.makers.books import Books

PARIS = ZoneInfo("Europe/Paris")
NOW = datetime(2026, 11, 23, 7, tzinfo=UTC)


def told(db: Database, declared: int | None = None) -> Breakage:
    return db.read(lambda session: breakage(session, now=NOW, zone=PARIS, declared=declared))


def month_of_points(books: Books, holder: int, month: int, *, given: int, spent: int, swept: bool = True) -> None:
    """Points that end with a month of 2026; those not spent expire."""
    end = Month(2026, month).ends_at(PARIS)
    books.grant(holder, given, end - timedelta(days=20), end)
    if spent:
        books.spend(holder, spent, end - timedelta(days=10))
    if swept:
        books.sweep(holder, end)


@pytest.fixture
def lived(db: Database) -> Books:
    """Three months: half, a tenth and a fifth of their points expired."""
    books = Books(db)
    ines = books.holder()
    month_of_points(books, ines, 6, given=100, spent=50)
    month_of_points(books, ines, 7, given=200, spent=180)
    month_of_points(books, ines, 8, given=300, spent=240)
    return books


def test_the_share_is_that_of_all_points_together_between_those_of_the_months(db: Database, lived: Books) -> None:
    found = told(db, declared=5_000)
    assert (found.expired, found.settled, found.months) == (50 + 20 + 60, 600, 3)
    assert (found.least, found.expected, found.most) == (1_000, 2_166, 5_000)
    assert not found.is_declared


def test_what_is_due_and_not_swept_has_expired_all_the_same(db: Database, lived: Books) -> None:
    month_of_points(lived, lived.holder(), 9, given=400, spent=0, swept=False)
    assert (told(db).expired, told(db).settled) == (530, 1_000)


def test_points_given_back_taken_back_or_moved_were_not_spent(db: Database, lived: Books) -> None:
    end = Month(2026, 9).ends_at(PARIS)
    account, fan = lived.holder(), lived.holder()
    liked = lived.grant(account, 70, end - timedelta(days=9), end)
    lived.grant(account, 100, end - timedelta(days=9), end)
    lived.take_back(account, liked, end - timedelta(days=8))
    lived.merge(account, fan, end - timedelta(days=7))
    bought = lived.spend(fan, 60, end - timedelta(days=6))
    assert bought
    lived.give_back(fan, bought, end - timedelta(days=5))
    lived.spend(fan, 25, end - timedelta(days=4))
    lived.sweep(fan, end)
    assert (told(db).expired, told(db).settled) == (130 + 75, 700)


def test_only_the_last_twelve_months_count(db: Database, lived: Books) -> None:
    end = Month(2025, 10).ends_at(PARIS)
    ines = lived.holder()
    lived.grant(ines, 1_000, end - timedelta(days=9), end)
    lived.sweep(ines, end)
    lived.grant(ines, 1_000, NOW, Month(2026, 12).ends_at(PARIS))
    assert told(db).settled == 600


@pytest.mark.parametrize(("declared", "share"), [(None, 0), (2_500, 2_500)])
def test_with_too_short_a_history_the_declared_share_stands_and_nothing_without_one(
    db: Database, declared: int | None, share: int
) -> None:
    books = Books(db)
    ines = books.holder()
    month_of_points(books, ines, 6, given=100, spent=50)
    month_of_points(books, ines, 7, given=100, spent=50)
    found = told(db, declared)
    assert (found.least, found.expected, found.most) == (share, share, share)
    assert found.is_declared and found.months == 2


def test_what_will_be_spent_is_a_whole_number_of_points_never_too_few() -> None:
    assert expected_points(1_001, 2_500) == 751
    assert (expected_points(10, 0), expected_points(10, 10_000)) == (10, 0)
