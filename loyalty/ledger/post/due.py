"""What time does to points: those that waited can be spent, those that were left too long expire."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session

from loyalty import clock
from loyalty.ledger import pending
from loyalty.ledger.journal import EXPIRED, PENDING, WALLET, Cause, Journal
from loyalty.ledger.locks import lock
from loyalty.ledger.post.grant import pay_debt
from loyalty.ledger.tables import Lot

ACTIVATION = "activation"  # the cause of pending points that become spendable; its id is that of the pending award

_lot = Lot.__table__  # type: ignore[attr-defined]


def expire(session: Session, bucket: int, *, at: datetime, cause_id_of: Sequence[int], limit: int) -> int:
    """Expire what is left in the due lots of one locked bucket, at most `limit` lots.

    Args:
        cause_id_of: fresh identifiers, one for each lot that may expire.

    Returns:
        how many lots expired; fewer than `limit` means the bucket is done.
    """
    left = _lot.c.granted - _lot.c.used - _lot.c.expired
    due = session.execute(
        sa.select(_lot.c.holder_id, _lot.c.expires_at, left)
        .where(_lot.c.bucket == bucket, _lot.c.expires_at <= at, left > 0)
        .order_by(_lot.c.holder_id, _lot.c.expires_at)
        .limit(limit)
    ).all()
    states = lock(session, {row.holder_id for row in due}) if due else {}
    journal = Journal(clock.now())
    for cause_id, (holder_id, expires_at, amount) in zip(cause_id_of, due, strict=False):
        journal.leg(
            states[holder_id],
            WALLET,
            EXPIRED,
            amount,
            cause="expiry",
            cause_id=cause_id,
            effective_at=expires_at,
            lot=expires_at,
        )
    journal.write(session)
    return len(due)


def activate(session: Session, bucket: int, *, at: datetime, limit: int) -> int:
    """Make the pending points of one locked bucket spendable whose time has come, at most `limit` awards.

    Returns:
        how many awards; fewer than `limit` means the bucket is done.
    """
    due = pending.due(session, bucket, at=at, limit=limit)
    states = lock(session, {each.holder_id for each in due}) if due else {}
    journal = Journal(clock.now(), expected=len(due))
    for each in due:
        state = states[each.holder_id]
        cause: Cause = {"cause": ACTIVATION, "cause_id": each.id, "effective_at": each.available_at}
        journal.leg(state, PENDING, WALLET, each.pending, lot=each.expires_at, slides=each.slides, **cause)
        pay_debt(journal, state, [(each.expires_at, each.pending)], cause)
    journal.write(session)
    pending.done(session, [(each.id, each.bucket) for each in due])
    return len(due)
