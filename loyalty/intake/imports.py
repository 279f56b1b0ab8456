"""How far the import of a file has come, written in the transaction of what it imported."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from loyalty import bulk, ids
from loyalty.errors import Refused
from loyalty.fields import storable
from loyalty.i18n import Words
from loyalty.intake.csv_file import CsvFile, Place
from loyalty.intake.tables import ImportRun

_run = ImportRun.__table__  # type: ignore[attr-defined]
_NAME_LENGTH = 200


class ImportUnderWay(Refused):
    """Another process imports the same file at this moment."""

    code = "import_under_way"
    status = 409
    words = Words(
        fr="Le fichier {name} est déjà en cours d’importation ailleurs ; rien n’est fait deux fois.",
        en="The file {name} is being imported elsewhere already; nothing is done twice.",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """What became of rows: each is in exactly one of the first six; then what they earned.

    Attributes:
        refused: on record, and no rule awarded anything.
        duplicates: on record before.
        bad: not recorded: unreadable, or refused with its reason.
    """

    awarded: int = 0
    refused: int = 0
    measured: int = 0
    withdrawn: int = 0
    duplicates: int = 0
    bad: int = 0
    points: int = 0
    status_points: int = 0

    @property
    def rows(self) -> int:
        """All rows with a content."""
        return self.awarded + self.refused + self.measured + self.withdrawn + self.duplicates + self.bad

    def __add__(self, other: Counts) -> Counts:
        return Counts(**{each.name: getattr(self, each.name) + getattr(other, each.name) for each in fields(self)})


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """An import as it stands: everything before `place` is in, and counted."""

    id: int
    place: Place
    counts: Counts
    errors_bytes: int
    began_at: datetime
    finished_at: datetime | None


_counts = [each.name for each in fields(Counts)]


def begin(session: Session, file: CsvFile, *, now: datetime) -> tuple[Progress, bool]:
    """The import of this file under these choices, as far as it came; and whether it is new."""
    new_id = ids.new()
    row: dict[str, Any] = {
        "id": new_id,
        "key": file.key,
        "file_name": storable(file.name, _NAME_LENGTH),
        "file_sha256": file.text.sha256,
        "choices": json.dumps(file.choices.as_json()),
        "bytes_total": file.text.size,
        **_nothing_read(file),
        "began_at": now,
        "moved_at": now,
    }
    bulk.insert_missing(session, _run, tuple(row), [tuple(row.values())], keys=("key",))
    progress = _found(session, file.key)
    return progress, progress.id == new_id


def begin_again(session: Session, file: CsvFile, *, now: datetime) -> Progress:
    """Forget how far the import came: the file is read from its start."""
    session.execute(
        sa.update(_run).where(_run.c.key == file.key).values(**_nothing_read(file), moved_at=now, finished_at=None)
    )
    return _found(session, file.key)


def claim(session: Session, progress: Progress, file: CsvFile, *, place: Place, now: datetime) -> None:
    """Move on to `place`, before anything in between is done: who else imports the file waits here, and stops.

    Raises:
        ImportUnderWay: somebody else moved on from here.
    """
    moved: Any = session.execute(
        sa.update(_run)
        .where(_run.c.id == progress.id, _run.c.bytes_read == progress.place.offset, _run.c.finished_at.is_(None))
        .values(bytes_read=place.offset, rows_read=place.number, moved_at=now)
    )
    if moved.rowcount != 1:
        raise ImportUnderWay(name=file.name)


def count(
    session: Session,
    progress: Progress,
    counts: Counts,
    *,
    place: Place,
    errors_bytes: int,
    finished_at: datetime | None,
) -> Progress:
    """Write what became of the rows claimed; returns how far the import is then."""
    added = {name: _run.c[name] + getattr(counts, name) for name in _counts}
    session.execute(
        sa.update(_run)
        .where(_run.c.id == progress.id)
        .values(**added, errors_bytes=errors_bytes, finished_at=finished_at)
    )
    return replace(
        progress,
        place=place,
        counts=progress.counts + counts,
        errors_bytes=errors_bytes,
        finished_at=finished_at,
    )


def _nothing_read(file: CsvFile) -> dict[str, int]:
    start = {"bytes_read": file.body.offset, "rows_read": file.body.number, "errors_bytes": 0}
    return start | dict.fromkeys(_counts, 0)


def _found(session: Session, key: str) -> Progress:
    row = session.execute(sa.select(_run).where(_run.c.key == key)).one()
    return Progress(
        id=row.id,
        place=Place(offset=row.bytes_read, number=row.rows_read),
        counts=Counts(**{name: row._mapping[name] for name in _counts}),
        errors_bytes=row.errors_bytes,
        began_at=row.began_at,
        finished_at=row.finished_at,
    )
