"""Whatever statement or commit of a write fails, all of it is done or nothing, and the same call again does it (R3)."""

from __future__ import annotations

import shutil
import sqlite3
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from pathlib import Path

import pytest
import sqlalchemy as sa

from loyalty import clock
from loyalty.db import Database
from loyalty.tables import SQLModel
from tests.conftest import NewDatabase
from tests.faults.conftest import Dose
from tests.faults.failing import InjectedFault, failing_at
from tests.faults.flows_that_write import flows_that_write
from tests.faults.scenarios import AGAIN, BEFORE, SCENARIOS
from tests.faults.station import NOW, Station, open_everything
from tests.faults.untried import WITHOUT
from tests.makers.proof import adds_up
from tests.postgres import Server

Copies = Callable[[], AbstractContextManager[tuple[Database, Station]]]
ON_BOTH = ("earn.earn", "once.once", "cancel.cancel", "merge_fans.merge_fans")  # also on a short run
DEAR = ("staff_access.accept_invitation",)  # hashes a password each time


@pytest.fixture(autouse=True)
def stopped_clock() -> Iterator[None]:
    with clock.running_on(clock.stopped_at(NOW)):
        yield


@pytest.fixture(scope="module")
def on_sqlite(new_sqlite: NewDatabase) -> Iterator[Copies]:
    """Gives copies of the station."""
    with new_sqlite() as url:
        path = Path(str(sa.make_url(url).database))
        with _open(url) as made:
            station = open_everything(made)
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

        @contextmanager
        def copy() -> Iterator[tuple[Database, Station]]:
            own = path.with_name("copy.sqlite3")
            for beside in path.parent.glob("copy.sqlite3*"):
                beside.unlink()
            shutil.copy(path, own)
            with _open(f"sqlite:///{own}") as db:
                yield db, station

        yield copy


@pytest.fixture(scope="module")
def on_postgresql(postgresql: Server) -> Iterator[Copies]:
    """Gives copies of the station."""
    with postgresql.database() as url:
        with _open(url) as made:
            station = open_everything(made)

        @contextmanager
        def copy() -> Iterator[tuple[Database, Station]]:
            with postgresql.database(str(sa.make_url(url).database)) as own, _open(own) as db:
                yield db, station

        yield copy


@contextmanager
def _open(url: str) -> Iterator[Database]:
    db = Database(url)
    try:
        yield db
    finally:
        db.dispose()


def test_every_flow_that_writes_is_tried_or_says_why_not() -> None:
    assert set(SCENARIOS) | set(WITHOUT) == set(flows_that_write())
    assert not set(SCENARIOS) & set(WITHOUT)


@pytest.mark.parametrize("flow", SCENARIOS)
def test_on_sqlite_it_is_all_or_nothing(on_sqlite: Copies, flow: str, dose: Dose) -> None:
    all_or_nothing(on_sqlite, flow, most=dose(10, None))


def test_on_postgresql_it_is_all_or_nothing(on_postgresql: Copies, flow: str) -> None:
    all_or_nothing(on_postgresql, flow, most=None)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """On PostgreSQL only some on a short run."""
    if "on_postgresql" in metafunc.fixturenames:
        metafunc.parametrize("flow", SCENARIOS if metafunc.config.getoption("long") else ON_BOTH)


def all_or_nothing(copies: Copies, flow: str, *, most: int | None) -> None:
    """Fail at every statement and commit in turn, each time on a database that looks as at first.

    Args:
        most: how many failures are enough where the flow is several transactions, or dear.
    """
    act, again = SCENARIOS[flow], AGAIN.get(flow, SCENARIOS[flow])
    prepare = BEFORE.get(flow, lambda db, station: None)
    with copies() as (db, station):
        prepare(db, station)
        with failing_at(db) as undisturbed:
            act(db, station)
        whole = sizes(db)
    assert undisturbed.commits, "it writes nothing: no scenario"
    is_one = undisturbed.commits == 1 and flow not in AGAIN
    step = 1 if most is None or (is_one and flow not in DEAR) else undisturbed.calls // most + 1
    numbers = deque(range(1, undisturbed.calls + 1, step))
    while numbers:
        with copies() as (db, station):
            prepare(db, station)
            with watched(db) as unchanged:
                while numbers and unchanged():
                    with failing_at(db, number := numbers.popleft()) as count, suppress(InjectedFault):
                        act(db, station)
                    # What a process knows by heart it does not read again: then there are fewer.
                    assert count.failed or count.calls >= undisturbed.calls - 3, number
                    if is_one:
                        assert unchanged() or sizes(db) == whole, f"half of it, failing at {number}"
            if sizes(db) != whole:
                again(db, station)
            assert sizes(db) == whole, f"not as if nothing had happened, failing at {number}"
            assert adds_up(db)


@contextmanager
def watched(db: Database) -> Iterator[Callable[[], bool]]:
    """Tells whether nothing was committed since."""
    if not db.is_sqlite:
        before = contents(db)
        yield lambda: contents(db) == before
        return
    with closing(sqlite3.connect(str(sa.make_url(db.url).database))) as observer:
        version = "PRAGMA data_version"  # another one as soon as another connection has committed anything
        first = observer.execute(version).fetchone()
        yield lambda: observer.execute(version).fetchone() == first


def sizes(db: Database) -> dict[str, int]:
    """How many rows are in each table."""
    with db.engine.connect() as connection:
        counted = (f"SELECT count(*) FROM {table.name}" for table in tables())
        return {each: connection.exec_driver_sql(each).scalar_one() for each in counted}


def contents(db: Database) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table."""
    with db.engine.connect() as connection:
        every = {table.name: connection.exec_driver_sql(f"SELECT * FROM {table.name}") for table in tables()}
        return {name: sorted(map(tuple, rows), key=repr) for name, rows in every.items()}


def tables() -> list[sa.Table]:
    return SQLModel.metadata.sorted_tables
