"""Fans and identities.

A fan's id is also the id of the fan's holder in the ledger; an identity nobody has linked yet is a holder of its own.
"""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from loyalty.columns import big, instant, strict


class Fan(SQLModel, table=True):
    """A member of the programme."""

    __table_args__ = strict()

    id: int = big(primary_key=True)  # also the holder of the fan's points
    bucket: int = Field(sa_type=sa.SmallInteger)
    reference: str | None = Field(default=None, unique=True)  # the station's own number for this person
    display_name: str | None = None
    email: str | None = Field(default=None, unique=True)  # folded: lower case, NFKC
    language: str = "fr"
    created_at: datetime = instant()
    last_seen_at: datetime | None = instant(default=None)  # on our pages, to the day
    warned_at: datetime | None = instant(default=None)  # that an account unused for long is erased
    merged_into: int | None = big(default=None)  # the fan this one turned out to be
    erased_at: datetime | None = instant(default=None)


class Identity(SQLModel, table=True):
    """One network account, linked to one fan or not yet."""

    __table_args__ = strict(
        sa.UniqueConstraint("network", "external_id"),
        sa.Index("identity_of_fan", "fan_id"),
    )

    id: int = big(primary_key=True)
    network: str
    external_id: str
    holder_id: int = big()  # the fan's once linked, else its own id
    bucket: int = Field(sa_type=sa.SmallInteger)  # of the holder
    fan_id: int | None = big(default=None)
    name: str | None = None  # as the network shows it
    first_seen_at: datetime = instant()
    linked_at: datetime | None = instant(default=None)
    unlinked_at: datetime | None = instant(default=None)  # from then on the account is met as another identity
    former_external_id: str | None = Field(default=None, index=True)  # of an unlinked one; see fans/unlink.py


class LinkCode(SQLModel, table=True):
    """A code shown to a fan on our page, to be typed from the network account that is theirs."""

    __tablename__ = "link_code"
    __table_args__ = strict(sa.Index("link_code_of_fan", "fan_id"), sa.Index("link_code_by_age", "created_at"))

    id: int = big(primary_key=True)
    fan_id: int = big(foreign_key="fan.id")
    code_hash: str = Field(unique=True)  # SHA-256: it is of no use to anybody else, and of none after a while
    created_at: datetime = instant()
    expires_at: datetime = instant()
    used_at: datetime | None = instant(default=None)
    identity_id: int | None = big(default=None)  # the account it was typed from


class GiveCode(SQLModel, table=True):
    """A code shown to a fan on our page: another fan who types it can give this one points, for a while."""

    __tablename__ = "give_code"
    __table_args__ = strict(sa.Index("give_code_of_fan", "fan_id"), sa.Index("give_code_by_age", "created_at"))

    id: int = big(primary_key=True)
    fan_id: int = big(foreign_key="fan.id")
    code_hash: str = Field(unique=True)
    created_at: datetime = instant()
    expires_at: datetime = instant()


class Dispute(SQLModel, table=True):
    """A fan contests a line: what it is about, what they say, and what a person answered."""

    __table_args__ = strict(
        sa.CheckConstraint("about IN ('activity', 'entry')", name="dispute_about_known"),
        sa.CheckConstraint("(answered_at IS NULL) = (answer IS NULL)", name="dispute_answered_with_words"),
        sa.UniqueConstraint("fan_id", "about", "about_id", name="one_dispute_a_line"),
        sa.Index("dispute_open", "answered_at", "id"),
    )

    id: int = big(primary_key=True)
    fan_id: int = big(foreign_key="fan.id")
    about: str
    about_id: int = big()
    text: str
    asked_at: datetime = instant()
    answer: str | None = None
    answered_at: datetime | None = instant(default=None)
    answered_by: str | None = None


class ExpiryNotice(SQLModel, table=True):
    """A fan was told that points expire: once for each date, and each number of days before it."""

    __tablename__ = "expiry_notice"
    __table_args__ = strict(
        sa.PrimaryKeyConstraint("fan_id", "expires_at", "days"), sa.Index("expiry_notice_by_date", "expires_at")
    )

    fan_id: int = big(foreign_key="fan.id")
    expires_at: datetime = instant()
    days: int
    told_at: datetime = instant()


class Consent(SQLModel, table=True):
    """One answer of a fan to one question; a later one replaces it, but it stays on record."""

    __table_args__ = strict(sa.Index("consent_of_fan", "fan_id", "purpose", "id"))

    id: int = big(primary_key=True)
    fan_id: int = big(foreign_key="fan.id")
    purpose: str  # see consents.py
    given: bool
    text_version: str  # of the sentence that was answered
    at: datetime = instant()
