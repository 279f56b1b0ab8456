"""What every test may ask for: a migrated database of its own, on SQLite and on PostgreSQL."""

import itertools
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import hypothesis
import pytest

from loyalty.db import Database, migrate
from tests.postgres import Server, fast_directory

ENGINES = ("sqlite", "postgresql")

hypothesis.settings.register_profile("steady", deadline=None, derandomize=True)
hypothesis.settings.register_profile("explore", deadline=None, max_examples=2000)
hypothesis.settings.load_profile("steady")

for name in [name for name in os.environ if name.startswith("LOYALTY_")]:
    del os.environ[name]  # a developer's own settings are not the tests'

NewDatabase = Callable[[], AbstractContextManager[str]]


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--long` gives the tests of faults their full dose: hours, for a night or a release."""
    parser.addoption("--long", action="store_true", help="full doses of faults, and every seed")


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Server]:
    """One PostgreSQL server, with a migrated template; started when first asked for."""
    with Server(migrate) as server:
        yield server


@pytest.fixture(scope="session")
def new_postgresql(postgresql: Server) -> NewDatabase:
    """Opens a migrated PostgreSQL database and gives its URL."""
    return postgresql.database


@pytest.fixture(scope="session")
def new_sqlite() -> Iterator[NewDatabase]:
    """Opens a migrated SQLite file and gives its URL."""
    with tempfile.TemporaryDirectory(prefix="sqlite-", dir=fast_directory()) as folder:
        template, numbers = Path(folder, "template"), itertools.count(1)
        migrate(f"sqlite:///{template}")
        connection = sqlite3.connect(template)
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()

        @contextmanager
        def new() -> Iterator[str]:
            with tempfile.TemporaryDirectory(dir=folder) as own:
                copy = Path(own, f"loyalty_{next(numbers)}.sqlite3")
                shutil.copy(template, copy)
                yield f"sqlite:///{copy}"

        yield new


@pytest.fixture(params=ENGINES)
def database_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """The URL of a migrated, otherwise empty database of this test's own, on each engine in turn."""
    with request.getfixturevalue(f"new_{request.param}")() as url:
        yield url


@pytest.fixture
def db(database_url: str) -> Iterator[Database]:
    """The database of this test, open."""
    database = Database(database_url)
    yield database
    database.dispose()
