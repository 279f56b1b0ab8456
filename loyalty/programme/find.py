"""The programme as the rest of the river reads it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlmodel import Session, col, select

from loyalty.errors import NotFound
from loyalty.programme.expiry import Policy, known
from loyalty.programme.refusals import ShowNotFound
from loyalty.programme.tables import Programme, Show

_programme = Programme.__table__  # type: ignore[attr-defined]
_show = Show.__table__  # type: ignore[attr-defined]
_SHOWS = sa.select(_show.c.slug, _show.c.name)
_THE_ONE = sa.select(
    _programme.c.name,
    _programme.c.time_zone,
    _programme.c.default_language,
    _programme.c.expiry,
    _programme.c.expiry_notice_days,
    _programme.c.expiry_notice_points,
    _programme.c.brand_colour,
    _programme.c.point_names,
    _programme.c.forget_after_months,
    _programme.c.logo_id,
    _programme.c.pending_hours,
    _programme.c.tier_year_starts,
    _programme.c.tier_one_step,
)


@dataclass(frozen=True, slots=True)
class TheProgramme:
    """What the station decided, frozen."""

    name: str
    zone: ZoneInfo
    default_language: str
    expiry: Policy
    brand_colour: str
    point_names: dict[str, list[str]]
    forget_after_months: int
    logo_id: int | None
    pending_hours: Mapping[str, int]
    expiry_notice_days: Sequence[int]
    expiry_notice_points: int
    tier_year_starts: int
    tier_one_step: bool

    def hours_pending(self, *, kind: str, network: str) -> int:
        """How long points for such an act wait before they can be spent: the longer of what is said of the two."""
        said = self.pending_hours
        return max(said.get(f"kind:{kind}", 0), said.get(f"network:{network}", 0)) if said else 0


def the_programme(session: Session) -> TheProgramme:
    """The one programme of this installation.

    Raises:
        NotFound: nobody has set it up yet (`loyalty init`).
    """
    row = session.execute(_THE_ONE).one_or_none()
    if row is None:
        raise NotFound(what="programme")
    return TheProgramme(
        name=row.name,
        zone=ZoneInfo(row.time_zone),
        default_language=row.default_language,
        expiry=known(row.expiry),
        brand_colour=row.brand_colour,
        point_names=row.point_names,
        forget_after_months=row.forget_after_months,
        logo_id=row.logo_id,
        pending_hours=row.pending_hours,
        expiry_notice_days=row.expiry_notice_days,
        expiry_notice_points=row.expiry_notice_points,
        tier_year_starts=row.tier_year_starts,
        tier_one_step=row.tier_one_step,
    )


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Above these, what one person asks for waits for another."""

    points: int
    units: int


def approval_thresholds(session: Session) -> Thresholds:
    """How much one person may do alone.

    Raises:
        NotFound: the programme is not set up.
    """
    chosen = sa.select(_programme.c.approval_points, _programme.c.approval_units)
    row = session.execute(chosen).one_or_none()
    if row is None:
        raise NotFound(what="programme")
    return Thresholds(points=row.approval_points, units=row.approval_units)


@dataclass(frozen=True, slots=True)
class Valuation:
    """What a point is valued at, in millionths of a euro, and the declared breakage, in ten-thousandths."""

    point_value: int | None
    expected_breakage: int | None


def valuation(session: Session) -> Valuation:
    """How the station values its points.

    Raises:
        NotFound: the programme is not set up.
    """
    row = session.execute(sa.select(_programme.c.point_value, _programme.c.expected_breakage)).one_or_none()
    if row is None:
        raise NotFound(what="programme")
    return Valuation(row.point_value, row.expected_breakage)


def shows(session: Session) -> dict[str, str]:
    """What each programme on air is called, by slug."""
    return {row.slug: row.name for row in session.execute(_SHOWS)}


def show(session: Session, slug: str) -> Show:
    """One programme on air, also when archived.

    Raises:
        ShowNotFound
    """
    found = session.exec(select(Show).where(Show.slug == slug)).one_or_none()
    if found is None:
        raise ShowNotFound(slug=slug)
    return found


def every_show(session: Session) -> list[Show]:
    """Every programme on air in the order they came, archived ones too."""
    return list(session.exec(select(Show).order_by(col(Show.id))))
