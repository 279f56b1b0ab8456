"""The programme as the rest of the river reads it."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from sqlmodel import Session

from loyalty.errors import NotFound
from loyalty.programme.tables import Programme


@dataclass(frozen=True, slots=True)
class TheProgramme:
    """What the station decided, frozen."""

    name: str
    zone: ZoneInfo
    default_language: str
    points_expire_after_months: int | None


def the_programme(session: Session) -> TheProgramme:
    """The one programme of this installation.

    Raises:
        NotFound: nobody has set it up yet (`loyalty init`).
    """
    row = session.get(Programme, 1)
    if row is None:
        raise NotFound(what="programme")
    return TheProgramme(row.name, ZoneInfo(row.time_zone), row.default_language, row.points_expire_after_months)
