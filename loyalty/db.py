"""The database: the two ways into it, and the only place where a transaction begins and ends."""

import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.ext.compiler import compiles
from sqlmodel import Session

from loyalty.engines import distributed, postgresql_engine, sqlite_engine
from loyalty.errors import Busy

T = TypeVar("T")

NAMES = {
    "pk": "%(table_name)s_key",
    "ix": "%(table_name)s_by_%(column_0_N_name)s",
    "uq": "%(table_name)s_one_per_%(column_0_N_name)s",
    "ck": "%(constraint_name)s",
    "fk": "%(table_name)s_has_%(column_0_name)s",
}

_CHANGED = "loyalty_changed"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class UTCDateTime(sa.types.TypeDecorator[datetime]):
    """An instant. PostgreSQL keeps `timestamptz`, SQLite (which forgets zones) whole microseconds since 1970."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: sa.Dialect) -> Any:
        return sa.Integer() if dialect.name == "sqlite" else postgresql.TIMESTAMP(timezone=True)

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> Any:
        if value is None:
            return None
        assert value.tzinfo is not None, "an instant needs its time zone"
        return to_microseconds(value) if dialect.name == "sqlite" else value.astimezone(UTC)

    def process_result_value(self, value: Any, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        return from_microseconds(value) if dialect.name == "sqlite" else value.astimezone(UTC)


class Digest(sa.types.TypeDecorator[str]):
    """A digest, hexadecimal in Python. PostgreSQL keeps its bytes, half as many: a billion of them stand in indexes."""

    impl = sa.String
    cache_ok = True

    def load_dialect_impl(self, dialect: sa.Dialect) -> Any:
        return sa.String() if dialect.name == "sqlite" else postgresql.BYTEA()

    def process_bind_param(self, value: str | None, dialect: sa.Dialect) -> Any:
        return value if value is None or dialect.name == "sqlite" else bytes.fromhex(value)

    def process_result_value(self, value: Any, dialect: sa.Dialect) -> str | None:
        return value if value is None or dialect.name == "sqlite" else bytes(value).hex()


def to_microseconds(instant: datetime) -> int:
    """Whole microseconds since 1970: how SQLite keeps an instant."""
    return (instant - _EPOCH) // _MICROSECOND


def from_microseconds(microseconds: int) -> datetime:
    """The instant SQLite kept."""
    return _EPOCH + timedelta(microseconds=microseconds)


JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")

# STRICT tables of SQLite know INTEGER, REAL, TEXT and BLOB only.
for _type, _strict in (
    (sa.String, "TEXT"),
    (sa.Text, "TEXT"),
    (sa.JSON, "TEXT"),
    (sa.BigInteger, "INTEGER"),
    (sa.SmallInteger, "INTEGER"),
    (sa.Boolean, "INTEGER"),
    (sa.Date, "TEXT"),
):
    compiles(_type, "sqlite")(lambda element, compiler, _strict=_strict, **options: _strict)


class Database:
    """One database. `write` and `read` are the only two ways in.

    Args:
        url: SQLAlchemy address; SQLite and PostgreSQL (psycopg) are supported.
        busy_timeout_seconds: how long a writer waits for its turn before `Busy` is raised.
        pool_size: connections kept open by this process.
    """

    def __init__(self, url: str, *, busy_timeout_seconds: float = 10, pool_size: int = 10) -> None:
        self.url = url
        self.busy_timeout_seconds = busy_timeout_seconds
        self.is_sqlite = url.startswith("sqlite")
        # Within one process writers queue here: SQLite's own waiting polls, and starves the unlucky.
        self._writer = threading.Lock()
        self.engine = sqlite_engine(url, busy_timeout_seconds) if self.is_sqlite else postgresql_engine(url, pool_size)
        self._reader = self.engine.execution_options(loyalty_reads=True)
        self.changes = 0  # that staff made through this process: what was read before may be so no more

    @cached_property
    def is_distributed(self) -> bool:
        """Whether `loyalty db distribute` has spread the tables over many machines."""
        with self.engine.connect():
            return self.engine.dialect in distributed

    def write(self, steps: Callable[[Session], T], *, attempts: int = 8) -> T:
        """Run `steps` in one transaction and commit it; deadlocks and lost races are tried again with jitter.

        `steps` may run several times: it must do nothing but read and write through its session.

        Raises:
            Busy: the database stayed locked.
        """
        for attempt in range(attempts):
            try:
                with self._turn(), Session(self.engine, autoflush=False, expire_on_commit=False) as session:
                    result = steps(session)
                    session.commit()
                    self.changes += session.info.get(_CHANGED, 0)
                    return result
            except TryAgain:
                if attempt == attempts - 1:
                    raise Busy from None
            except DBAPIError as problem:
                if not _may_succeed_next_time(problem):
                    raise
                if _is_locked(problem) or attempt == attempts - 1:
                    raise Busy from problem
            time.sleep(random.uniform(0, 0.01 * 2**attempt))  # noqa: S311 - jitter, not a secret
        raise AssertionError("unreachable")

    def read(self, steps: Callable[[Session], T]) -> T:
        """Run `steps` on one snapshot and change nothing."""
        try:
            with Session(self._reader, autoflush=False, expire_on_commit=False) as session:
                return steps(session)
        except OperationalError as problem:
            if _is_locked(problem):
                raise Busy from problem
            raise

    def dispose(self) -> None:
        """Close every connection."""
        self.engine.dispose()

    @contextmanager
    def _turn(self) -> Iterator[None]:
        if not self.is_sqlite:
            yield
            return
        if not self._writer.acquire(timeout=self.busy_timeout_seconds):
            raise Busy
        try:
            yield
        finally:
            self._writer.release()


class Joined:
    """A `Database` look-alike that runs a flow inside a transaction another flow has opened."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def write(self, steps: Callable[[Session], T]) -> T:
        """Run `steps` in the open transaction; whoever opened it commits."""
        return steps(self._session)

    @property
    def is_distributed(self) -> bool:
        """Never: whoever opened the transaction has cut what is to be done already."""
        return False

    def read(self, steps: Callable[[Session], T]) -> T:
        """Run `steps` in the open transaction."""
        return steps(self._session)


