"""Vouchers whose time is over end; the points are not given back, and the unit stays taken."""

from loyalty import clock
from loyalty.db import Writer
from loyalty.flows.piecemeal import in_pieces
from loyalty.vouchers import states

AT_ONCE = 1_000


def expire_vouchers(db: Writer, *, at_once: int = AT_ONCE) -> int:
    """Expire the vouchers that are due, a transaction for each thousand; a kill in between loses nothing.

    Returns:
        how many expired now; the second time none.
    """
    now = clock.now()
    return in_pieces(db, lambda session: states.expire(session, now=now, limit=at_once), at_once=at_once)
