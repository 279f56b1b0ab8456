"""Vouchers, the codes they had before, and scans."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from loyalty.columns import big, instant, strict


class Voucher(SQLModel, table=True):
    """The right to one reward. `token_id` is the 8 bytes in its code, as 16 hexadecimal digits.

    The first of them is the bucket of the fan it was issued to, so that whoever reads the code knows where to look; the
    others are random. Merging two fans changes neither the code nor the bucket.
    """

    __table_args__ = strict(
        sa.PrimaryKeyConstraint("id", "bucket"),
        sa.UniqueConstraint("token_id", "bucket"),
        sa.UniqueConstraint("redemption_id", "bucket"),
        sa.CheckConstraint("uses >= 0 AND uses <= max_uses", name="voucher_not_overused"),
        sa.CheckConstraint(
            "state IN ('issued', 'partially_used', 'used', 'cancelled', 'expired', 'blocked')",
            name="voucher_state_known",
        ),
        sa.Index("voucher_by_end", "state", "not_after"),
        sa.Index("voucher_of_holder", "holder_id", "id"),
    )

    id: int = big()
    bucket: int = Field(sa_type=sa.SmallInteger)
    token_id: str
    redemption_id: int = big()
    holder_id: int = big()
    fan_id: int = big()
    reward_id: int
    partner_id: int
    state: str = "issued"
    uses: int = 0
    max_uses: int = 1
    generation: int = 0
    not_before: datetime = instant()
    not_after: datetime = instant()
    issued_at: datetime = instant()
    ended_at: datetime | None = instant(default=None)  # when it was wholly used, cancelled or expired


class SupersededCode(SQLModel, table=True):
    """A code a voucher had before it was re-issued.

    Each generation has random bytes of its own: were the code typed by hand the same for all, re-issuing a
    voucher would not shut out whoever had seen it.
    """

    __tablename__ = "superseded_code"
    __table_args__ = strict(
        sa.PrimaryKeyConstraint("token_id", "bucket"), sa.Index("superseded_code_of_voucher", "voucher_id")
    )

    token_id: str
    bucket: int = Field(sa_type=sa.SmallInteger)  # of the voucher
    voucher_id: int = big()
    superseded_at: datetime = instant()


class Scan(SQLModel, table=True):
    """One reading by a partner's device, also a failed one. A use is a scan that is ok and not annulled."""

    __table_args__ = strict(
        sa.PrimaryKeyConstraint("id", "device_id"),
        sa.UniqueConstraint("device_id", "nonce", name="scan_once"),
        sa.Index("scan_of_voucher", "voucher_id", "id"),
        sa.Index("scan_of_device", "device_id", "id"),
        sa.CheckConstraint("result IN ('ok', 'refused')", name="scan_result_known"),
    )

    id: int = big()
    device_id: int = big()
    partner_id: int
    place_id: int
    nonce: str
    voucher_id: int | None = big(default=None)
    voucher_bucket: int | None = Field(default=None, sa_type=sa.SmallInteger)
    fingerprint: str  # of what was read, to refuse another reading under the same nonce
    result: str
    reason: str | None = None
    answer: str  # JSON: what we answered, to answer the same again
    scanned_at: datetime = instant()  # the device's clock
    recorded_at: datetime = instant()  # ours
    annulled_at: datetime | None = instant(default=None)
    annulled_because: str | None = None
