"""The demonstration's database: told once into a draft, kept from then on; never anybody else's."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa
from sqlmodel import Session, select

from loyalty.db import Database, migrate
from loyalty.errors import Refused
from loyalty.i18n import Words
from loyalty.programme.tables import Programme
from loyalty.seed.passes import ODILES_KEY
from loyalty.staff.tables import ApiKey

Tell = Callable[[Database], object]


class NotOurDatabase(Refused):
    """What is there was made by somebody else, or is half a story: the demonstration leaves it alone."""

    code = "not_our_database"
    words = Words(
        fr="La base {where} contient déjà autre chose, ou une démonstration interrompue : donnez-en une vide.",
        en="The database {where} holds something else already, or half a demonstration: give an empty one.",
    )


def prepare(url: str, tell: Tell) -> bool:
    """Migrate the database and have the story told into it, unless it was before.

    Args:
        tell: fills an empty, migrated database, passes of the cast included.

    Returns:
        whether it was told now.

    Raises:
        NotOurDatabase
    """
    path = sa.make_url(url).database
    if url.startswith("sqlite") and path:
        return _prepare_file(url, Path(path), tell)
    if _is_told(url):
        migrate(url)
        return False
    _tell(url, tell)
    return True


def _prepare_file(url: str, path: Path, tell: Tell) -> bool:
    """As a file is told into a draft first, an interrupted story leaves nothing behind but the draft."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with _alone(path.with_name(f"{path.name}.lock")):
        if path.exists() and _is_told(url):
            migrate(url)
            return False
        draft = path.with_name(f"{path.name}.draft")
        for leftover in path.parent.glob(f"{draft.name}*"):
            leftover.unlink()
        _tell(sa.make_url(url).set(database=str(draft)).render_as_string(hide_password=False), tell)
        with draft.open("rb") as written:
            os.fsync(written.fileno())
        draft.replace(path)
        return True


def _tell(url: str, tell: Tell) -> None:
    migrate(url)
    db = Database(url)
    _hurry(db)
    try:
        tell(db)
    finally:
        db.dispose()


def _hurry(db: Database) -> None:
    """Let commits not wait for the disk: what is lost in a crash would have been told anew anyway."""
    if db.is_sqlite:
        sa.event.listen(db.engine, "connect", lambda raw, _: raw.execute("PRAGMA synchronous = OFF"))
    else:
        sa.event.listen(db.engine, "begin", lambda opened: opened.exec_driver_sql("SET LOCAL synchronous_commit = off"))


def _is_told(url: str) -> bool:
    """Whether the whole story is there; False where there is nothing at all.

    Raises:
        NotOurDatabase: there is something else.
    """
    db = Database(url)
    try:
        if not sa.inspect(db.engine).has_table(str(Programme.__tablename__)):
            return False
        told, empty = db.read(_look)
    finally:
        db.dispose()
    if not told and not empty:
        raise NotOurDatabase(where=sa.make_url(url).render_as_string())
    return told


def _look(session: Session) -> tuple[bool, bool]:
    """Whether the last thing that is told is there, and whether nothing is."""
    names = session.exec(select(ApiKey.name)).all()
    return ODILES_KEY in names, not names and session.get(Programme, 1) is None


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Wait until no other process is at it."""
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
