"""Points leave one lot and join another, of the same holder or of another, by two legs that are traced."""

from __future__ import annotations

from datetime import datetime

from loyalty.ledger.journal import MOVED, WALLET, Cause, Journal
from loyalty.ledger.locks import HolderState


def carry(
    journal: Journal,
    giver: HolderState,
    receiver: HolderState,
    amount: int,
    cause: Cause,
    *,
    leaves: datetime,
    joins: datetime,
    slid: bool = False,
    slides: bool = False,
) -> None:
    """Carry points from lot to lot.

    Args:
        leaves, joins: the lots, by their expiry.
        slid, slides: whether these points slid before, and whether they do from now on.
    """
    journal.leg(giver, WALLET, MOVED, amount, draws=[(leaves, amount)], slides=slid, **cause)
    journal.leg(receiver, MOVED, WALLET, amount, lot=joins, slides=slides, **cause)
