"""Points are granted: an award of a rule, or a correction; what a holder owes is paid from them first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlmodel import Session

from loyalty import clock
from loyalty.ledger.journal import DEBT, ISSUED, PENDING, POINTS_UNIT, STATUS, WALLET, Cause, Journal
from loyalty.ledger.locks import HolderState
from loyalty.ledger.lots import OpenLot, draw
from loyalty.ledger.post.gain import Award
from loyalty.ledger.post.redate import renew
from loyalty.ledger.traces import Waits


def award(session: Session, states: Mapping[int, HolderState], awards: Sequence[Award]) -> None:
    """Grant points; what a holder owes is paid first, from those that can be spent."""
    journal = Journal(clock.now(), expected=len(awards))
    sliding = [each for each in awards if each.slides_until is not None and each.unit == POINTS_UNIT]
    renewed = renew(session, journal, states, sliding) if sliding else {}
    for each in awards:
        state = states[each.holder_id]
        points = each.unit == POINTS_UNIT
        slides = points and each.slides_until is not None
        expires_at = renewed[each.holder_id] if slides else each.expires_at
        waits = None
        if points and each.available_at is not None and each.available_at > journal.recorded_at:
            waits = Waits(each.available_at, expires_at, slides)
        journal.leg(
            state,
            ISSUED,
            PENDING if waits else WALLET if points else STATUS,
            each.amount,
            cause=each.cause,
            cause_id=each.cause_id,
            effective_at=each.effective_at,
            unit=each.unit,
            rule_revision_id=each.rule_revision_id,
            lot=None if waits else expires_at,
            waits=waits,
            slides=slides and not waits,
            first_leg=each.first_leg,
        )
        if points and not waits and state.debt:
            cause: Cause = {"cause": each.cause, "cause_id": each.cause_id, "effective_at": each.effective_at}
            pay_debt(journal, state, [(expires_at, each.amount)], cause)
    journal.write(session)


def pay_debt(journal: Journal, state: HolderState, has: Iterable[tuple[datetime, int]], cause: Cause) -> None:
    """Let a holder pay what it owes, as far as it can.

    Args:
        has: from which lots, with how much is in each; the soonest expiry goes first.
    """
    lots = [OpenLot(state.id, expires_at, points) for expires_at, points in has]
    paid = min(state.debt, sum(lot.left for lot in lots))
    if paid:
        journal.leg(state, WALLET, DEBT, paid, draws=draw(lots, paid), **cause)
