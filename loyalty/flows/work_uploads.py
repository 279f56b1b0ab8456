"""A file that staff sent is tried by the worker, looked at by a person, then imported bit by bit.

A step does a few seconds of work and returns, so that no other job waits for it. It may be killed anywhere: every
thousand rows are one transaction with the errors file, and the file itself is written anew from its stored bytes.
"""

from __future__ import annotations

import logging
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from sqlmodel import Session

from loyalty.db import Database
from loyalty.errors import Busy, Refused
from loyalty.fields import storable
from loyalty.flows.import_file import Fate, import_file, rehearse_file
from loyalty.i18n import LANGUAGES, Words
from loyalty.intake import uploads
from loyalty.intake.csv_columns import Choices
from loyalty.intake.csv_file import open_csv, read_header
from loyalty.intake.errors_file import ErrorsFile
from loyalty.intake.imports import Counts, ImportUnderWay
from loyalty.intake.problems import BadColumns
from loyalty.intake.uploads import FAILED, IMPORTED, TO_IMPORT, TO_TRY, TRIED
from loyalty.programme.find import the_programme
from loyalty.rules.words import explain_outcome
from loyalty.staff import accounts

T = TypeVar("T")
log = logging.getLogger("loyalty.uploads")

MOST_ERROR_BYTES = 8 << 20  # so many rows that cannot be taken: the columns are not what they were said to be
SECONDS = 2.0  # of one step, about
SHOWN = 20  # rows of a trial
_SHOWN_CELL = 200  # characters of one cell


class TooManyBadRows(Refused):
    """More rows cannot be taken than anybody would correct."""

    code = "too_many_bad_rows"
    words = Words(
        fr="Trop de lignes sont mauvaises : vérifiez ce que disent les colonnes. Ce qui est entré reste.",
        en="Too many rows are bad: check what the columns say. What is in stays in.",
    )


class _Stopped(Exception):
    """Somebody cancelled it between two steps."""


def work_uploads(db: Database, *, seconds: float = SECONDS) -> int:
    """Do one step for one upload: try it, or import some more of it. Returns how many rows were read."""
    for state, step in ((TO_TRY, _try), (TO_IMPORT, _import)):
        found = db.read(lambda session: uploads.first_in(session, state))  # noqa: B023
        if found is not None:
            try:
                return step(db, found, seconds)
            except (_Stopped, ImportUnderWay, uploads.NotInThatState, Busy):
                return 0  # somebody else goes on with it, or nobody should
            except Refused as problem:
                _give_up(db, found.id, problem)
            except OSError:  # a full disk: it is tried again
                log.exception("upload %s cannot be worked", found.id)
    return 0


def _try(db: Database, found: uploads.Row, seconds: float) -> int:
    choices, path = Choices(**found.choices), _on_disk(db, found)
    until, counts, shown, place = time.monotonic() + seconds, Counts(), list[dict[str, Any]](), 0
    told: dict[str, Any] = {"bytes": path.stat().st_size}
    problem = None
    told["separator"], header = read_header(path, choices)
    told["header"] = [storable(each, _SHOWN_CELL) for each in header]
    zone = db.read(the_programme).zone
    try:
        source = open_csv(path, choices)
    except BadColumns as wrong:
        told["problem"] = {language: "\n".join(wrong.lines(language)) for language in LANGUAGES}
        problem = told["problem"]["en"]
    else:
        with closing(rehearse_file(db, source)) as steps:  # type: ignore[type-var]
            for rehearsed in steps:
                counts, place = rehearsed.counts, rehearsed.place.offset
                shown += [_told(fate, zone) for fate in rehearsed.fates[: SHOWN - len(shown)]]
                if time.monotonic() > until:
                    break
        told["is_whole"] = place == source.text.size
    told |= {"rows": shown, "bytes_tried": place, "counts": _as_json(counts)}
    db.write(
        lambda session: uploads.move(session, found.id, among=(TO_TRY,), to=TRIED, rehearsal=told, problem=problem)
    )
    return counts.rows


