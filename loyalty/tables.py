"""Every table of the product, for Alembic and the tests."""

from sqlmodel import SQLModel

import loyalty.access.tables
import loyalty.activities.tables
import loyalty.animations.tables
import loyalty.fans.tables
import loyalty.figures.tables
import loyalty.intake.tables
import loyalty.ledger.tables
import loyalty.outbox.tables
import loyalty.partners.tables
import loyalty.pictures.tables
import loyalty.programme.tables
import loyalty.rewards.tables
import loyalty.rules.tables
import loyalty.staff.tables
import loyalty.tiers.tables
import loyalty.vouchers.tables  # noqa: F401

metadata = SQLModel.metadata

APPEND_ONLY = (
    "entry",
    "lot_use",
    "seal",
    "checkpoint",
    "closing",
    "rule_revision",
    "audit_record",
    "stock_movement",
    "tier_change",
)
