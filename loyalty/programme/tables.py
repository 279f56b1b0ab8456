"""The programme (one row) and its shows."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from loyalty.columns import instant, strict


class Programme(SQLModel, table=True):
    """What the station decided for the whole programme; always the row of id 1."""

    __table_args__ = strict(sa.CheckConstraint("id = 1", name="one_programme"))

    id: int = Field(default=1, primary_key=True)
    name: str
    time_zone: str  # IANA name; days, weeks and hours in rules are this zone's
    default_language: str = "fr"
    points_expire_after_months: int | None = None  # None: points never expire
    created_at: datetime = instant()


class Show(SQLModel, table=True):
    """A programme on air ("emission")."""

    __table_args__ = strict()

    id: int | None = Field(default=None, primary_key=True)
    slug: str = Field(unique=True)
    name: str
    created_at: datetime = instant()
    archived_at: datetime | None = instant(default=None)
