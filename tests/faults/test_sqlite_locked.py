"""Another program holds SQLite's one write lock: callers are put off, readers are not, and nothing is lost (R14)."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

from loyalty.bench.pages import new_settings
from loyalty.db import Database
from loyalty.errors import Busy
from loyalty.flows.earn import earn
from loyalty.web.app import create_app
from tests.cast import chat
from tests.conftest import NewDatabase
from tests.faults.answering import answering
from tests.faults.clients import REDEMPTIONS, gather_crowd, insisting, nothing_lost_or_doubled
from tests.faults.conftest import Dose
from tests.faults.serving import ask

SEED = 51
WAITS = 0.3  # seconds a writer waits for its turn


@pytest.fixture
def db(new_sqlite: NewDatabase) -> Iterator[Database]:
    with new_sqlite() as url:
        opened = Database(url, busy_timeout_seconds=WAITS)
        yield opened
        opened.dispose()


@contextmanager
def locked(db: Database) -> Iterator[None]:
    """Hold the write lock as another program would."""
    path = Path(str(sa.make_url(db.url).database))
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


@pytest.mark.timeout(600)
def test_writers_are_put_off_while_readers_are_served(db: Database, dose: Dose) -> None:
    crowd = gather_crowd(db)
    balance = f"/api/v1/fans/{crowd.fans[0]}/balance"
    with answering(create_app(new_settings(db.url), db)) as port, insisting(port, crowd, seed=SEED) as told:
        time.sleep(0.5)
        with locked(db):
            time.sleep(WAITS)  # those who were in line are through
            before, until = told.of(REDEMPTIONS), time.monotonic() + dose(3, 60)
            while time.monotonic() < until:
                began = time.monotonic()
                status, _, said = ask(port, "GET", balance, Authorization=f"Bearer {crowd.key}")
                assert status == 200, said
                assert time.monotonic() - began < 5 * WAITS, "a reader waited for the writers"
                time.sleep(0.1)
            assert told.of(REDEMPTIONS) == before, "acknowledged, and nobody could write"
        time.sleep(0.5)
    assert told.put_off["503 busy"], "nobody met the lock: the test is empty"
    assert set(told.put_off) == {"503 busy"}
    assert told.of(REDEMPTIONS) > before
    assert nothing_lost_or_doubled(db, told), f"seed {SEED}"


def test_a_writer_waits_as_long_as_it_was_told_and_no_longer(db: Database) -> None:
    gather_crowd(db)
    with locked(db):
        began = time.monotonic()
        with pytest.raises(Busy):
            earn(db, [chat(1)], source="test")
        assert WAITS <= time.monotonic() - began < WAITS + 5
    assert [each.status for each in earn(db, [chat(1)], source="test")] == ["recorded"]
