"""A file that staff sent is kept, its columns are explained, and its import is asked for, or stopped."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from loyalty import clock
from loyalty.db import Database, Writer
from loyalty.errors import Refused
from loyalty.fields import storable
from loyalty.i18n import Words
from loyalty.intake import uploads
from loyalty.intake.csv_columns import Choices
from loyalty.intake.uploads import CANCELLED, TO_IMPORT, TO_TRY, TRIED
from loyalty.programme.find import the_programme
from loyalty.staff import audit

MOST_BYTES = 64 << 20  # of a file
KEPT = timedelta(days=7)
_NAME_LENGTH = 100


class FileTooLarge(Refused):
    """The file is larger than the admin takes."""

    code = "file_too_large"
    status = 413
    words = Words(
        fr="Ce fichier est trop gros : 64 Mio au plus. Coupez-le, ou importez-le en ligne de commande.",
        en="This file is too large: 64 MiB at most. Cut it, or import it by the command line.",
    )


class NoFile(Refused):
    """Nothing was sent, or nothing is in it."""

    code = "no_file"
    words = Words(fr="Choisissez un fichier qui n’est pas vide.", en="Choose a file that is not empty.")


def upload(db: Writer, *, file_name: str, body: bytes, actor: str) -> int:
    """Keep a file, to be tried by the worker. Returns its number.

    Raises:
        NoFile
        FileTooLarge
    """
    if not body:
        raise NoFile
    if len(body) > MOST_BYTES:
        raise FileTooLarge
    name = _plain_name(file_name)

    def steps(session: Session) -> int:
        zone = the_programme(session).zone.key
        new_id = uploads.add(
            session, file_name=name, body=body, choices=Choices(time_zone=zone).as_json(), by=str(actor)
        )
        _audit(session, actor, "uploaded", new_id, after={"file": name, "bytes": len(body)})
        return new_id

    return db.write(steps)


def choose(db: Writer, upload_id: int, *, choices: Choices, actor: str) -> None:
    """Say what the columns mean; it is tried again.

    Raises:
        NotFound
        NotInThatState: it is being imported already.
    """

    def steps(session: Session) -> None:
        before = uploads.find(session, upload_id).choices
        uploads.move(
            session,
            upload_id,
            among=(TO_TRY, TRIED),
            to=TO_TRY,
            choices=choices.as_json(),
            rehearsal=sa.null(),
            problem=None,
        )
        _audit(session, actor, "choices_made", upload_id, before=before, after=choices.as_json())

    db.write(steps)


def confirm(db: Writer, upload_id: int, *, actor: str) -> None:
    """Have it imported; one that was cancelled goes on where it stopped.

    Raises:
        NotFound
        NotInThatState: it was not tried, its columns are not understood, or it is under way.
    """

    def steps(session: Session) -> None:
        found = uploads.find(session, upload_id)
        if found.problem is not None or not found.body_bytes:
            raise uploads.NotInThatState
        uploads.move(session, upload_id, among=(TRIED, CANCELLED), to=TO_IMPORT)
        _audit(session, actor, "confirmed", upload_id, before={"state": found.state}, after={"state": TO_IMPORT})

    db.write(steps)


def cancel_upload(db: Writer, upload_id: int, *, actor: str, reason: str) -> None:
    """Stop it: what is in is in, the rest does not come.

    Raises:
        NotFound
        NotInThatState: it is over already.
    """

    def steps(session: Session) -> None:
        found = uploads.find(session, upload_id)
        uploads.move(session, upload_id, among=(TO_TRY, TRIED, TO_IMPORT), to=CANCELLED)
        states = {"before": {"state": found.state}, "after": {"state": CANCELLED}}
        _audit(session, actor, "cancelled", upload_id, reason=reason, **states)

    db.write(steps)


def forget_uploads(db: Database, *, older_than: timedelta = KEPT) -> int:
    """Empty files that ended a while ago: they hold what people did. Returns how many."""
    return db.write(lambda session: uploads.forget(session, before=clock.now() - older_than, limit=100))


def _plain_name(given: str) -> str:
    """The name of a file without folders, as a file system keeps it."""
    name = storable(given.replace("\\", "/").rsplit("/", 1)[-1], _NAME_LENGTH).strip(". ")
    return name if name and len(name.encode()) <= 200 else "import.csv"


def _audit(session: Session, actor: str, done: str, upload_id: int, **said: Any) -> None:
    audit.record(session, actor=actor, action=f"import.{done}", subject=f"upload:{upload_id}", **said)
