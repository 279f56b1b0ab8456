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
    bucket: int
    reference: str | None = Field(default=None, unique=True)  # the station's own number for this person
    display_name: str | None = None
    email: str | None = Field(default=None, unique=True)  # folded: lower case, NFKC
    language: str = "fr"
    created_at: datetime = instant()
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
    bucket: int  # of the holder
    fan_id: int | None = big(default=None)
    name: str | None = None  # as the network shows it
    first_seen_at: datetime = instant()
    linked_at: datetime | None = instant(default=None)


class Consent(SQLModel, table=True):
    """One answer of a fan to one question; a later one replaces it, but it stays on record."""

    __table_args__ = strict(sa.Index("consent_of_fan", "fan_id", "purpose", "id"))

    id: int = big(primary_key=True)
    fan_id: int = big(foreign_key="fan.id")
    purpose: str  # see consents.py
    given: bool
    text_version: str  # of the sentence that was answered
    at: datetime = instant()
