"""API keys and the audit trail."""

from datetime import datetime
from typing import Any

from sqlmodel import Field, SQLModel

from loyalty.columns import big, document, instant, strict


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
