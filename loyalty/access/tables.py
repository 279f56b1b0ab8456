"""Web sessions, and sign-ins that are under way."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from loyalty.columns import big, instant, strict


class WebSession(SQLModel, table=True):
    """Somebody who is signed in, in one browser; only the hash of what the cookie says is kept."""

    __tablename__ = "web_session"
    __table_args__ = strict(
        sa.CheckConstraint("kind IN ('fan', 'staff')", name="session_kind_known"),
        sa.Index("web_session_of_subject", "kind", "subject_id"),
        sa.Index("web_session_by_end", "expires_at"),
    )

    id: int = big(primary_key=True)
    kind: str
    subject_id: int = big()  # of the fan, or of the member of staff
    token_hash: str = Field(unique=True)  # SHA-256, hexadecimal: 256 random bits need no slow hash
    agent: str | None = None  # the browser as it names itself, shortened: to recognise one's own devices
    created_at: datetime = instant()
    last_seen_at: datetime = instant()
    expires_at: datetime = instant()
    proved_at: datetime = instant()  # when its owner last showed who they are: what is grave asks for it anew
    revoked_at: datetime | None = instant(default=None)


class SignIn(SQLModel, table=True):
    """One link and one code sent to an address. It ends when it is used, too old, or guessed at too often."""

    __tablename__ = "sign_in"
    __table_args__ = strict(
        sa.CheckConstraint("attempts >= 0", name="attempts_not_negative"),
        sa.Index("sign_in_by_age", "created_at"),
    )

    id: int = big(primary_key=True)
    email: str = Field(index=True)  # folded
    link_hash: str = Field(unique=True)  # SHA-256 of 256 random bits
    code_hash: str  # keyed with the installation's secret: six digits alone would be guessed from a plain hash
    browser_hash: str  # of what the browser that asked keeps
    attempts: int = 0
    created_at: datetime = instant()
    expires_at: datetime = instant()
    proved_at: datetime | None = instant(default=None)  # the address is theirs
    used_at: datetime | None = instant(default=None)
