"""A file of activities comes in by the same door as every other activity: tried first, then done, once.

Each thousand rows is one transaction with what it changed, how far the file is read and how long the errors file is;
so a killed import goes on where it stopped, and no row is in twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial

from sqlmodel import Session

from loyalty import clock
from loyalty.activities.fact import ActivityFact
from loyalty.db import Database, Joined
from loyalty.errors import Refused
from loyalty.fields import storable
from loyalty.flows.earn import BATCH, Outcome, earn
from loyalty.flows.rehearse import rehearsal
from loyalty.intake import imports
from loyalty.intake.csv_file import CsvFile, Place, Row
from loyalty.intake.errors_file import ErrorsFile
from loyalty.intake.imports import Counts, Progress
from loyalty.staff import audit

_BATCH_BYTES = 4 << 20  # of the file, however few rows that is: memory stays bounded
_SOURCE_LENGTH = 200


@dataclass(frozen=True, slots=True)
class Fate:
    """What became, or would become, of one row: the outcome of its activity, or why it has none."""

    row: Row
    outcome: Outcome | None
    problem: Refused | None


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """A rehearsal as far as it came: the latest rows, and the counts of all before and with them."""

    fates: list[Fate]
    place: Place
    counts: Counts


def rehearse_file(db: Database, file: CsvFile) -> Iterator[Rehearsed]:
    """Say what importing a file would do, and do nothing.

    Yields:
        after every thousand rows.

    Raises:
        NotFound: the programme is not set up.
        FileChanged
    """
    counts = Counts()
    with rehearsal(db) as rehearsed:
        for rows, place in _batches(file, file.body):
            fates = _fates(rows, rehearsed.earn(_facts(rows), source=_source(file)))
            counts += _counted(fates)
            yield Rehearsed(fates, place, counts)


def import_file(
    db: Database, file: CsvFile, errors: ErrorsFile, *, actor: str, language: str = "en", from_start: bool = False
) -> Iterator[Progress]:
    """Import a file, from where an earlier import of it under the same choices stopped.

    Args:
        errors: where rows go that cannot be taken.
        actor: who imports, for the audit trail.
        language: in which the errors file says what is wrong.
        from_start: read it all again, also what is in already: those rows are duplicates.

    Yields:
        how far it came: first before any row, then after every thousand; finished at last.

    Raises:
        NotFound: the programme is not set up.
        ImportUnderWay, FileChanged, NotAnErrorsFile, ErrorsFileTooShort, Busy: what is in is in; it can go on later.
    """
    progress = db.write(lambda session: _begin(session, file, actor, from_start=from_start))
    if progress.finished_at is None:
        errors.check(progress.errors_bytes)
    yield progress
    if progress.finished_at is not None:
        return
    for rows, place in _batches(file, progress.place):
        told = partial(_take, file=file, errors=errors, language=language)
        steps = partial(told, progress=progress, rows=rows, place=place)
        progress = db.write(steps)
        yield progress


def _begin(session: Session, file: CsvFile, actor: str, *, from_start: bool) -> Progress:
    now = clock.now()
    progress, is_new = imports.begin(session, file, now=now)
    if from_start and not is_new:
        progress = imports.begin_again(session, file, now=now)
    if is_new or from_start:
        audit.record(
            session,
            actor=actor,
            action="import.begun",
            subject=f"import:{progress.id}",
            after={"file": _source(file), "sha256": file.text.sha256, "choices": file.choices.as_json()},
        )
    return progress


def _take(
    session: Session,
    *,
    file: CsvFile,
    errors: ErrorsFile,
    language: str,
    progress: Progress,
    rows: list[Row],
    place: Place,
) -> Progress:
    imports.claim(session, progress, file, place=place, now=clock.now())
    fates = _fates(rows, earn(Joined(session), _facts(rows), source=_source(file)))
    # On disk before the commit that counts on it; what a killed commit leaves behind is cut off by the next.
    bad = [
        (each.row.number, each.problem.say(language), _kept_cells(file, each.row))
        for each in fates
        if each.problem is not None
    ]
    errors_bytes = errors.write(bad, after=progress.errors_bytes)
    finished_at = clock.now() if place.offset == file.text.size else None
    return imports.count(
        session, progress, _counted(fates), place=place, errors_bytes=errors_bytes, finished_at=finished_at
    )


def _batches(file: CsvFile, after: Place) -> Iterator[tuple[list[Row], Place]]:
    """The rows by the thousand, each with the place after them; the last place is the file's end."""
    place = after
    with closing(file.rows(after)) as rows:
        while True:
            batch, start = [], place.offset
            for row in rows:
                batch.append(row)
                place = row.ends
                if len(batch) == BATCH or place.offset - start >= _BATCH_BYTES:
                    break
            else:
                place = Place(offset=file.text.size, number=place.number)
            file.text.check_unchanged()
            yield batch, place
            if place.offset == file.text.size:
                return


def _facts(rows: Sequence[Row]) -> list[ActivityFact]:
    return [row.fact for row in rows if row.fact is not None]


def _fates(rows: Sequence[Row], outcomes: Sequence[Outcome]) -> list[Fate]:
    told = iter(outcomes)
    fates = []
    for row in rows:
        outcome = None if row.fact is None else next(told)
        refusal = None if outcome is None else outcome.problem
        fates.append(Fate(row, outcome, row.problem if refusal is None else refusal))
    return fates


def _counted(fates: Sequence[Fate]) -> Counts:
    ends: Counter[str] = Counter()
    for fate in fates:
        if fate.problem is not None or fate.outcome is None:
            ends["bad"] += 1
        elif fate.outcome.status == "duplicate":
            ends["duplicates"] += 1
        else:
            assert fate.outcome.outcome is not None, "what is recorded has an outcome"
            ends[fate.outcome.outcome] += 1
            ends["points"] += fate.outcome.points
            ends["status_points"] += fate.outcome.status_points
    return Counts(**ends)


def _kept_cells(file: CsvFile, row: Row) -> Sequence[str]:
    return file.columns.kept_cells(row.cells)


def _source(file: CsvFile) -> str:
    return f"import:{storable(file.name, _SOURCE_LENGTH)}"
