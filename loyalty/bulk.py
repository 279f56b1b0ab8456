"""Many rows in one statement: array literals on PostgreSQL, one prepared statement on SQLite.

An ORM session or a bound parameter per value costs more than the writing itself; both databases get here the
fastest form their driver has, from one call. Values are plain: instants aware, JSON already dumped to text.
"""

import json
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlmodel import Session

from loyalty.db import Digest, is_distributed, is_sqlite, to_microseconds
from loyalty.ids import bucket_of

Row = tuple[Any, ...]
_POSTGRESQL = postgresql.dialect()


def insert(session: Session, table: sa.Table, columns: Sequence[str], rows: Sequence[Row]) -> None:
    """Insert `rows`, each a tuple in the order of `columns`; a unique key they break is an error."""
    _run(session, _insert_sql(table, tuple(columns), is_sqlite(session)), table, columns, rows)


def insert_missing(
    session: Session, table: sa.Table, columns: Sequence[str], rows: Sequence[Row], *, keys: Sequence[str]
) -> None:
    """Insert those `rows` whose `keys` are not there yet. On PostgreSQL it waits for a twin under way to end."""
    sql = _insert_sql(table, tuple(columns), is_sqlite(session)) + f" ON CONFLICT ({', '.join(keys)}) DO NOTHING"
    _run(session, sql, table, columns, rows)


def upsert(
    session: Session,
    table: sa.Table,
    columns: Sequence[str],
    rows: Sequence[Row],
    *,
    keys: Sequence[str],
    adds: Sequence[str],
) -> None:
    """Insert `rows`, or where `keys` exist already, add to the columns `adds`.

    No two rows may have the same keys.
    """
    changes = [f"{name} = {table.name}.{name} + excluded.{name}" for name in adds]
    sql = _insert_sql(table, tuple(columns), is_sqlite(session))
    sql += f" ON CONFLICT ({', '.join(keys)}) DO UPDATE SET {', '.join(changes)}"
    _run(session, sql, table, columns, rows)


def update(
    session: Session,
    table: sa.Table,
    rows: Sequence[Row],
    *,
    keys: Sequence[str],
    adds: Sequence[str] = (),
    sets: Sequence[str] = (),
) -> None:
    """Update the rows found by `keys`: add to the columns `adds`, replace the columns `sets`.

    Each row is a tuple in the order adds, sets, keys.
    """
    columns = [*adds, *sets, *keys]
    if is_sqlite(session):
        changes = [f"{name} = {name} + ?" for name in adds] + [f"{name} = ?" for name in sets]
        where = " AND ".join(f"{name} = ?" for name in keys)
        sql = f"UPDATE {table.name} SET {', '.join(changes)} WHERE {where}"  # noqa: S608 - names of our own tables
    else:
        changes = [f"{name} = {table.name}.{name} + given.{name}" for name in adds]
        changes += [f"{name} = given.{name}" for name in sets]
        where = " AND ".join(f"{table.name}.{name} = given.{name}" for name in keys)
        sql = (
            f"UPDATE {table.name} SET {', '.join(changes)} FROM {_arrays(table, columns)}"  # noqa: S608
            f" AS given ({', '.join(columns)}) WHERE {where}"
        )
        if rows and "bucket" in keys and is_distributed(session):
            buckets = sorted(
                {row[columns.index("bucket")] for row in rows}
            )  # whole numbers, said plainly to the planner
            sql += f" AND {table.name}.bucket IN ({', '.join(map(str, map(int, buckets)))})"
    _run(session, sql, table, columns, rows)


def move(session: Session, table: sa.Table, which: Iterable[sa.ColumnElement[bool]], **values: Any) -> int:
    """Take out the rows found by `which` and put them in again with `values`. Returns how many.

    For the column by which a table is spread over machines: where a row stands is not changed by an UPDATE.
    """
    rows = session.execute(sa.delete(table).where(*which).returning(*table.c)).mappings().all()
    for row in rows:  # one by one: an empty document must be said to be none
        session.execute(
            sa.insert(table).values(
                {name: sa.null() if value is None else value for name, value in {**row, **values}.items()}
            )
        )
    return len(rows)


def fetch(session: Session, query: sa.Select[Any]) -> list[Row]:
    """All rows of `query` as the driver's plain tuples; only for columns whose values need no conversion."""
    cursor = session.connection().execute(query).cursor
    assert cursor is not None, "a query answers rows"
    return cast(list[Row], cursor.fetchall())


def one_of(session: Session, column: Any, values: Iterable[Any]) -> sa.ColumnElement[bool]:
    """The condition that `column` is one of `values`, in one bound parameter however many they are."""
    values = list(values)
    if len(values) == 1:  # quicker to build, and to plan
        return cast(sa.ColumnElement[bool], column == values[0])
    column = sa.type_coerce(column, column.type)
    if is_sqlite(session):
        given = sa.func.json_each(json.dumps(values)).table_valued("value")
        return cast(sa.ColumnElement[bool], column.in_(sa.select(given.c.value)))
    literal = array_literal(values, _escape(column.type))
    return cast(
        sa.ColumnElement[bool],
        column == sa.any_(sa.cast(sa.literal(literal, sa.Text), postgresql.ARRAY(column.type))),
    )


