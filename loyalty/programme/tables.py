"""The programme (one row) and its shows."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from loyalty.columns import big, document, instant, strict
from loyalty.i18n import POINT_NAMES

BRAND_COLOUR = "#3949ab"  # until the station says its own


def point_names() -> dict[str, list[str]]:
    """What points are called where the station gave them no name of their own."""
    return {language: list(names) for language, names in POINT_NAMES.items()}


class Programme(SQLModel, table=True):
    """What the station decided for the whole programme; always the row of id 1."""

    __table_args__ = strict(sa.CheckConstraint("id = 1", name="one_programme"))

    id: int = Field(default=1, primary_key=True)
    name: str
    time_zone: str  # IANA name; days, weeks and hours in rules are this zone's
    default_language: str = "fr"
    points_expire_after_months: int | None = None  # None: points never expire
    brand_colour: str = BRAND_COLOUR  # "#rrggbb"; everything the pages paint follows from it, see colour.py
    point_names: dict[str, list[str]] = document(default_factory=point_names)  # by language: one, several
    pending_hours: dict[str, int] = document(default_factory=dict)  # "kind:like" or "network:x": before points count
    logo_id: int | None = big(default=None)  # a picture
    approval_points: int = big(default=1_000)  # an adjustment above it takes two people
    approval_units: int = big(default=500)  # a movement of stock above it takes two people
    forget_after_months: int = 36  # without a sign of life: CNIL, three years after the last contact
    created_at: datetime = instant()


class Show(SQLModel, table=True):
    """A programme on air ("emission")."""

    __table_args__ = strict()

    id: int | None = Field(default=None, primary_key=True)
    slug: str = Field(unique=True)
    name: str
    created_at: datetime = instant()
    archived_at: datetime | None = instant(default=None)
