"""What fans are owed, by age and by expiry, beside a plain count of every single point."""

import random
from collections import Counter, deque
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from loyalty.db import Database
from loyalty.ledger import liability, sums
from loyalty.ledger.liability import Outstanding
from loyalty.ledger.months import Month
from loyalty.ledger.verify import breaches
from tests.conftest import ENGINES
from tests.makers.books import Books

PARIS = ZoneInfo("Europe/Paris")
BEGAN, NOW = datetime(2024, 1, 15, 9, tzinfo=UTC), datetime(2026, 11, 23, 7, tzinfo=UTC)
EXPIRIES = [datetime(2025, 6, 30, 22, tzinfo=UTC), datetime(2026, 12, 31, 23, tzinfo=UTC),
            datetime(2027, 5, 31, 22, tzinfo=UTC)]  # fmt: skip


def owed(db: Database, now: datetime = NOW) -> Outstanding:
    return db.read(lambda session: liability.outstanding(session, now=now, zone=PARIS))


def point_by_point(db: Database) -> Counter[datetime]:
    """When what is left was given: every lot a queue of single points, told again from the whole journal."""
    with db.engine.connect() as connection:
        typed = sa.text("SELECT * FROM entry ORDER BY recorded_at, id, leg")
        rows = [dict(each) for each in connection.execute(typed).mappings()]
        uses = [dict(each) for each in connection.execute(sa.text("SELECT * FROM lot_use")).mappings()]
        became = dict(connection.execute(sa.text("SELECT id, merged_into FROM holder")).all())

    def top(holder: int) -> int:
        while became[holder] is not None:
            holder = became[holder]
        return holder

    lots: dict[tuple[int, object], list[object]] = {}
    taken: Counter[tuple[int, object]] = Counter()
    for row in rows:
        if row["credit"] == "wallet" and row["expires_at"] is not None and row["debit"] != "moved":
            points = lots.setdefault((top(row["holder_id"]), row["expires_at"]), [])
            points += [row["effective_at"]] * row["amount"]
        if row["credit"] == "expired":
            taken[top(row["holder_id"]), row["expires_at"]] += row["amount"]
    moved = {(row["id"], row["leg"], row["holder_id"]) for row in rows if row["credit"] == "moved"}
    for use in uses:
        if (use["entry_id"], use["leg"], use["holder_id"]) not in moved:
            taken[top(use["holder_id"]), use["expires_at"]] += use["amount"]
    left: Counter[datetime] = Counter()
    for key, points in lots.items():
        queue = deque(sorted(points))  # type: ignore[type-var]
        for _ in range(taken[key]):
            queue.popleft()
        for at in queue:
            left[at if isinstance(at, datetime) else datetime.fromtimestamp(at / 1e6, UTC)] += 1  # type: ignore[operator]
    return left


def ages_of(left: Counter[datetime]) -> tuple[int, ...]:
    """The same by band, each point asked for itself."""
    bands = [0] * 5
    for at, points in left.items():
        local, now = at.astimezone(PARIS), NOW.astimezone(PARIS)
        months = (now.year - local.year) * 12 + now.month - local.month
        months -= (local.day, local.time()) > (now.day, now.time())
        bands[sum(months >= age for age in (3, 6, 12, 24))] += points
    return tuple(bands)


@pytest.mark.parametrize("engine", ENGINES)
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10**6), minutes=st.lists(st.integers(0, 1_500_000), min_size=5, max_size=40, unique=True))
def test_whatever_happened_the_ages_are_those_of_every_single_point(
    request: pytest.FixtureRequest, engine: str, seed: int, minutes: list[int]
) -> None:
    with request.getfixturevalue(f"new_{engine}")() as url:
        db = Database(url)
        Books(db).live(random.Random(seed), [BEGAN + timedelta(minutes=each) for each in minutes], EXPIRIES)
        known = owed(db)
        assert known.ages == ages_of(point_by_point(db))
        assert known.reconciles
        assert db.read(lambda session: list(breaches(session))) == []
        db.dispose()


def test_the_oldest_points_of_a_lot_are_used_first(db: Database) -> None:
    books = Books(db)
    ines = books.holder()
    for months, amount in ((30, 100), (18, 20), (1, 5)):
        books.grant(ines, amount, NOW - timedelta(days=30 * months + 5))
    books.spend(ines, 90, NOW - timedelta(days=3))
    assert owed(db).ages == (5, 0, 0, 20, 10)
    books.spend(ines, 20, NOW - timedelta(days=2))
    assert owed(db).ages == (5, 0, 0, 10, 0)