def of_holders(session: Session, bucket: Any, holder_ids: Iterable[int]) -> sa.ColumnElement[bool]:
    """The condition that spares a query every machine but those where these holders are.

    Where one machine has them all it says nothing: there no index begins with a bucket.
    """
    if not is_distributed(session):
        return sa.true()
    return one_of(session, bucket, sorted({bucket_of(each) for each in holder_ids}))


def one_of_pairs(
    session: Session, first: Any, second: Any, pairs: Collection[tuple[int, int]]
) -> sa.ColumnElement[bool]:
    """The condition that two columns of whole numbers are one of `pairs` together, in at most two bound parameters."""
    if is_sqlite(session):
        given = sa.func.json_each(json.dumps(list(pairs))).table_valued("value")
        wanted = sa.select(*(sa.func.json_extract(given.c.value, f"$[{place}]") for place in (0, 1)))
    else:
        wanted = sa.select(
            *(
                sa.func.unnest(sa.cast(sa.literal(array_literal(values), sa.Text), postgresql.ARRAY(column.type)))
                for column, values in zip((first, second), zip(*pairs, strict=True), strict=True)
            )
        )
    return cast(sa.ColumnElement[bool], sa.tuple_(first, second).in_(wanted))


def array_literal(values: Iterable[Any], escape: Callable[[Any], str] = str) -> str:
    """PostgreSQL's text form of an array: three times cheaper to bind than a Python list.

    Most columns of a batch say few different things: each is written once.
    """
    values = list(values)
    written = {value: "NULL" if value is None else escape(value) for value in set(values)}
    return "{" + ",".join([written[value] for value in values]) + "}"


def _quoted(value: Any) -> str:
    return '"' + str(value).replace("\\", "\\\\").replace('"', '\\"') + '"'


def _hex(value: bytes) -> str:
    return '"\\\\x' + value.hex() + '"'


def _digest(value: str) -> str:
    return '"\\\\x' + value + '"'


def _instant(value: datetime) -> str:
    return '"' + value.isoformat() + '"'


def _escape(column_type: Any) -> Callable[[Any], str]:
    if isinstance(column_type, Digest):
        return _digest
    kind = _array_type(column_type)
    if kind in ("bigint", "integer", "smallint", "boolean"):
        return str
    special: dict[str, Callable[[Any], str]] = {"bytea": _hex, "timestamptz": _instant}
    return special.get(kind, _quoted)


def _array_type(column_type: Any) -> str:
    if type(column_type).__name__ == "UTCDateTime":
        return "timestamptz"
    return str(column_type.dialect_impl(_POSTGRESQL).compile(dialect=_POSTGRESQL)).lower()


@lru_cache(maxsize=256)
def _column_kinds(table: sa.Table, columns: tuple[str, ...]) -> tuple[tuple[str, Callable[[Any], str]], ...]:
    types = [table.c[name].type for name in columns]
    return tuple((_array_type(each), _escape(each)) for each in types)


def _arrays(table: sa.Table, columns: Sequence[str]) -> str:
    kinds = _column_kinds(table, tuple(columns))
    return f"unnest({', '.join(f'CAST(%s AS {kind}[])' for kind, _ in kinds)})"


@lru_cache(maxsize=256)
def _insert_sql(table: sa.Table, columns: tuple[str, ...], sqlite: bool) -> str:
    names = ", ".join(columns)
    if sqlite:
        return f"INSERT INTO {table.name} ({names}) VALUES ({', '.join('?' * len(columns))})"  # noqa: S608
    # "WHERE true" keeps ON CONFLICT apart from the join syntax it could be mistaken for.
    return f"INSERT INTO {table.name} ({names}) SELECT * FROM {_arrays(table, columns)} WHERE true"  # noqa: S608


def _run(session: Session, sql: str, table: sa.Table, columns: Sequence[str], rows: Sequence[Row]) -> None:
    if not rows:
        return
    connection = session.connection()
    if is_sqlite(session):
        instants = [at for at, name in enumerate(columns) if type(table.c[name].type).__name__ == "UTCDateTime"]
        connection.exec_driver_sql(sql, _with_microseconds(rows, instants) if instants else list(rows))
        return
    kinds = _column_kinds(table, tuple(columns))
    arrays = tuple(
        array_literal(values, escape) for values, (_, escape) in zip(zip(*rows, strict=True), kinds, strict=True)
    )
    connection.exec_driver_sql(sql, arrays)


def _with_microseconds(rows: Sequence[Row], instants: Sequence[int]) -> list[Row]:
    columns: list[Sequence[Any]] = list(zip(*rows, strict=True))
    for at in instants:
        known: dict[datetime | None, int | None] = {None: None}
        for value in columns[at]:
            if value not in known:
                known[value] = to_microseconds(value)
        columns[at] = [known[value] for value in columns[at]]
    return list(zip(*columns, strict=True))
