"""Buckets, holders, the journal, lots and what was drawn from them.

No foreign key leaves the journal: it would cost a third of the write rate, and `verify` recomputes everything.
"""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from loyalty.columns import big, document, instant, strict


class Bucket(SQLModel, table=True):
    """A slice of all holders: the unit of locking."""

    __table_args__ = strict()

    id: int = Field(primary_key=True, sa_type=sa.SmallInteger)
    sealed_through: int = big(default=0, sa_column_kwargs={"server_default": "0"})  # the last entry that is sealed
    seals: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    head: str = Field(default="0" * 64, sa_column_kwargs={"server_default": "0" * 64})  # of the last seal


class Holder(SQLModel, table=True):
    """Whose points they are. Every figure here is a cache of the journal that `verify` proves."""

    __table_args__ = strict(
        sa.PrimaryKeyConstraint("id", "bucket"),
        sa.CheckConstraint("balance >= 0", name="balance_not_negative"),
        sa.CheckConstraint("held >= 0", name="held_not_negative"),
        sa.CheckConstraint("status >= 0", name="status_not_negative"),
        sa.CheckConstraint("pending >= 0", name="pending_not_negative"),
        sa.CheckConstraint("debt >= 0", name="debt_not_negative"),
    )

    id: int = big()
    bucket: int = Field(sa_type=sa.SmallInteger)
    balance: int = big(default=0)  # spendable points
    held: int = big(default=0)  # set aside, and no part of the balance
    pending: int = big(default=0, sa_column_kwargs={"server_default": "0"})  # given, and not spendable yet
    status: int = big(default=0)  # status points: never spent
    debt: int = big(default=0)  # taken back after it was spent; later earnings pay it first
    merged_into: int | None = big(default=None)
    created_at: datetime = instant()


class Entry(SQLModel, table=True):
    """One leg of a journal entry: `amount` goes from account `debit` to account `credit` of one holder.

    Append-only by trigger. What caused it is a row elsewhere: (`cause`, `cause_id`) with the leg and the holder is the
    permanent idempotency key, so one cause can never be posted twice.
    """

    __table_args__ = strict(
        sa.PrimaryKeyConstraint("cause_id", "holder_id", "leg", "bucket", "cause", name="entry_once"),
        sa.Index("entry_of_holder", "holder_id", "id"),
        sa.Index("entry_of_bucket", "bucket", "id"),
        # The journal only grows, in the order of time: a few bytes a megabyte find a day of it on PostgreSQL.
        sa.Index("entry_by_time", "recorded_at", postgresql_using="brin", postgresql_with={"autosummarize": "on"}),
        sa.Index(
            "entry_reversing",
            "reverses",
            postgresql_where=sa.text("reverses IS NOT NULL"),
            sqlite_where=sa.text("reverses IS NOT NULL"),
        ),
        sa.CheckConstraint("debit <> credit", name="entry_moves"),
        sa.CheckConstraint("amount > 0", name="entry_amount_positive"),
        sa.CheckConstraint("unit IN ('points', 'status')", name="entry_unit_known"),
    )

    # The widest first: PostgreSQL fills up to eight bytes what stands before a wide one, a tenth of the whole journal.
    cause_id: int = big()
    holder_id: int = big()
    id: int = big()  # shared by the legs of one entry
    amount: int = big()
    effective_at: datetime = instant()
    recorded_at: datetime = instant()
    expires_at: datetime | None = instant(default=None)  # which lot it granted to, where it grants
    reverses: int | None = big(default=None)  # the entry it takes back, wholly or in part
    rule_revision_id: int | None = None
    leg: int = Field(sa_type=sa.SmallInteger)
    bucket: int = Field(sa_type=sa.SmallInteger)
    cause: str
    unit: str
    debit: str
    credit: str
    slides: bool | None = None  # true: of points that get a later expiry when their holder earns again


class Seal(SQLModel, table=True):
    """The entries of one bucket from the seal before up to `through_id`, under one hash. Append-only by trigger."""

    __table_args__ = strict(
        sa.PrimaryKeyConstraint("bucket", "number"),
        sa.CheckConstraint("entries > 0", name="seal_seals_something"),
    )

    bucket: int = Field(sa_type=sa.SmallInteger)
    number: int  # from 1, without a gap
    through_id: int = big()
    entries: int
    root: str  # of their Merkle tree, hexadecimal
    head: str  # chains it to the seal before, see seal.py
    sealed_at: datetime = instant()


class Checkpoint(SQLModel, table=True):
    """The heads of all buckets at one moment, signed and chained. Append-only by trigger."""

    __table_args__ = strict()

    number: int = Field(primary_key=True)  # from 1, without a gap
    at: datetime = instant()
    seals: list[int] = document()  # of each bucket in order: how many it had
    root: str  # of the Merkle tree of their heads
    entries: int = big()  # sealed in all
    previous: str  # hash of the checkpoint before
    hash: str = Field(unique=True)
    public_key: str  # hexadecimal, Ed25519
    signature: str  # of the hash


class Closing(SQLModel, table=True):
    """One month of the books, closed: what moved in it and what stood at its end. Append-only by trigger."""

    __table_args__ = strict(sa.CheckConstraint("ends_at > begins_at", name="closing_ends_after_it_begins"))

    month: int = Field(primary_key=True)  # 202610, of the programme
    begins_at: datetime = instant()
    ends_at: datetime = instant()  # the first instant that is no longer of it
    closed_at: datetime = instant()
    closed_by: str
    entries: int = big()  # legs recorded in it
    movements: list[list[Any]] = document()  # unit, debit, credit, amount, legs
    balances: list[list[Any]] = document()  # unit, account, credits less debits since the first entry
    outstanding: int = big()  # points owed to fans at its end
    point_value: int | None = big(default=None)  # millionths of a euro, as it was said then
    breakage: list[int] = document()  # least, expected, most: ten-thousandths of the outstanding points
    previous: str = Field(unique=True)  # hash of the closing before: a month has one successor
    hash: str