Writer = Database | Joined


class TryAgain(Exception):
    """Raised by a step whose premises moved under it: the whole transaction is rolled back and run again."""


def note_change(session: Session) -> None:
    """Say that what everybody is shown changes with this transaction."""
    session.info[_CHANGED] = 1


def is_sqlite(session: Session) -> bool:
    """Whether the session speaks to SQLite."""
    return session.get_bind().dialect.name == "sqlite"


def one_snapshot(session: Session) -> None:
    """Let all that this session reads be of one moment; to be said before it reads. SQLite does so anyway."""
    if not is_sqlite(session):
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})


def is_distributed(session: Session) -> bool:
    """Whether the tables are spread over many machines: then a statement has to say whose bucket it is about."""
    return session.get_bind().dialect in distributed


def _sqlstate(problem: DBAPIError) -> str | None:
    return getattr(problem.orig, "sqlstate", None)


def _is_locked(problem: DBAPIError) -> bool:
    return _sqlstate(problem) == "55P03" or (_sqlstate(problem) is None and "database is locked" in str(problem.orig))


def _may_succeed_next_time(problem: DBAPIError) -> bool:
    return _sqlstate(problem) in ("40P01", "40001") or _is_locked(problem)


def alembic_config(url: str) -> Config:
    """Alembic's configuration for `url`, whether we run from a checkout or from an installed wheel."""
    here = Path(__file__).parent
    inside, beside = here / "migrations", here.parent / "migrations"
    config = Config()
    config.set_main_option("script_location", str(inside if inside.is_dir() else beside))
    config.attributes["url"] = url
    return config


def migrate(url: str, revision: str = "head") -> None:
    """Bring the schema of `url` to `revision`."""
    command.upgrade(alembic_config(url), revision)
