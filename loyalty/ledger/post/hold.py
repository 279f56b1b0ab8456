"""Points are set aside, then captured or given back: wallet to held, held to spent, held to wallet."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session

from loyalty import bulk, clock
from loyalty.errors import Refused
from loyalty.i18n import Words
from loyalty.ledger import holds
from loyalty.ledger.journal import HELD, SPENT, WALLET, Cause, Journal
from loyalty.ledger.locks import HolderState, lock
from loyalty.ledger.post.grant import pay_debt
from loyalty.ledger.post.spend import drawn
from loyalty.ledger.tables import Hold

HOLD, CAPTURE, RELEASE, MOVE = "hold", "hold_capture", "hold_release", "hold_move"

_hold = Hold.__table__  # type: ignore[attr-defined]


class HoldClosed(Refused):
    """Nothing of the hold is left, or its time is over."""

    code = "hold_closed"
    status = 409
    words = Words(
        fr="Rien n’est plus de côté depuis le {at:moment}.",
        en="Nothing has been set aside since {at:moment}.",
    )


class MoreThanHeld(Refused):
    """More is to be captured than is left of the hold."""

    code = "more_than_held"
    status = 409
    words = Words(
        fr="Il ne reste que {left:points} de côté : c’est moins que ce qui est demandé ({wanted:n}).",
        en="No more than {left:points} left aside: less than what is asked for ({wanted:n}).",
    )


def set_aside(
    session: Session,
    state: HolderState,
    *,
    hold_id: int,
    amount: int,
    purpose: str,
    effective_at: datetime,
    expires_at: datetime,
) -> Hold:
    """Set points aside, soonest expiry first, traced to their lots as a spend is.

    Raises:
        NotEnoughPoints: nothing is written.
    """
    draws = drawn(session, state, amount, at=effective_at)
    journal = Journal(clock.now())
    entry_id = journal.leg(
        state, WALLET, HELD, amount, cause=HOLD, cause_id=hold_id, effective_at=effective_at, draws=draws
    )
    journal.write(session)
    hold = Hold(
        id=hold_id,
        bucket=state.bucket,
        holder_id=state.id,
        entry_id=entry_id,
        amount=amount,
        purpose=purpose,
        created_at=effective_at,
        expires_at=expires_at,
    )
    session.add(hold)
    session.flush()
    return hold


def capture(
    session: Session, state: HolderState, hold: Hold, *, amount: int, cause_id: int, effective_at: datetime
) -> None:
    """Spend some of what is held, those points first that expire first.

    Raises:
        MoreThanHeld
    """
    assert hold.closed_at is None, "see refuse_closed"
    if amount > holds.left(hold):
        raise MoreThanHeld(left=holds.left(hold), wanted=amount)
    journal = Journal(clock.now())
    journal.leg(
        state,
        HELD,
        SPENT,
        amount,
        cause=CAPTURE,
        cause_id=cause_id,
        effective_at=effective_at,
        reverses=hold.entry_id,
    )
    journal.write(session)
    hold.captured += amount
    if not holds.left(hold):
        hold.closed_at = effective_at
    session.flush()


def release(session: Session, state: HolderState, hold: Hold, *, effective_at: datetime) -> int:
    """Give back what is left to the very lots it came from, once; then what the holder owes is paid from it.

    Points whose lot has expired meanwhile go back to it all the same: the next sweep expires them.

    Returns:
        the points given back.
    """
    assert hold.closed_at is None, "see refuse_closed"
    points = holds.left(hold)
    journal = Journal(clock.now())
    _give_back(journal, state, hold, holds.lots_of(session, [hold])[hold.id], effective_at=effective_at)
    journal.write(session)
    hold.released += points
    hold.closed_at = effective_at
    session.flush()
    return points


def release_due(session: Session, bucket: int, *, at: datetime, limit: int) -> int:
    """Give back what is left of the holds of one locked bucket whose time is over, at most `limit` holds.

    Returns:
        how many holds; fewer than `limit` means the bucket is done.
    """
    over = holds.due(session, bucket, at=at, limit=limit)
    if not over:
        return 0
    states = lock(session, {each.holder_id for each in over})
    lots = holds.lots_of(session, over)
    journal = Journal(clock.now(), expected=len(over))
    for each in over:
        _give_back(journal, states[each.holder_id], each, lots[each.id], effective_at=each.expires_at)
    journal.write(session)
    rows = [(holds.left(each), at, each.id, each.bucket) for each in over]
    bulk.update(session, _hold, rows, keys=("id", "bucket"), adds=("released",), sets=("closed_at",))
    return len(over)


def refuse_closed(hold: Hold, *, zone: ZoneInfo, at: datetime | None = None) -> None:
    """Let pass a hold of which something is left.

    Args:
        zone: of the instant that is told.
        at: where its time must not be over then either, though nobody may have swept it yet.

    Raises:
        HoldClosed
    """
    if hold.closed_at is not None:
        raise HoldClosed(at=min(hold.closed_at, hold.expires_at).astimezone(zone))
    if at is not None and hold.expires_at <= at:
        raise HoldClosed(at=hold.expires_at.astimezone(zone))


def _give_back(
    journal: Journal, state: HolderState, hold: Hold, lots: list[tuple[datetime, int]], *, effective_at: datetime
) -> None:
    cause: Cause = {"cause": RELEASE, "cause_id": hold.id, "effective_at": effective_at}
    back = [(expires_at, -part) for expires_at, part in lots]
    journal.leg(state, HELD, WALLET, holds.left(hold), draws=back, reverses=hold.entry_id, **cause)
    pay_debt(journal, state, lots, cause)
