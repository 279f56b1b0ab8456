"""How often something may happen is counted for all workers together, in windows that end."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import sqlalchemy as sa

from loyalty import clock
from loyalty.db import Database
from loyalty.flows.limit import count_failure, forget_counts, refuse_flood
from loyalty.intake.rate import Limit, TooManyAttempts
from tests.cast import MORNING

THREE = Limit(name="try", most=3, within=timedelta(minutes=5))


def at(minutes: float):
    """The clock, so long after the morning began."""
    return clock.running_on(clock.stopped_at(MORNING + timedelta(minutes=minutes)))


def test_the_fourth_of_three_is_refused_until_the_window_ends(db):
    with at(1):
        for _ in range(3):
            refuse_flood(db, THREE, "ines")
            count_failure(db, THREE, "ines")
        with pytest.raises(TooManyAttempts) as refused:
            count_failure(db, THREE, "ines")
        assert refused.value.retry_after_seconds == 240
    with at(4.999), pytest.raises(TooManyAttempts) as refused:
        refuse_flood(db, THREE, "ines")
    assert refused.value.retry_after_seconds == 1
    with at(5):
        refuse_flood(db, THREE, "ines")


def test_each_counts_for_themselves_and_each_limit_for_itself(db):
    with at(0):
        for _ in range(3):
            count_failure(db, THREE, "ines")
        count_failure(db, THREE, "marc")
        count_failure(db, Limit(name="other", most=1, within=timedelta(minutes=5)), "ines")


def test_what_happens_at_once_is_all_counted(db, database_url):
    many = Limit(name="try", most=1000, within=timedelta(minutes=5))
    workers = [Database(database_url) for _ in range(2)]
    with at(0):
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda number: count_failure(workers[number % 2], many, "ines"), range(80)))
        counted = db.read(lambda session: session.execute(sa.text("SELECT count FROM rate_window")).scalar_one())
    assert counted == 80
    for each in workers:
        each.dispose()


def test_addresses_are_forgotten_after_a_day(db):
    with at(0):
        count_failure(db, THREE, "203.0.113.9")
    with at(24 * 60 - 1):
        forget_counts(db)
        assert db.read(lambda session: session.execute(sa.text("SELECT 1 FROM rate_window")).all())
    with at(24 * 60 + 1):
        forget_counts(db)
        assert not db.read(lambda session: session.execute(sa.text("SELECT 1 FROM rate_window")).all())