class Backup(SQLModel, table=True):
    """One backup that was made; the file itself is wherever the station keeps it."""

    __table_args__ = strict()

    id: int = big(primary_key=True)
    began_at: datetime = instant()
    finished_at: datetime = instant()
    file_name: str
    bytes: int = big()
    sha256: str


class Verification(SQLModel, table=True):
    """One run of `loyalty verify` and what it found."""

    __table_args__ = strict()

    id: int = big(primary_key=True)
    began_at: datetime = instant()
    finished_at: datetime = instant()
    entries: int = big()
    breaches: list[str] = document()  # in words; none: the books hold


class Lot(SQLModel, table=True):
    """A holder's points that expire together."""

    __table_args__ = strict(
        sa.PrimaryKeyConstraint("holder_id", "expires_at", "bucket"),
        sa.CheckConstraint("used >= 0 AND expired >= 0 AND used + expired <= granted", name="lot_not_overdrawn"),
        sa.CheckConstraint("sliding BETWEEN 0 AND granted", name="lot_slides_within_granted"),
        sa.Index("lot_by_expiry", "expires_at"),
    )

    holder_id: int = big()
    expires_at: datetime = instant()
    bucket: int = Field(sa_type=sa.SmallInteger)
    granted: int = big(default=0, sa_column_kwargs={"server_default": "0"})
    used: int = big(default=0, sa_column_kwargs={"server_default": "0"})
    expired: int = big(default=0, sa_column_kwargs={"server_default": "0"})
    sliding: int = big(default=0, sa_column_kwargs={"server_default": "0"})  # of `granted`: moves on with gains


class StatusYear(SQLModel, table=True):
    """A holder's status points that count together, in the year that ends at `ends_at`. A cache `verify` proves."""

    __tablename__ = "status_year"
    __table_args__ = strict(
        sa.PrimaryKeyConstraint("holder_id", "ends_at", "bucket"),
        sa.CheckConstraint("points >= 0", name="status_year_not_negative"),
        sa.Index("status_year_of_bucket", "bucket", "holder_id"),
    )

    holder_id: int = big()
    ends_at: datetime = instant()
    bucket: int = Field(sa_type=sa.SmallInteger)
    points: int = big()


class PendingAward(SQLModel, table=True):
    """Points that one leg gave and that cannot be spent yet; the row stays: what makes them spendable refers to it."""

    __tablename__ = "pending_award"
    __table_args__ = strict(
        sa.PrimaryKeyConstraint("id", "bucket"),
        sa.UniqueConstraint("entry_id", "leg", "bucket", name="pending_once"),
        sa.CheckConstraint("amount > 0 AND pending BETWEEN 0 AND amount", name="pending_within_award"),
        sa.Index(
            "pending_award_due",
            "bucket",
            "available_at",
            postgresql_where=sa.text("pending > 0"),
            sqlite_where=sa.text("pending > 0"),
        ),
        sa.Index("pending_award_of_holder", "holder_id", "available_at"),
    )

    id: int = big()
    bucket: int = Field(sa_type=sa.SmallInteger)  # of the holder, now
    holder_id: int = big()
    entry_id: int = big()  # the leg that gave them, to whom it was then
    leg: int = Field(sa_type=sa.SmallInteger)
    amount: int = big()
    pending: int = big()  # what of it is neither spendable nor taken back
    available_at: datetime = instant()
    expires_at: datetime = instant()  # the lot it joins then
    slides: bool = False  # as the lot's points do


class Hold(SQLModel, table=True):
    """Points of one holder set aside for something. What is left of them is `amount` - `captured` - `released`.

    Every figure is a cache of the journal that `verify` proves; closed, it stays.
    """

    __table_args__ = strict(
        sa.PrimaryKeyConstraint("id", "bucket"),
        sa.CheckConstraint("amount > 0 AND captured >= 0 AND released >= 0", name="hold_amounts_not_negative"),
        sa.CheckConstraint("captured + released <= amount", name="hold_not_overdrawn"),
        sa.CheckConstraint("(closed_at IS NOT NULL) = (captured + released = amount)", name="hold_closed_when_empty"),
        sa.Index(
            "hold_due",
            "bucket",
            "expires_at",
            postgresql_where=sa.text("closed_at IS NULL"),
            sqlite_where=sa.text("closed_at IS NULL"),
        ),
        sa.Index("hold_of_holder", "holder_id", "id"),
    )

    id: int = big()
    bucket: int = Field(sa_type=sa.SmallInteger)  # of the holder, now
    holder_id: int = big()
    entry_id: int = big()  # the leg that drew what is left from this holder's lots
    amount: int = big()
    captured: int = big(default=0)
    released: int = big(default=0)
    purpose: str | None = None  # in words, for the fan; none once the fan was erased
    created_at: datetime = instant()
    expires_at: datetime = instant()  # then what is left comes back
    closed_at: datetime | None = instant(default=None)


class LotUse(SQLModel, table=True):
    """How much one leg drew from a lot (negative: gave back to it). Append-only by trigger."""

    __tablename__ = "lot_use"
    __table_args__ = strict(
        sa.PrimaryKeyConstraint("entry_id", "leg", "holder_id", "expires_at", "bucket"),
        sa.CheckConstraint("amount <> 0", name="lot_use_moves"),
    )

    entry_id: int = big()
    leg: int = Field(sa_type=sa.SmallInteger)
    holder_id: int = big()
    expires_at: datetime = instant()
    bucket: int = Field(sa_type=sa.SmallInteger)
    amount: int = big()
