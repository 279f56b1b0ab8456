"""The programme as the rest of the river reads it."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlmodel import Session

from loyalty.errors import NotFound
from loyalty.programme.tables import Programme

_programme = Programme.__table__  # type: ignore[attr-defined]
_THE_ONE = sa.select(
    _programme.c.name,
    _programme.c.time_zone,
    _programme.c.default_language,
    _programme.c.points_expire_after_months,
)


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
    row = session.execute(_THE_ONE).one_or_none()
    if row is None:
        raise NotFound(what="programme")
    return TheProgramme(row.name, ZoneInfo(row.time_zone), row.default_language, row.points_expire_after_months)
