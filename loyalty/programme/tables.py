"""The programme (one row) and its shows."""

from datetime import datetime
from typing import Any

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

    __table_args__ = strict(
        sa.CheckConstraint("id = 1", name="one_programme"),
        sa.CheckConstraint("tier_year_starts BETWEEN 1 AND 12", name="tier_year_starts_with_a_month"),
        sa.CheckConstraint("debt_policy IN ('debt', 'within_balance', 'none')", name="debt_policy_known"),
        sa.CheckConstraint(
            "transfer_smallest > 0 AND transfer_most_per_day >= transfer_smallest", name="transfers_fit"
        ),
    )

    id: int = Field(default=1, primary_key=True)
    name: str
    time_zone: str  # IANA name; days, weeks and hours in rules are this zone's
    default_language: str = "fr"
    expiry: dict[str, Any] = document(default_factory=lambda: {"kind": "never"})  # of points, see expiry.py
    expiry_notice_days: list[int] = document(default_factory=lambda: [30, 7])  # before it, when fans are told
    expiry_notice_points: int = big(default=10)  # of fewer nobody is told
    brand_colour: str = BRAND_COLOUR  # "#rrggbb"; everything the pages paint follows from it, see colour.py
    point_names: dict[str, list[str]] = document(default_factory=point_names)  # by language: one, several
    pending_hours: dict[str, int] = document(default_factory=dict)  # "kind:like" or "network:x": before points count
    debt_policy: str = "debt"  # when points are taken back that were spent: see points_policy.py
    transfers_allowed: bool = False  # from one fan to another
    transfer_smallest: int = big(default=10)
    transfer_most_per_day: int = big(default=500)  # points that one fan may send
    logo_id: int | None = big(default=None)  # a picture
    approval_points: int = big(default=1_000)  # an adjustment above it takes two people
    approval_units: int = big(default=500)  # a movement of stock above it takes two people
    point_value: int | None = big(default=None)  # millionths of a euro a point is valued at; None: not valued
    expected_breakage: int | None = None  # declared, in ten-thousandths, until the history of expiries is long enough
    tier_year_starts: int = 1  # the month: 1 is the calendar year, 9 a season on air
    tier_one_step: bool = False  # who loses a tier keeps the one below for a year
    forget_after_months: int = 36  # without a sign of life: CNIL, three years after the last contact
    created_at: datetime = instant()


class ExpiryChange(SQLModel, table=True):
    """Another policy of expiry that is applied to points fans have already, piece by piece."""

    __tablename__ = "expiry_change"
    __table_args__ = strict(
        sa.Index(
            "one_expiry_change_at_a_time",
            "is_open",
            unique=True,
            postgresql_where=sa.text("is_open"),
            sqlite_where=sa.text("is_open"),
        )
    )

    id: int = big(primary_key=True)
    policy: dict[str, Any] = document()
    asked_at: datetime = instant()
    asked_by: str
    reason: str
    reached_bucket: int = 0  # all before this one are done,
    reached_holder: int = big(default=0)  # and in this one all up to this holder
    lots: int = big(default=0)  # that got another expiry
    points: int = big(default=0)
    points_sooner: int = big(default=0)  # of the points, those that expire sooner than before
    is_open: bool = True
    finished_at: datetime | None = instant(default=None)


class Show(SQLModel, table=True):
    """A programme on air ("emission")."""

    __table_args__ = strict()

    id: int | None = Field(default=None, primary_key=True)
    slug: str = Field(unique=True)
    name: str
    created_at: datetime = instant()
    archived_at: datetime | None = instant(default=None)
