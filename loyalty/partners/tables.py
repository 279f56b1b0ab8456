"""Partners, places, enrolment codes and devices."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from loyalty.columns import big, instant, strict


class Partner(SQLModel, table=True):
    """A company that hands rewards out; its number travels in the voucher's code (32 bits)."""

    __table_args__ = strict()

    id: int | None = Field(default=None, primary_key=True)
    slug: str = Field(unique=True)
    name: str
    created_at: datetime = instant()
    archived_at: datetime | None = instant(default=None)


class Place(SQLModel, table=True):
    """Where a partner hands out."""

    __table_args__ = strict()

    id: int | None = Field(default=None, primary_key=True)
    partner_id: int = Field(foreign_key="partner.id", index=True)
    name: str
    created_at: datetime = instant()


class Enrolment(SQLModel, table=True):
    """A one-time code with which one phone becomes a device."""

    __table_args__ = strict()

    id: int = big(primary_key=True)
    place_id: int = Field(foreign_key="place.id")
    code_hash: str = Field(unique=True)
    created_at: datetime = instant()
    expires_at: datetime = instant()
    used_at: datetime | None = instant(default=None)


class Device(SQLModel, table=True):
    """An enrolled phone; only the hash of its credential is kept."""

    __table_args__ = strict()

    id: int = big(primary_key=True)
    partner_id: int = Field(foreign_key="partner.id", index=True)
    place_id: int = Field(foreign_key="place.id")
    name: str
    credential_hash: str = Field(unique=True)  # SHA-256, hexadecimal: 256 random bits need no slow hash
    created_at: datetime = instant()
    last_seen_at: datetime | None = instant(default=None)
    revoked_at: datetime | None = instant(default=None)