def _import(db: Database, found: uploads.Row, seconds: float) -> int:
    source = open_csv(_on_disk(db, found), Choices(**found.choices))
    path = source.text.path.with_suffix(".errors")
    path.write_bytes(db.read(lambda session: uploads.errors(session, found.id)))
    if not path.stat().st_size:
        path.unlink()
    errors = ErrorsFile(path, header=source.columns.kept, separator=source.separator)
    until, began, progress = time.monotonic() + seconds, None, None
    keeping = _KeepingErrors(db, found.id, path)
    language = db.read(lambda session: _language_of(session, found.uploaded_by))
    steps = import_file(keeping, source, errors, actor=found.uploaded_by, language=language)  # type: ignore[arg-type]
    for progress in steps:
        if progress.finished_at is not None:
            done = {"run_id": progress.id, "body": b""}
            db.write(lambda session: uploads.move(session, found.id, among=(TO_IMPORT,), to=IMPORTED, **done))  # noqa: B023
            _forget_file(found.id)
        elif began is not None and time.monotonic() > until:  # a step reads some rows, however slow it is
            break
        began = progress.counts.rows if began is None else began
    return 0 if progress is None or began is None else progress.counts.rows - began


@dataclass(frozen=True, slots=True)
class _KeepingErrors:
    """A database that writes the errors file in the same transaction as what counts on it."""

    db: Database
    upload_id: int
    path: Path

    def write(self, steps: Callable[[Session], T]) -> T:
        """Run `steps` while the upload is still to be imported.

        Raises:
            TooManyBadRows
        """

        def both(session: Session) -> T:
            known = uploads.hold(session, self.upload_id)
            if known is None:
                raise _Stopped
            result = steps(session)
            size = self.path.stat().st_size if self.path.exists() else 0
            if size > MOST_ERROR_BYTES:
                raise TooManyBadRows
            errors = self.path.read_bytes() if size != known.error_bytes else None
            uploads.note(session, self.upload_id, run_id=getattr(result, "id", None), errors=errors)
            return result

        return self.db.write(both)

    def read(self, steps: Callable[[Session], T]) -> T:
        """Run `steps` on one snapshot."""
        return self.db.read(steps)


_folders: dict[int, tempfile.TemporaryDirectory[str]] = {}  # of this process: written again when it is another


def _on_disk(db: Database, found: uploads.Row) -> Path:
    """The file of an upload, in a folder of this process."""
    folder = _folders.get(found.id)
    if folder is None or not Path(folder.name, found.file_name).exists():
        for upload_id in list(_folders):
            _forget_file(upload_id)
        folder = _folders[found.id] = tempfile.TemporaryDirectory(prefix="loyalty-upload-")
        Path(folder.name, found.file_name).write_bytes(db.read(lambda session: uploads.body(session, found.id)))
    return Path(folder.name, found.file_name)


def _language_of(session: Session, actor: str) -> str:
    """The language of the member of staff who sent a file."""
    account = accounts.by_email(session, actor.removeprefix("staff:"))
    return LANGUAGES[0] if account is None else account.language


def _forget_file(upload_id: int) -> None:
    folder = _folders.pop(upload_id, None)
    if folder is not None:
        folder.cleanup()


def _give_up(db: Database, upload_id: int, problem: Refused) -> None:
    said = problem.say("fr") + "\n" + problem.say("en")
    db.write(lambda session: uploads.move(session, upload_id, among=(TO_TRY, TO_IMPORT), to=FAILED, problem=said))
    _forget_file(upload_id)


def _told(fate: Fate, zone: ZoneInfo) -> dict[str, Any]:
    """One row of a trial as the page shows it."""
    row: dict[str, Any] = {
        "row": fate.row.number,
        "cells": [storable(each, _SHOWN_CELL) for each in fate.row.cells[:12]],
    }
    outcome = fate.outcome
    if fate.problem is not None or outcome is None:
        assert fate.problem is not None, "a row without an activity has a problem"
        return {**row, "what": "bad", "why": {language: fate.problem.say(language) for language in LANGUAGES}}
    if outcome.status == "duplicate":
        return {**row, "what": "duplicate", "why": dict.fromkeys(LANGUAGES, "")}
    why = {
        language: explain_outcome(
            outcome.reason or "",
            outcome.verdicts,
            language,
            points=outcome.points,
            status_points=outcome.status_points,
            time_zone=zone,
        )
        for language in LANGUAGES
    }
    return {**row, "what": outcome.outcome, "why": why, "points": outcome.points}


def _as_json(counts: Counts) -> dict[str, int]:
    return {name: getattr(counts, name) for name in Counts.__dataclass_fields__} | {"rows": counts.rows}
