"""Files that staff sent to be imported: kept whole, tried, imported bit by bit, forgotten."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from loyalty import clock, ids
from loyalty.errors import NotFound, Refused
from loyalty.i18n import Words
from loyalty.intake.tables import ImportRun, ImportUpload

TO_TRY, TRIED, TO_IMPORT, IMPORTED = "to_try", "tried", "to_import", "imported"
CANCELLED, FAILED = "cancelled", "failed"
_upload = ImportUpload.__table__  # type: ignore[attr-defined]
_light = [column for column in _upload.c if column.name not in ("body", "errors")]
_sizes = [
    sa.func.length(_upload.c.body).label("body_bytes"),
    sa.func.coalesce(sa.func.length(_upload.c.errors), 0).label("error_bytes"),
]

Row = sa.Row[Any]  # every column of an upload but its two files, and how large those are


class NotInThatState(Refused):
    """The upload went on meanwhile: what was asked for does not fit any more."""

    code = "upload_moved_on"
    status = 409
    words = Words(
        fr="Ce fichier n’en est plus là : rouvrez la page pour voir où il en est.",
        en="This file has moved on: open the page again to see where it is.",
    )


def add(session: Session, *, file_name: str, body: bytes, choices: dict[str, Any], by: str) -> int:
    """Keep a file, to be tried. Returns its number."""
    now = clock.now()
    row = {"file_name": file_name, "body": body, "choices": choices, "state": TO_TRY, "uploaded_by": by}
    upload_id = ids.new()
    session.execute(sa.insert(_upload).values(id=upload_id, created_at=now, moved_at=now, **row))
    return upload_id


def find(session: Session, upload_id: int) -> Row:
    """One upload.

    Raises:
        NotFound
    """
    found = session.execute(sa.select(*_light, *_sizes).where(_upload.c.id == upload_id)).one_or_none()
    if found is None:
        raise NotFound(what="import")
    return found


def latest(session: Session, *, limit: int, below_id: int | None = None) -> list[Row]:
    """The latest first."""
    chosen = sa.select(*_light, *_sizes).order_by(_upload.c.id.desc()).limit(limit)
    if below_id is not None:
        chosen = chosen.where(_upload.c.id < below_id)
    return list(session.execute(chosen))


def runs(session: Session, run_ids: Collection[int]) -> dict[int, ImportRun]:
    """How far these imports came."""
    return {run.id: run for run in session.exec(select(ImportRun).where(col(ImportRun.id).in_(run_ids)))}


def first_in(session: Session, state: str) -> Row | None:
    """The upload that has been in a state for longest."""
    chosen = sa.select(*_light, *_sizes).where(_upload.c.state == state).order_by(_upload.c.moved_at, _upload.c.id)
    return session.execute(chosen.limit(1)).first()


def body(session: Session, upload_id: int) -> bytes:
    """The file itself."""
    return bytes(session.execute(sa.select(_upload.c.body).where(_upload.c.id == upload_id)).scalar_one())


def errors(session: Session, upload_id: int) -> bytes:
    """The rows that could not be taken, as a file."""
    kept = session.execute(sa.select(_upload.c.errors).where(_upload.c.id == upload_id)).scalar_one_or_none()
    return bytes(kept or b"")


def move(session: Session, upload_id: int, *, among: Collection[str], to: str, **values: Any) -> None:
    """Bring an upload from one of some states to another.

    Raises:
        NotInThatState: it is in none of them.
    """
    moved: Any = session.execute(
        sa.update(_upload)
        .where(_upload.c.id == upload_id, _upload.c.state.in_(among))
        .values(state=to, moved_at=clock.now(), **values)
    )
    if not moved.rowcount:
        raise NotInThatState


def hold(session: Session, upload_id: int) -> Row | None:
    """Lock an upload that is still to be imported; None when it is not any more."""
    chosen = sa.select(_upload.c.id, _sizes[1]).where(_upload.c.id == upload_id, _upload.c.state == TO_IMPORT)
    return session.execute(chosen.with_for_update()).one_or_none()


def note(session: Session, upload_id: int, *, run_id: int | None, errors: bytes | None) -> None:
    """Write down which import it is, and its errors file where that grew."""
    values: dict[str, Any] = {"moved_at": clock.now()}
    if run_id is not None:
        values["run_id"] = run_id
    if errors is not None:
        values["errors"] = errors
    session.execute(sa.update(_upload).where(_upload.c.id == upload_id).values(**values))


def forget(session: Session, *, before: datetime, limit: int) -> int:
    """Empty files that ended before an instant; returns how many."""
    over = (
        sa.select(_upload.c.id)
        .where(
            _upload.c.state.in_((IMPORTED, CANCELLED, FAILED, TRIED)),
            _upload.c.moved_at < before,
            sa.or_(_upload.c.body != b"", _upload.c.errors.is_not(None)),
        )
        .limit(limit)
    )
    done: Any = session.execute(
        sa.update(_upload).where(_upload.c.id.in_(over)).values(body=b"", errors=sa.null(), rehearsal=sa.null())
    )
    return int(done.rowcount)
