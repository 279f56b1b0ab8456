"""Rewards, stock lots, units and movements, redemptions.

The stock has the reward in its keys, by which it is spread over many machines; there a foreign key between two of its
tables could not be kept while they move. `verify` finds a unit or a movement of no lot.
"""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from loyalty.columns import big, instant, strict


class Reward(SQLModel, table=True):
    """Something in the catalogue ("dotation"); its number travels in the voucher's code (32 bits)."""

    __table_args__ = strict(
        sa.CheckConstraint("cost_points > 0", name="reward_costs_something"),
        sa.CheckConstraint("max_uses BETWEEN 1 AND 255", name="reward_uses_fit_the_code"),
        sa.CheckConstraint("valid_days > 0", name="reward_valid_for_a_while"),
    )

    id: int | None = Field(default=None, primary_key=True)
    slug: str = Field(unique=True)
    name_fr: str
    name_en: str
    description_fr: str = ""
    description_en: str = ""
    cost_points: int = big()
    picture_id: int | None = big(default=None)
    low_stock: int | None = None  # an alert is due when fewer units are left
    value_cents: int = big(default=0)  # what it is worth to a fan, in euro cents
    partner_id: int = Field(foreign_key="partner.id")
    valid_days: int = 30  # how long the voucher can be used
    max_uses: int = 1
    per_fan_limit: int | None = None
    per_fan_limit_days: int | None = None  # None: ever
    min_tier_id: int | None = Field(default=None, foreign_key="tier.id")  # whoever stands lower cannot have it
    visible_from: datetime | None = instant(default=None)
    visible_to: datetime | None = instant(default=None)
    redeemable_from: datetime | None = instant(default=None)
    redeemable_to: datetime | None = instant(default=None)
    created_at: datetime = instant()
    archived_at: datetime | None = instant(default=None)


class StockLot(SQLModel, table=True):
    """Units received together."""

    __tablename__ = "stock_lot"
    __table_args__ = strict(sa.PrimaryKeyConstraint("id", "reward_id"))

    id: int = big()
    reward_id: int = Field(foreign_key="reward.id", index=True)
    donor: str
    unit_cost_cents: int = big(default=0)
    created_at: datetime = instant()


class StockMovement(SQLModel, table=True):
    """One change of stock by staff: who, when and why. Append-only by trigger."""

    __tablename__ = "stock_movement"
    __table_args__ = strict(
        sa.PrimaryKeyConstraint("id", "reward_id"),
        sa.CheckConstraint("quantity > 0", name="movement_moves"),
        sa.CheckConstraint("kind IN ('received', 'withdrawn', 'lost', 'returned')", name="movement_kind_known"),
    )

    id: int = big()
    lot_id: int = big(index=True)
    reward_id: int = Field(foreign_key="reward.id", index=True)
    kind: str
    quantity: int = big()
    actor: str
    reason: str
    at: datetime = instant()


class StockUnit(SQLModel, table=True):
    """One unit: free, taken by one redemption, or out (withdrawn, lost). Units are what two fans race for."""

    __tablename__ = "stock_unit"
    __table_args__ = strict(
        sa.PrimaryKeyConstraint("id", "reward_id"),
        sa.UniqueConstraint("redemption_id", "reward_id", name="unit_of_one_redemption"),
        sa.CheckConstraint("state IN ('free', 'taken', 'out')", name="unit_state_known"),
        sa.CheckConstraint("(state = 'taken') = (redemption_id IS NOT NULL)", name="unit_taken_by_one"),
        sa.Index("stock_unit_by_state", "reward_id", "state", "id"),
        sa.Index("stock_unit_of_lot", "lot_id", "state"),
    )

    id: int = big()
    reward_id: int
    lot_id: int = big()
    state: str = "free"
    redemption_id: int | None = big(default=None)


class Redemption(SQLModel, table=True):
    """A fan spent points on a reward."""

    __table_args__ = strict(
        sa.PrimaryKeyConstraint("id", "bucket"),
        sa.Index("redemption_of_holder", "holder_id", "reward_id", "created_at"),
        sa.CheckConstraint("cost_points > 0", name="redemption_costs_something"),
    )

    id: int = big()
    bucket: int = Field(sa_type=sa.SmallInteger)
    holder_id: int = big()
    fan_id: int = big()
    reward_id: int
    unit_id: int = big()
    cost_points: int = big()
    created_at: datetime = instant()
    cancelled_at: datetime | None = instant(default=None)
    cancelled_by: str | None = None
    cancelled_because: str | None = None
