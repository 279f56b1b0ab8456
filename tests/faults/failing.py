"""A database that fails, or whose process is killed, at the statement, or the commit, that it is told to."""

from __future__ import annotations

import os
import signal
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from loyalty.db import Database


class InjectedFault(OperationalError):
    """What the driver would raise when a disk or a connection fails under a statement."""


@dataclass
class Count:
    """What was sent to the database: statements and commits, in one count; and whether one was made to fail."""

    calls: int = 0
    commits: int = 0
    failed: bool = False


@contextmanager
def failing_at(db: Database, number: int | None = None) -> Iterator[Count]:
    """Make the `number`th statement or commit fail, from 1; None: only count them."""
    count = Count()

    def next_one(what: str) -> None:
        count.calls += 1
        if count.calls == number:
            count.failed = True
            cause = sqlite3.OperationalError if db.is_sqlite else psycopg.OperationalError
            raise InjectedFault(what, None, cause("disk I/O error"))

    def statement(_connection: Any, _cursor: Any, text: str, *_: Any) -> None:
        next_one(text)

    def commit(connection: Any) -> None:
        try:
            next_one("COMMIT")
        except InjectedFault:
            if not db.is_sqlite:
                connection.connection.rollback()  # a server that refuses a COMMIT has ended the transaction
            raise
        count.commits += 1

    event.listen(db.engine, "before_cursor_execute", statement)
    event.listen(db.engine, "commit", commit)
    try:
        yield count
    finally:
        event.remove(db.engine, "before_cursor_execute", statement)
        event.remove(db.engine, "commit", commit)


def killed_at(db: Database, number: int, *, within: float) -> None:
    """Kill this process, as the kernel does, so many seconds after its `number`th statement or commit has begun."""
    left = iter(range(number - 1, -1, -1))
    kill = threading.Timer(within, os.kill, (os.getpid(), signal.SIGKILL))

    def count(*_: Any) -> None:
        if next(left, None) == 0:
            kill.start()

    event.listen(db.engine, "before_cursor_execute", count)
    event.listen(db.engine, "commit", count)
