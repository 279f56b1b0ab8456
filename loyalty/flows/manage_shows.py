"""Programmes on air get another name, or leave the schedule."""

from __future__ import annotations

from sqlmodel import Session

from loyalty import clock
from loyalty.db import Writer
from loyalty.programme.find import show as find_show
from loyalty.staff import audit


def rename_show(db: Writer, *, slug: str, name: str, actor: str) -> None:
    """Call a show something else; its slug stays.

    Raises:
        ShowNotFound
    """

    def steps(session: Session) -> None:
        show = find_show(session, slug)
        before, show.name = show.name, name
        session.flush()
        if before != name:
            names = {"name": before}, {"name": name}
            audit.record(
                session, actor=actor, action="show.changed", subject=f"show:{slug}", before=names[0], after=names[1]
            )

    db.write(steps)


def archive_show(db: Writer, *, slug: str, actor: str, reason: str) -> None:
    """Take a show out of the schedule; what was done in it keeps its name. Again changes nothing.

    Raises:
        ShowNotFound
    """

    def steps(session: Session) -> None:
        show = find_show(session, slug)
        if show.archived_at is None:
            show.archived_at = clock.now()
            session.flush()
            audit.record(session, actor=actor, action="show.archived", subject=f"show:{slug}", reason=reason)

    db.write(steps)
