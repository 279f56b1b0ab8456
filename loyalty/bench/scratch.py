"""A database made for one measurement and dropped after it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from loyalty import ids
from loyalty.db import Database, migrate


@contextmanager
def scratch_database(url: str) -> Iterator[Database]:
    """A migrated, empty database on the same server, or the same disk, as `url`."""
    with _scratch_file(url) if url.startswith("sqlite") else _scratch_on_server(url) as scratch_url:
        migrate(scratch_url)
        database = Database(scratch_url, busy_timeout_seconds=60, pool_size=40)
        try:
            yield database
        finally:
            database.dispose()


@contextmanager
def _scratch_file(url: str) -> Iterator[str]:
    beside = Path(sa.make_url(url).database or ".").parent
    beside.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="bench-", dir=beside) as folder:
        yield f"sqlite:///{folder}/scratch.sqlite3"


@contextmanager
def _scratch_on_server(url: str) -> Iterator[str]:
    name = f"loyalty_bench_{ids.new()}"
    server = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    try:
        with server.connect() as connection:
            connection.execute(sa.text(f"CREATE DATABASE {name}"))
        yield sa.make_url(url).set(database=name).render_as_string(hide_password=False)
    finally:
        with server.connect() as connection:
            connection.execute(sa.text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
        server.dispose()
