"""E-mails are written in the transaction that decides them, and sent after it: claimed by lease, tried again later."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from loyalty import bulk, clock, ids
from loyalty.outbox.tables import OutgoingMail

_mail = OutgoingMail.__table__  # type: ignore[attr-defined]

LEASE = timedelta(minutes=2)
MOST_ATTEMPTS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """An e-mail to write; from `useless_at` on it is not sent any more."""

    recipient: str
    subject: str
    text: str
    useless_at: datetime


def write(session: Session, *, recipient: str, subject: str, text: str, useful_for: timedelta) -> None:
    """Put an e-mail into the outbox."""
    now = clock.now()
    session.add(
        OutgoingMail(
            id=ids.new(),
            recipient=recipient,
            subject=subject,
            text=text,
            created_at=now,
            due_at=now,
            useless_at=now + useful_for,
        )
    )
    session.flush()


def write_all(session: Session, letters: Sequence[Letter]) -> None:
    """Put many e-mails into the outbox at once."""
    now = clock.now()
    rows = [
        (ids.new(), each.recipient, each.subject, each.text, "waiting", 0, now, now, each.useless_at)
        for each in letters
    ]
    columns = ("id", "recipient", "subject", "text", "state", "attempts", "created_at", "due_at", "useless_at")
    bulk.insert(session, _mail, columns, rows)


def claim(session: Session, *, limit: int) -> list[OutgoingMail]:
    """Take up to `limit` due e-mails for `LEASE`, the longest due first; what comes too late dies instead."""
    now = clock.now()
    session.execute(
        sa.update(_mail)
        .where(_mail.c.state == "waiting", _mail.c.useless_at <= now)
        .values(state="dead", text="", problem="too late")
    )
    due = (
        sa.select(_mail.c.id)
        .where(_mail.c.state == "waiting", _mail.c.due_at <= now)
        .order_by(_mail.c.due_at, _mail.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)  # SQLite has one writer and leaves this out
        .cte("due")
    )
    taken = session.execute(
        sa.update(_mail)
        .where(_mail.c.id.in_(sa.select(due.c.id)))
        .values(due_at=now + LEASE, attempts=_mail.c.attempts + 1)
        .returning(_mail.c.id)
    ).scalars()
    chosen = select(OutgoingMail).where(bulk.one_of(session, _mail.c.id, list(taken)))
    return list(session.exec(chosen.order_by(col(OutgoingMail.id))))


def sent(session: Session, mail_ids: Sequence[int]) -> None:
    """Note that e-mails left; what they said is forgotten."""
    _change(session, mail_ids, state="sent", sent_at=clock.now(), text="", problem=None)


def failed(session: Session, mail: OutgoingMail, *, problem: str) -> None:
    """Put an e-mail back for later, each time for longer; dead after `MOST_ATTEMPTS`."""
    if mail.attempts >= MOST_ATTEMPTS:
        _change(session, [mail.id], state="dead", text="", problem=problem)
    else:
        _change(session, [mail.id], due_at=clock.now() + back_off(mail.attempts), problem=problem)


def back_off(attempts: int) -> timedelta:
    """How long to wait after so many attempts: 5 seconds, then three times as long each, at most an hour."""
    return timedelta(seconds=min(5 * 3 ** max(attempts - 1, 0), 3600))


def latest(session: Session, *, limit: int) -> list[OutgoingMail]:
    """The e-mails written last, the latest first."""
    return list(session.exec(select(OutgoingMail).order_by(col(OutgoingMail.id).desc()).limit(limit)))


def to(session: Session, recipient: str) -> list[OutgoingMail]:
    """The e-mails to an address that are still kept, the earliest first."""
    return list(
        session.exec(select(OutgoingMail).where(OutgoingMail.recipient == recipient).order_by(col(OutgoingMail.id)))
    )


def forget(session: Session, *, before: datetime) -> int:
    """Delete the e-mails written before an instant; returns how many."""
    gone: Any = session.execute(sa.delete(_mail).where(_mail.c.created_at < before))
    return int(gone.rowcount)


def forget_recipient(session: Session, recipient: str) -> None:
    """Delete every e-mail to an address."""
    session.execute(sa.delete(_mail).where(_mail.c.recipient == recipient))


def _change(session: Session, mail_ids: Sequence[int], **values: Any) -> None:
    session.execute(sa.update(_mail).where(bulk.one_of(session, _mail.c.id, mail_ids)).values(**values))
