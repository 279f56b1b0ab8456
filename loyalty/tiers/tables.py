"""The ladder's tiers, every change of anybody's tier, and which one each holder has now."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from loyalty.columns import big, instant, strict


class Tier(SQLModel, table=True):
    """One step of the ladder: who earns `threshold` status points within a year stands on it."""

    __table_args__ = strict(
        sa.CheckConstraint("threshold > 0", name="tier_takes_something"),
        sa.Index(
            "tier_one_per_threshold",
            "threshold",
            unique=True,
            postgresql_where=sa.text("archived_at IS NULL"),
            sqlite_where=sa.text("archived_at IS NULL"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    slug: str = Field(unique=True)
    name_fr: str
    name_en: str
    perks_fr: str = ""
    perks_en: str = ""
    threshold: int = big()
    version: int = 1  # one more with each change of who stands where
    applied: int = 0  # the version that everybody was reviewed for
    created_at: datetime = instant()
    archived_at: datetime | None = instant(default=None)


class TierChange(SQLModel, table=True):
    """A holder's tier became another, or holds longer. Append-only by trigger.

    The holder earned `points` within the year given, where it took `threshold`: zero where it was let down gently.
    """

    __tablename__ = "tier_change"
    __table_args__ = strict(
        sa.PrimaryKeyConstraint("holder_id", "number", "bucket", name="tier_change_once"),
        sa.CheckConstraint("(to_tier_id IS NULL) = (holds_until IS NULL)", name="tier_holds_until_a_date"),
        sa.CheckConstraint("points >= threshold", name="tier_was_earned"),
    )

    holder_id: int = big()
    number: int  # from 1, without a gap
    bucket: int = Field(sa_type=sa.SmallInteger)
    from_tier_id: int | None = Field(default=None, foreign_key="tier.id")  # None: no tier
    to_tier_id: int | None = Field(default=None, foreign_key="tier.id")
    reason: str  # see decide.py
    points: int = big()
    threshold: int = big()
    year_starts_at: datetime = instant()
    year_ends_at: datetime = instant()
    holds_until: datetime | None = instant(default=None)
    at: datetime = instant()


class TierHolding(SQLModel, table=True):
    """The tier a holder has now: a cache of the last change, which `verify` proves."""

    __tablename__ = "tier_holding"
    __table_args__ = strict(
        sa.PrimaryKeyConstraint("holder_id", "bucket"),
        sa.Index("tier_holding_by_end", "holds_until"),
    )

    holder_id: int = big()
    bucket: int = Field(sa_type=sa.SmallInteger)
    number: int  # of the last change
    tier_id: int | None = Field(default=None, foreign_key="tier.id")
    holds_until: datetime | None = instant(default=None)
