"""The station sets its programme up."""

from __future__ import annotations

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from loyalty import clock
from loyalty.db import Writer
from loyalty.errors import Conflict
from loyalty.programme.expiry import Policy, document
from loyalty.programme.refusals import ShowExists
from loyalty.programme.tables import BRAND_COLOUR, Programme, Show
from loyalty.staff import audit


def set_up(
    db: Writer,
    *,
    name: str,
    time_zone: str,
    language: str,
    expiry: Policy,
    brand_colour: str = BRAND_COLOUR,
    actor: str,
) -> None:
    """Make the one programme of this installation.

    Args:
        time_zone: IANA name.
        expiry: when points expire.
        brand_colour: "#rrggbb".

    Raises:
        Conflict: it is set up already.
    """

    def steps(session: Session) -> None:
        if session.get(Programme, 1) is not None:
            raise Conflict(what="the programme is set up already")
        programme = Programme(
            id=1,
            name=name,
            time_zone=time_zone,
            default_language=language,
            expiry=document(expiry),
            brand_colour=brand_colour,
            created_at=clock.now(),
        )
        session.add(programme)
        session.flush()
        after = {"name": name, "time_zone": time_zone, "expiry": document(expiry)}
        audit.record(session, actor=actor, action="programme.set_up", subject="programme", after=after)

    db.write(steps)


def add_show(db: Writer, *, slug: str, name: str, actor: str) -> None:
    """Add a programme on air.

    Raises:
        ShowExists: another one has its slug.
    """

    def steps(session: Session) -> None:
        try:
            with session.begin_nested():
                session.add(Show(slug=slug, name=name, created_at=clock.now()))
        except IntegrityError:
            raise ShowExists(slug=slug) from None
        audit.record(session, actor=actor, action="show.added", subject=f"show:{slug}", after={"name": name})

    db.write(steps)
