"""Points get another expiry: they leave their lot and join another of the same holder, by two legs that are traced."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session

from loyalty import clock
from loyalty.ledger.journal import Cause, Journal
from loyalty.ledger.locks import HolderState
from loyalty.ledger.lots import OpenLot, open_lots
from loyalty.ledger.post.carry import carry
from loyalty.ledger.post.gain import Award
from loyalty.ledger.tables import PendingAward

RENEWAL = "renewal"  # the cause of points that slide; its id is that of what was earned
_pending = PendingAward.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True, kw_only=True)
class Redated:
    """What is left in one lot is to expire at another time.

    Attributes:
        lot: as read under the holder's lock.
        slides: whether the points slide from then on.
        earned_at: when the points were earned, kept with them.
    """

    lot: OpenLot
    expires_at: datetime
    slides: bool
    earned_at: datetime


def redate(
    session: Session, states: Mapping[int, HolderState], changes: Iterable[Redated], *, cause: str, cause_id: int
) -> None:
    """Give lots of locked holders another expiry. A holder has all its changes of one cause in one call."""
    journal = Journal(clock.now())
    for each in changes:
        lot = each.lot
        for part, slid in ((lot.left - lot.slides, False), (lot.slides, True)):
            if part and (each.expires_at, each.slides) != (lot.expires_at, slid):
                _carry(journal, states[lot.holder_id], each, part, slid=slid, cause=cause, cause_id=cause_id)
    journal.write(session)


def renew(
    session: Session, journal: Journal, states: Mapping[int, HolderState], gains: Sequence[Award]
) -> dict[int, datetime]:
    """Let what slides of the holders who earn go on with what they earn now.

    A late act joins what was earned after it. A lot that has ended is not renewed, though nobody swept it yet.

    Returns:
        for each holder when all that slides expires from now on.
    """
    lots = open_lots(session, {each.holder_id for each in gains}, sliding_after=journal.recorded_at)
    latest: dict[int, Award] = {}
    for each in gains:
        if each.holder_id not in latest or each.effective_at >= latest[each.holder_id].effective_at:
            latest[each.holder_id] = each
    joins = {}
    for holder_id, gain in latest.items():
        theirs = lots.get(holder_id, [])
        within = [lot.expires_at for lot in theirs if gain.slides_until and lot.expires_at <= gain.slides_until]
        joins[holder_id] = end = max(gain.expires_at, *within) if within else gain.expires_at
        for lot in theirs:
            if lot.expires_at < end:
                change = Redated(lot=lot, expires_at=end, slides=True, earned_at=gain.effective_at)
                _carry(
                    *(journal, states[holder_id], change, lot.slides), slid=True, cause=RENEWAL, cause_id=gain.cause_id
                )
        if states[holder_id].pending:
            _renew_pending(session, states[holder_id], end)
    return joins


def _carry(
    journal: Journal, state: HolderState, change: Redated, part: int, *, slid: bool, cause: str, cause_id: int
) -> None:
    given: Cause = {"cause": cause, "cause_id": cause_id, "effective_at": change.earned_at}
    lots = {"leaves": change.lot.expires_at, "joins": change.expires_at}
    carry(journal, state, state, part, given, **lots, slid=slid, slides=change.slides)


def _renew_pending(session: Session, state: HolderState, end: datetime) -> None:
    session.execute(
        sa.update(_pending)
        .where(
            _pending.c.holder_id == state.id,
            _pending.c.bucket == state.bucket,
            _pending.c.pending > 0,
            _pending.c.slides,
            _pending.c.expires_at < end,
        )
        .values(expires_at=end)
    )
