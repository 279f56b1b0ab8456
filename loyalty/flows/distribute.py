"""The tables go to their places on many machines: one transaction a table, safe to kill and safe to run again."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import sqlalchemy as sa
from sqlmodel import Session

from loyalty.db import Database, is_sqlite
from loyalty.distribution import Step, steps
from loyalty.errors import Refused
from loyalty.i18n import Words

# The journal's triggers, which refuse changes, are made on each machine with its part of the table: they look at
# nothing but the row, which is all that is unsafe about them.
ALLOW_TRIGGERS = sa.text("SET LOCAL citus.enable_unsafe_triggers = on")
_COPY = sa.text("SELECT create_reference_table(CAST(:table AS regclass))")
_LEAD = sa.text(
    "SELECT create_distributed_table(CAST(:table AS regclass), CAST(:column AS text), "
    "colocate_with => 'none', shard_count => CAST(:shards AS integer))"
)
_BESIDE = sa.text(
    "SELECT create_distributed_table(CAST(:table AS regclass), CAST(:column AS text), "
    "colocate_with => CAST(:beside AS text))"
)
# A table that Citus knows, but which stands on the coordinator alone, is neither hashed ("h") nor copied ("t").
_PLACED = sa.text("SELECT CAST(logicalrelid AS text) FROM pg_dist_partition WHERE partmethod = 'h' OR repmodel = 't'")
_IS_THERE = sa.text("SELECT EXISTS (SELECT FROM pg_extension WHERE extname = 'citus')")
_AT_HAND = sa.text("SELECT EXISTS (SELECT FROM pg_available_extensions WHERE name = 'citus')")
_ENTRIES = sa.text("SELECT count(*) FROM entry")


class OneMachine(Refused):
    """The database cannot be spread."""

    code = "one_machine"
    status = 409
    words = Words(fr="{because}", en="{because}")


class OnSQLite(OneMachine):
    """SQLite is one file."""

    words = Words(
        fr="SQLite est un seul fichier sur une seule machine. Prenez PostgreSQL avec l’extension Citus.",
        en="SQLite is one file on one machine. Take PostgreSQL with the extension Citus.",
    )


class NoCitus(OneMachine):
    """PostgreSQL has not got the extension."""

    words = Words(
        fr="L’extension Citus n’est pas installée sur ce serveur PostgreSQL.",
        en="The extension Citus is not installed on this PostgreSQL server.",
    )


class CitusNotCreated(OneMachine):
    """The server has the extension, this database does not."""

    words = Words(
        fr="Cette base n’a pas encore l’extension : « CREATE EXTENSION citus », puis ajoutez les machines.",
        en="This database does not have the extension yet: CREATE EXTENSION citus, then add the machines.",
    )


def to_place(db: Database) -> list[Step]:
    """The tables that are not in their places yet.

    Raises:
        OneMachine: they cannot be.
    """

    def look(session: Session) -> list[Step]:
        refuse_one_machine(session)
        placed = set(session.execute(_PLACED).scalars())
        return [step for step in steps() if step.name not in placed]

    return db.read(look)


def entries(db: Database) -> int:
    """How many entries would move."""
    return int(db.read(lambda session: session.execute(_ENTRIES).scalar_one()))


def distribute(db: Database, *, shards: int, say: Callable[[Step], None]) -> int:
    """Bring every table to its place; one that is there already stays. Returns how many moved.

    Args:
        shards: in how many parts the 256 buckets are spread; no more machines than that can share them.
        say: told of each table before it moves.

    Raises:
        OneMachine
    """
    waiting = to_place(db)
    for step in waiting:
        say(step)
        db.write(partial(_place, step=step, shards=shards))
    return len(waiting)


def statement(step: Step, *, shards: int) -> tuple[sa.TextClause, dict[str, object]]:
    """What is told to the database, and with which values."""
    if step.column is None:
        return _COPY, {"table": step.name}
    if step.beside is None:
        return _LEAD, {"table": step.name, "column": step.column, "shards": shards}
    return _BESIDE, {"table": step.name, "column": step.column, "beside": step.beside}


def refuse_one_machine(session: Session) -> None:
    """Let pass a database that has the extension.

    Raises:
        OneMachine
    """
    if is_sqlite(session):
        raise OnSQLite
    if not session.execute(_IS_THERE).scalar_one():
        raise CitusNotCreated if session.execute(_AT_HAND).scalar_one() else NoCitus


def _place(session: Session, *, step: Step, shards: int) -> None:
    session.execute(ALLOW_TRIGGERS)
    session.execute(*statement(step, shards=shards))
