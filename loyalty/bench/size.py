"""What an entry takes: bytes in its table, in its indexes, and on PostgreSQL in the log that is written ahead."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from statistics import median

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from loyalty import bulk, ids
from loyalty.activities.tables import Activity
from loyalty.bench.crowd import Crowd
from loyalty.bench.figure import Figure
from loyalty.bench.floor import Floor
from loyalty.db import Database
from loyalty.ledger.tables import Entry

_BATCH = 1_000
_entry: sa.Table = Entry.__table__  # type: ignore[attr-defined]
_activity: sa.Table = Activity.__table__  # type: ignore[attr-defined]
_ON_POSTGRESQL = sa.text("SELECT pg_table_size(CAST(:name AS regclass)), pg_indexes_size(CAST(:name AS regclass))")
_ON_SQLITE = sa.text(
    "SELECT sum(CASE WHEN m.type = 'table' THEN s.pgsize END), sum(CASE WHEN m.type = 'index' THEN s.pgsize END)"
    " FROM sqlite_schema AS m JOIN dbstat AS s ON s.name = m.name"
    " WHERE m.tbl_name = :name AND s.aggregate = TRUE"
)
_LOG = sa.text("SELECT pg_current_wal_insert_lsn() - CAST('0/0' AS pg_lsn)")


class _TakenBack(Exception):
    """Nothing of it is kept."""


def measure(crowd: Crowd, floor: Floor, *, rounds: int) -> Iterator[Figure]:
    """Bytes an entry and an activity with what is stored now, and bytes of log."""
    for table in (_entry, _activity):
        sizes = _sizes(crowd.db, table)
        if sizes is None:
            yield Figure(what="bytes: this SQLite was made without dbstat", value=0, unit="bytes")
            return
        rows, own, indexes = sizes
        yield Figure(what=f"{table.name}: a row without its indexes", value=own / rows, unit="bytes")
        yield Figure(what=f"{table.name}: a row with its indexes", value=(own + indexes) / rows, unit="bytes")
    if not crowd.db.is_sqlite:
        yield Figure(
            what="log of an entry, its indexes too", value=_log_of_entries(crowd.db, floor, rounds), unit="bytes"
        )
        yield Figure(what="log of an act, all it writes", value=_log_of_acts(crowd, rounds), unit="bytes")


def _sizes(db: Database, table: sa.Table) -> tuple[int, int, int] | None:
    """Rows, and bytes of the table and of its indexes; None: they cannot be told."""

    def look(session: Session) -> tuple[int, int, int]:
        rows = session.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
        asked = _ON_SQLITE if db.is_sqlite else _ON_POSTGRESQL
        own, indexes = session.execute(asked, {"name": table.name}).one()
        return rows, int(own), int(indexes)

    try:
        return db.read(look)
    except DBAPIError:
        return None


def _log_of_entries(db: Database, floor: Floor, rounds: int) -> float:
    """Of a thousand journal rows, written and taken back: what was logged stays logged."""
    spent = []

    def steps(session: Session) -> None:
        rows = floor.rows_like(_entry, _BATCH)
        place = [column.name for column in _entry.c].index("id")
        rows = [(*row[:place], new, *row[place + 1 :]) for row, new in zip(rows, ids.many(_BATCH), strict=True)]
        before = _log(session)
        bulk.insert(session, _entry, tuple(_entry.c.keys()), rows)
        spent.append(_log(session) - before)
        raise _TakenBack

    for _ in range(rounds):
        with suppress(_TakenBack):
            db.write(steps)
    return float(median(spent)) / _BATCH


def _log_of_acts(crowd: Crowd, rounds: int) -> float:
    spent = []
    for _ in range(rounds):
        facts = crowd.facts(_BATCH)
        before = crowd.db.read(_log)
        crowd.send(facts)
        spent.append(crowd.db.read(_log) - before)
    return float(median(spent)) / _BATCH


def _log(session: Session) -> float:
    return float(session.execute(_LOG).scalar_one())