def test_points_keep_their_age_when_their_holder_turns_out_to_be_another(db: Database) -> None:
    books = Books(db)
    account, fan, other = books.holder(), books.holder(), books.holder()
    books.grant(account, 40, NOW - timedelta(days=300))
    books.grant(fan, 7, NOW - timedelta(days=1))
    books.merge(account, fan, NOW - timedelta(hours=3))
    books.merge(fan, other, NOW - timedelta(hours=2))
    assert owed(db).ages == (7, 0, 40, 0, 0)


def test_what_waits_is_owed_but_of_no_lot_and_a_debt_stands_apart(db: Database) -> None:
    books = Books(db)
    ines, marc = books.holder(), books.holder()
    books.grant(ines, 30, NOW - timedelta(days=1), EXPIRIES[1], available_at=NOW + timedelta(days=1))
    liked = books.grant(marc, 20, NOW - timedelta(days=2))
    books.spend(marc, 15, NOW - timedelta(days=1))
    books.take_back(marc, liked, NOW)
    known = owed(db)
    assert (known.points, known.waiting, known.debt, known.ages) == (30, 30, 15, (0,) * 5)
    assert dict(known.expiring) == {Month(2026, 12): 30}
    assert known.reconciles


def test_points_expire_with_the_month_before_the_instant_they_are_gone(db: Database) -> None:
    books = Books(db)
    ines = books.holder()
    books.grant(ines, 3, NOW, EXPIRIES[2])
    books.grant(ines, 4, NOW, EXPIRIES[1])
    books.grant(ines, 5, NOW)
    assert list(owed(db).expiring.items()) == [(Month(2026, 12), 4), (Month(2027, 5), 3), (None, 5)]


def test_an_account_nobody_knew_when_this_was_written_counts_as_the_fans_own() -> None:
    balances = {("points", "wallet"): 5, ("points", "held"): 3, ("points", "issued"): -10, ("points", "debt"): -2,
                ("points", "spent"): 4, ("status", "status"): 9, ("status", "issued"): -9}  # fmt: skip
    assert sums.owed_to_fans(balances) == {"held": 3, "wallet": 5}
    assert sums.owed_by_fans(balances) == 2


@pytest.mark.parametrize("statement", ["lot SET granted = granted + 1", "lot SET used = used + 1",
                                       "pending_award SET pending = pending - 1"])  # fmt: skip
def test_it_does_not_reconcile_when_a_cache_says_otherwise(db: Database, statement: str) -> None:
    books = Books(db)
    ines = books.holder()
    books.grant(ines, 30, NOW - timedelta(days=1))
    books.grant(ines, 30, NOW - timedelta(days=1), available_at=NOW + timedelta(days=1))
    assert owed(db).reconciles
    db.write(lambda session: session.execute(sa.text(f"UPDATE {statement}")))
    assert not owed(db).reconciles


def test_nobody_has_anything_before_the_first_act(db: Database) -> None:
    known = owed(db)
    assert (known.points, known.counted, dict(known.expiring)) == (0, 0, {})
    assert known.reconciles


def test_points_given_to_another_fan_count_as_given_then(db):
    books = Books(db)
    ines, marc = books.holder(), books.holder()
    books.grant(ines, 30, datetime(2025, 1, 10, tzinfo=UTC))
    books.give(ines, marc, 12, datetime(2026, 11, 1, tzinfo=UTC))
    owes = owed(db)
    assert owes.reconciles and owes.ages == (12, 0, 0, 18, 0)


def test_points_that_slide_count_as_given_when_they_were_renewed(db):
    books = Books(db)
    ines = books.holder()
    books.grant(ines, 30, datetime(2025, 1, 10, tzinfo=UTC), EXPIRIES[1], slides_until=EXPIRIES[1])
    books.grant(ines, 5, datetime(2026, 11, 1, tzinfo=UTC), EXPIRIES[2], slides_until=EXPIRIES[2])
    owes = owed(db)
    assert owes.reconciles and owes.ages == (35, 0, 0, 0, 0)
