"""A backup is one file of the whole database at one moment, taken while it is in use; what comes back is proved."""

from __future__ import annotations

import hashlib
import os
import shutil
import sqlite3
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa
from sqlmodel import Session

from loyalty import clock, ids
from loyalty.db import Database, migrate
from loyalty.errors import Refused
from loyalty.flows.verify import Proof, verify
from loyalty.i18n import Words
from loyalty.ledger.tables import Backup, Entry

_backup = Backup.__table__  # type: ignore[attr-defined]
_entry = Entry.__table__  # type: ignore[attr-defined]

_CHUNK = 1 << 20
_LONGEST_SAID = 500  # characters of what a tool of PostgreSQL complains of


class BackupFailed(Refused):
    """The tool that copies the database failed, or is not there."""

    code = "backup_failed"
    status = 503
    words = Words(fr="La sauvegarde a échoué : {why}", en="The backup failed: {why}")


class NotABackup(Refused):
    """The file is none of ours, or is damaged."""

    code = "not_a_backup"
    words = Words(
        fr="Ce fichier n’est pas une sauvegarde de cette sorte de base, ou il est abîmé : {why}",
        en="This file is no backup of this kind of database, or is damaged: {why}",
    )


class RestoreTargetNotEmpty(Refused):
    """Where it should go there is something already, which a restore would mix with or destroy."""

    code = "restore_target_not_empty"
    status = 409
    words = Words(
        fr="La base visée n’est pas vide : restaurez dans une base neuve.",
        en="The target database is not empty: restore into a new one.",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class BackedUp:
    """A backup that is on disk, whole.

    Attributes:
        at: everything that was committed before it is in.
        sha256: of the file.
    """

    path: Path
    at: datetime
    bytes: int
    sha256: str
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """A database that is back.

    Attributes:
        latest: when the last entry was recorded: what came after it has to come from its senders again.
        proof: None where it was not asked for.
    """

    latest: datetime | None
    seconds: float
    proof: Proof | None


def back_up(db: Database, path: Path) -> BackedUp:
    """Copy the whole database into a file, which is there whole or not at all; writers are not kept waiting.

    Args:
        path: must not exist. It will hold no secret of the settings: keep those elsewhere, too.

    Raises:
        FileExistsError
        BackupFailed
    """
    if path.exists():
        raise FileExistsError(path)
    at, began = clock.now(), time.monotonic()
    with _draft_of(path) as draft:
        if db.is_sqlite:
            _copy_sqlite(db, draft)
        else:
            command = ["--format=custom", "--no-owner", "--no-privileges", f"--file={draft}", _for_tools(db.url)]
            _run("pg_dump", command, BackupFailed)
    done = BackedUp(
        path=path,
        at=at,
        bytes=path.stat().st_size,
        sha256=_digest(path),
        seconds=round(time.monotonic() - began, 3),
    )
    row = Backup(
        id=ids.new(), began_at=at, finished_at=clock.now(), file_name=path.name, bytes=done.bytes, sha256=done.sha256
    )
    db.write(lambda session: session.add(row))
    return done


def restore(url: str, path: Path, *, proved: bool = True) -> Restored:
    """Fill an empty database from a backup and bring its schema up to date.

    Args:
        url: of the database to fill: a file that does not exist, or a database without a table.
        proved: whether to prove the books afterwards.

    Raises:
        FileNotFoundError
        RestoreTargetNotEmpty
        NotABackup
        BackupFailed: a tool of PostgreSQL is not there.
    """
    if not path.is_file():
        raise FileNotFoundError(path)
    began = time.monotonic()
    if url.startswith("sqlite"):
        _restore_sqlite(url, path)
    else:
        _restore_postgresql(url, path)
    migrate(url)
    db = Database(url)
    try:
        proof = verify(db) if proved else None
        latest = db.read(_latest)
    finally:
        db.dispose()
    return Restored(latest=latest, seconds=round(time.monotonic() - began, 3), proof=proof)


def last_backup(session: Session) -> Backup | None:
    """The one that was made last."""
    return session.execute(sa.select(Backup).order_by(_backup.c.id.desc()).limit(1)).scalar_one_or_none()


def _copy_sqlite(db: Database, draft: Path) -> None:
    # One snapshot, written out compact; the write-ahead log lets writers go on meanwhile.
    try:
        with closing(sqlite3.connect(str(sa.make_url(db.url).database), timeout=db.busy_timeout_seconds)) as source:
            source.execute("VACUUM INTO ?", (str(draft),))
    except sqlite3.Error as problem:
        raise BackupFailed(why=str(problem)) from None


def _restore_sqlite(url: str, path: Path) -> None:
    target = Path(str(sa.make_url(url).database))
    if target.exists():
        raise RestoreTargetNotEmpty
    target.parent.mkdir(parents=True, exist_ok=True)
    with _draft_of(target) as draft:
        shutil.copyfile(path, draft)
        try:
            with closing(sqlite3.connect(draft)) as copied:
                (said,) = copied.execute("PRAGMA integrity_check").fetchone()
                tables = copied.execute("SELECT count(*) FROM sqlite_master WHERE name = 'alembic_version'").fetchone()
        except sqlite3.DatabaseError as problem:
            raise NotABackup(why=str(problem)) from None
        if said != "ok" or tables != (1,):
            raise NotABackup(why=str(said) if said != "ok" else "no schema")


def _restore_postgresql(url: str, path: Path) -> None:
    engine = sa.create_engine(url)
    try:
        if sa.inspect(engine).get_table_names():
            raise RestoreTargetNotEmpty
    finally:
        engine.dispose()
    command = ["--exit-on-error", "--single-transaction", "--no-owner", "--no-privileges"]
    _run("pg_restore", [*command, f"--dbname={_for_tools(url)}", str(path)], NotABackup)


def _run(tool: str, arguments: Sequence[str], refusal: type[Refused]) -> None:
    found = shutil.which(tool)
    if found is None:
        raise BackupFailed(why=f"{tool} is not on the path; it comes with PostgreSQL's client programs")
    done = subprocess.run([found, *arguments], capture_output=True, text=True, check=False)  # noqa: S603 - no shell
    if done.returncode != 0:
        raise refusal(why=done.stderr.strip()[-_LONGEST_SAID:])


def _for_tools(url: str) -> str:
    """The address as PostgreSQL's own programs read it."""
    return sa.make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def _latest(session: Session) -> datetime | None:
    return session.execute(sa.select(sa.func.max(_entry.c.recorded_at, type_=_entry.c.recorded_at.type))).scalar()


@contextmanager
def _draft_of(path: Path) -> Iterator[Path]:
    """A file beside `path` that takes its place once it is on disk."""
    draft = path.with_name(f"{path.name}.draft")
    draft.unlink(missing_ok=True)
    try:
        yield draft
        with draft.open("rb") as written:
            os.fsync(written.fileno())
        draft.replace(path)
        folder = os.open(path.parent, os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)
    finally:
        draft.unlink(missing_ok=True)


def _digest(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
