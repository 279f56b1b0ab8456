"""One holder gives points to another: lot by lot, so that no point gains a day of life."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session

from loyalty import clock
from loyalty.ledger.journal import MOVED, TRANSFER, Cause, Journal
from loyalty.ledger.locks import HolderState
from loyalty.ledger.post.carry import carry
from loyalty.ledger.post.grant import pay_debt
from loyalty.ledger.post.spend import drawn
from loyalty.ledger.tables import Entry

_entry = Entry.__table__  # type: ignore[attr-defined]


def transfer(
    session: Session,
    sender: HolderState,
    receiver: HolderState,
    *,
    amount: int,
    cause_id: int,
    effective_at: datetime,
) -> None:
    """Move points that can be spent, soonest expiry first; what the receiver owes is paid from them.

    Raises:
        NotEnoughPoints: nothing is written.
    """
    journal = Journal(clock.now())
    parts = drawn(session, sender, amount, at=effective_at)
    cause: Cause = {"cause": TRANSFER, "cause_id": cause_id, "effective_at": effective_at}
    for lot, part in parts:
        carry(journal, sender, receiver, part, cause, leaves=lot, joins=lot)
    pay_debt(journal, receiver, parts, cause)
    journal.write(session)


def sent_since(session: Session, sender: HolderState, since: datetime) -> int:
    """What a locked holder gave to others from an instant on."""
    chosen = sa.select(sa.func.coalesce(sa.func.sum(_entry.c.amount), 0)).where(
        _entry.c.holder_id == sender.id,
        _entry.c.bucket == sender.bucket,
        _entry.c.cause == TRANSFER,
        _entry.c.credit == MOVED,
        _entry.c.effective_at >= since,
    )
    return int(session.execute(chosen).scalar_one())
