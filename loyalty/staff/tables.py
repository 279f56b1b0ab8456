"""Accounts of people, what waits for a second person, API keys and the audit trail."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from loyalty.columns import big, document, instant, strict


class StaffAccount(SQLModel, table=True):
    """Somebody who works on the programme."""

    __tablename__ = "staff_account"
    __table_args__ = strict()

    id: int = big(primary_key=True)
    email: str = Field(unique=True)  # folded: lower case, NFKC
    name: str
    role: str  # see roles.py
    language: str = "fr"
    password_hash: str  # Argon2id
    sealed_totp: str | None = None  # until it is there, nothing but its enrolment is open to them
    totp_step: int = big(default=0)  # of the last code that was used: none works twice
    created_at: datetime = instant()
    last_signed_in_at: datetime | None = instant(default=None)
    disabled_at: datetime | None = instant(default=None)


class StaffInvitation(SQLModel, table=True):
    """A one-time link with which somebody makes their account, or its password and its second factor anew."""

    __tablename__ = "staff_invitation"
    __table_args__ = strict()

    id: int = big(primary_key=True)
    email: str = Field(index=True)  # folded
    name: str
    role: str
    token_hash: str = Field(unique=True)  # SHA-256 of 256 random bits
    invited_by: str
    created_at: datetime = instant()
    expires_at: datetime = instant()
    used_at: datetime | None = instant(default=None)


class RecoveryCode(SQLModel, table=True):
    """What replaces the second factor once, when the phone is lost."""

    __tablename__ = "recovery_code"
    __table_args__ = strict(sa.PrimaryKeyConstraint("account_id", "code_hash"))

    account_id: int = big()
    code_hash: str  # SHA-256 of 80 random bits
    used_at: datetime | None = instant(default=None)


class Approval(SQLModel, table=True):
    """Something that one person asked for and another has to agree to."""

    __tablename__ = "approval"
    __table_args__ = strict(
        sa.CheckConstraint("decision IN ('approved', 'refused')", name="approval_decision_known"),
        sa.CheckConstraint("(decision IS NULL) = (decided_at IS NULL)", name="approval_decided_at_some_time"),
        sa.CheckConstraint("decided_by IS NULL OR decided_by <> asked_by", name="approval_by_a_second_person"),
        sa.Index("approval_waiting", "decided_at", "id"),
    )

    id: int = big(primary_key=True)
    action: str  # "points.adjusted", "stock.received" ...: what is done once it is approved
    subject: str  # to what, as the audit trail names it: "fan:123"
    payload: dict[str, Any] = document()  # the rest of what has to be known to do it
    reason: str
    asked_by: str  # as the audit trail names actors
    asked_at: datetime = instant()
    decision: str | None = None
    decided_by: str | None = None
    decided_at: datetime | None = instant(default=None)
    decided_because: str | None = None


class ApiKey(SQLModel, table=True):
    """A credential of a program; only its hash is kept."""

    __tablename__ = "api_key"
    __table_args__ = strict()

    id: int = big(primary_key=True)
    name: str
    prefix: str = Field(unique=True)  # shown in lists and logs, finds the row
    secret_hash: str  # SHA-256, hexadecimal: the secret has 256 random bits, it needs no slow hash
    scopes: list[str] = document()
    created_at: datetime = instant()
    expires_at: datetime | None = instant(default=None)
    last_used_at: datetime | None = instant(default=None)
    revoked_at: datetime | None = instant(default=None)


class AuditRecord(SQLModel, table=True):
    """One thing a member of staff, or a key of theirs, did. Append-only by trigger."""

    __tablename__ = "audit_record"
    __table_args__ = strict()

    id: int = big(primary_key=True)
    at: datetime = instant(index=True)
    actor: str  # "key:ab12cd34", "cli:odile", "job:expire"
    action: str  # "rule.revised", "stock.received" ...
    subject: str = Field(index=True)  # "rule:morning-chat"
    before: Any | None = document(default=None)
    after: Any | None = document(default=None)
    reason: str | None = None
    address: str | None = None  # of the network, where there was one
