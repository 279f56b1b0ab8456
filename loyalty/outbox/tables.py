"""E-mails to send."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from loyalty.columns import big, instant, strict


class OutgoingMail(SQLModel, table=True):
    """One e-mail. States: waiting, sent (then its text is gone), dead (tried too often, or too late)."""

    __tablename__ = "outgoing_mail"
    __table_args__ = strict(
        sa.CheckConstraint("state IN ('waiting', 'sent', 'dead')", name="mail_state_known"),
        sa.Index("outgoing_mail_due", "state", "due_at"),
    )

    id: int = big(primary_key=True)
    recipient: str = Field(index=True)
    subject: str
    text: str
    state: str = "waiting"
    attempts: int = 0
    created_at: datetime = instant()
    due_at: datetime = instant()
    useless_at: datetime = instant()  # from when on it says nothing of use: then it is not sent any more
    sent_at: datetime | None = instant(default=None)
    problem: str | None = None
