"""Proves the closed months: each is summed anew from the entries, and each is chained to the one before."""

from __future__ import annotations

from collections.abc import Iterator

from sqlmodel import Session

from loyalty.breach import Breach
from loyalty.ledger import closing, sums
from loyalty.ledger.months import numbered
from loyalty.ledger.sums import Balances
from loyalty.ledger.tables import Closing


def breaches(session: Session) -> Iterator[Breach]:
    """I10: what a closed month says and the journal does not, a month left out, a closing that was altered."""
    before: Closing | None = None
    balances: Balances = {}
    for each in closing.every(session):
        where = f"month {numbered(each.month)}"
        yield from _of_chain(each, before, where)
        moved = sums.movements(session, each.begins_at if before else None, each.ends_at)
        balances = sums.applied(balances, moved)
        for name, said in closing.figures(moved, balances).items():
            if getattr(each, name) != said:
                yield Breach("I10", where, f"closed with {name} {getattr(each, name)}, the journal says {said}")
        before = each


def _of_chain(each: Closing, before: Closing | None, where: str) -> Iterator[Breach]:
    if each.hash != closing.content_hash(each):
        yield Breach("I10", where, "is not what was closed: it was altered since")
    if each.previous != (before.hash if before else closing.FIRST):
        yield Breach("I10", where, "is not chained to the closing before: one was removed or replaced")
    if before and (each.begins_at, each.month) != (before.ends_at, numbered(before.month).later(1).number):
        yield Breach("I10", where, "does not follow the month before")
