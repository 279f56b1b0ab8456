"""The floor: the same rows inserted into tables with a primary key and nothing else, and one row a transaction."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from loyalty import bulk, clock, ids
from loyalty.activities.tables import Activity
from loyalty.db import Database
from loyalty.ledger.tables import Entry

_bench = sa.MetaData()
_activity: sa.Table = Activity.__table__  # type: ignore[attr-defined]
_entry: sa.Table = Entry.__table__  # type: ignore[attr-defined]


def _bare(table: sa.Table) -> sa.Table:
    """A table with the same columns and primary key, and nothing else: no other index, no check, no trigger."""
    columns = [sa.Column(column.name, column.type, nullable=column.nullable) for column in table.c]
    key = sa.PrimaryKeyConstraint(*(column.name for column in table.primary_key))
    return sa.Table(f"bench_{table.name}", _bench, *columns, key, sqlite_strict=True)


_bare_activity, _bare_entry = _bare(_activity), _bare(_entry)
_one = sa.Table(
    "bench_one",
    _bench,
    sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("holder_id", sa.BigInteger),
    sa.Column("amount", sa.BigInteger),
    sa.Column("at", sa.String),
    sqlite_strict=True,
)


class Driver:
    """Bare statements, past everything of ours: the driver's own connection, one for each caller."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._turn = threading.Lock() if db.is_sqlite else nullcontext()  # SQLite's own waiting polls

    def spell(self, sql: str) -> str:
        """A statement as this driver wants it."""
        return sql.removesuffix(" FOR UPDATE") if self._db.is_sqlite else sql.replace("?", "%s")

    @contextmanager
    def transaction(self) -> Iterator[Any]:
        """A cursor in a transaction, committed at the end."""
        with self._turn, self._db.engine.connect() as connection:
            driver = connection.connection.driver_connection
            assert driver is not None, "it is open"
            cursor = driver.cursor()
            if self._db.is_sqlite:
                cursor.execute("BEGIN IMMEDIATE")
            yield cursor
            cursor.execute("COMMIT")
            cursor.close()


class Floor:
    """Inserts nobody judged, such as the flow wrote: at least one act must be on record."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.driver = Driver(db)
        self._insert_one = self.driver.spell("INSERT INTO bench_one (id, holder_id, amount, at) VALUES (?, ?, ?, ?)")
        self._samples: dict[str, tuple[int, list[Any]]] = {}
        db.write(lambda session: _bench.create_all(session.connection()))

    def journal_rows(self, count: int) -> None:
        """One journal row an act, in one transaction."""
        rows = self.rows_like(_entry, count)
        self.db.write(lambda session: bulk.insert(session, _bare_entry, tuple(_bare_entry.c.keys()), rows))

    def same_rows(self, count: int) -> None:
        """The activity and its journal row, in one transaction."""
        activities, entries = self.rows_like(_activity, count), self.rows_like(_entry, count)

        def steps(session: Session) -> None:
            bulk.insert(session, _bare_activity, tuple(_bare_activity.c.keys()), activities)
            bulk.insert(session, _bare_entry, tuple(_bare_entry.c.keys()), entries)

        self.db.write(steps)

    def one_row(self, holder_id: int) -> None:
        """One small row, one transaction: as little as can be kept for good."""
        with self.driver.transaction() as cursor:
            cursor.execute(self._insert_one, (ids.new(), holder_id, 10, clock.now().isoformat()))

    def rows_like(self, table: sa.Table, count: int) -> list[tuple[Any, ...]]:
        """Rows such as the flow wrote, under numbers of their own."""
        if table.name not in self._samples:
            row = self.db.read(lambda session: session.execute(sa.select(table).limit(1)).one())
            kept = [json.dumps(value) if isinstance(value, list) else value for value in row]
            number = [column.name for column in table.c].index("id" if "act_key" in table.c else "cause_id")
            self._samples[table.name] = (number, kept)
        number, kept = self._samples[table.name]
        return [(*kept[:number], new, *kept[number + 1 :]) for new in ids.many(count)]
