"""How a connection to each kind of database is opened, and what it is told first."""

import sqlite3
from pathlib import Path
from typing import Any
from weakref import WeakSet

import sqlalchemy as sa
from sqlalchemy import event

OLDEST_SQLITE = (3, 37, 0)

distributed: WeakSet[sa.Dialect] = WeakSet()  # of engines whose tables are spread over many machines


def sqlite_engine(url: str, busy_timeout_seconds: float) -> sa.Engine:
    """SQLite, in WAL mode, where a transaction that writes takes the lock when it begins."""
    if sqlite3.sqlite_version_info < OLDEST_SQLITE:
        raise RuntimeError(f"SQLite {sqlite3.sqlite_version} is too old: STRICT tables need 3.37 or newer")
    path = sa.make_url(url).database
    if path and path != ":memory:":
        Path(path).parent.mkdir(parents=True, exist_ok=True)
    engine = sa.create_engine(
        url,
        hide_parameters=True,
        connect_args={"check_same_thread": False, "timeout": busy_timeout_seconds},
        pool_size=20,
        max_overflow=60,
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves; the driver's own rules lose updates
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute("PRAGMA synchronous = FULL")  # NORMAL may lose an acknowledged commit on power loss
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.execute("PRAGMA recursive_triggers = ON")  # or REPLACE would delete without asking the triggers
        cursor.execute("PRAGMA wal_autocheckpoint = 10000")  # a batch writes thousands of pages: not at each commit
        cursor.execute("PRAGMA cache_size = -65536")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: sa.Connection) -> None:
        reads = connection.get_execution_options().get("loyalty_reads")
        # A deferred transaction that starts by reading cannot become a writer once another has written.
        connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")

    @event.listens_for(engine, "checkin")
    def end(connection: Any, _record: Any) -> None:
        # A COMMIT that fails leaves its transaction open, and would take the write lock into the pool with it.
        if connection is not None and connection.in_transaction:
            connection.rollback()

    return engine


def postgresql_engine(url: str, pool_size: int) -> sa.Engine:
    """PostgreSQL, also spread over many machines: its dialect is in `distributed` then, once it was reached."""
    engine = sa.create_engine(
        url,
        hide_parameters=True,  # an error that is logged must not quote what people wrote
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_pre_ping=True,
        connect_args={"options": "-c timezone=UTC -c lock_timeout=10000 -c idle_in_transaction_session_timeout=60000"},
    )

    @event.listens_for(engine, "first_connect")
    def look(connection: Any, _record: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT to_regclass('pg_dist_partition') IS NOT NULL AND to_regclass('holder') IS NOT NULL")
            if cursor.fetchone()[0]:
                placed = "SELECT FROM pg_dist_partition WHERE partmethod = 'h' AND logicalrelid = 'holder'::regclass"
                if cursor.execute(placed).rowcount:
                    distributed.add(engine.dialect)
        connection.rollback()

    return engine
