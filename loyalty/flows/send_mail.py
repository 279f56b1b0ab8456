"""What the outbox holds leaves through the mail server: outside of every transaction, twice rather than never."""

from __future__ import annotations

import logging
from datetime import timedelta

from sqlmodel import Session

from loyalty import clock
from loyalty.db import Database
from loyalty.errors import NotFound
from loyalty.gateways.mail import MailRefused, MailServer
from loyalty.outbox import mail as outbox
from loyalty.outbox.tables import OutgoingMail
from loyalty.programme.find import the_programme

log = logging.getLogger("loyalty.mail")


def send_due(db: Database, server: MailServer, *, at_once: int = 20) -> int:
    """Send what is due; returns how many left."""
    total = 0
    while claimed := db.write(lambda session: outbox.claim(session, limit=at_once)):
        total += _send(db, server, claimed)
    return total


def latest(db: Database, *, limit: int = 20) -> list[OutgoingMail]:
    """The e-mails written last, for the mailbox of a demonstration."""
    return db.read(lambda session: outbox.latest(session, limit=limit))


def forget_mail(db: Database, *, older_than: timedelta = timedelta(days=30)) -> int:
    """Delete e-mails that old: they name people. Returns how many."""
    return db.write(lambda session: outbox.forget(session, before=clock.now() - older_than))


def _send(db: Database, server: MailServer, claimed: list[OutgoingMail]) -> int:
    name = db.read(_name)
    left: list[int] = []
    try:
        with server.connected() as connection:
            for mail in claimed:
                try:
                    server.send(connection, recipient=mail.recipient, subject=mail.subject, text=mail.text, name=name)
                except MailRefused as problem:
                    _put_back(db, [mail], problem)
                else:
                    left.append(mail.id)
    except MailRefused as problem:
        _put_back(db, claimed, problem)
    if left:
        db.write(lambda session: outbox.sent(session, left))
    return len(left)


def _put_back(db: Database, mails: list[OutgoingMail], problem: MailRefused) -> None:
    log.warning("the mail server refused", extra={"fields": {"mails": len(mails), "problem": str(problem)}})

    def steps(session: Session) -> None:
        for mail in mails:
            outbox.failed(session, mail, problem=str(problem))

    db.write(steps)


def _name(session: Session) -> str:
    try:
        return the_programme(session).name
    except NotFound:
        return "Loyalty"
