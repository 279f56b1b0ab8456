"""The books are proved: every invariant of every stage, recomputed from what can never change."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session

import loyalty.ledger.verify
import loyalty.rewards.verify
import loyalty.rules.verify
import loyalty.vouchers.verify
from loyalty import clock
from loyalty.breach import Breach
from loyalty.db import Database
from loyalty.tables import APPEND_ONLY

INVARIANTS = {
    "I1": "each entry balances, between accounts it may move",
    "I2": "what leaves one holder for another arrives",
    "I3": "balance = sum of entries = sum of lots",
    "I4": "no balance below zero",
    "I5": "stock received = free + taken + withdrawn + lost",
    "I6": "each voucher follows a legal path, used at most as often as it may",
    "I7": "every activity has exactly one outcome, and the journal agrees",
    "I8": "at most one award per act and rule, never more taken back than given",
    "I9": "caps and budgets hold, and are counted right",
    "I10": "journal, lots' trace, revisions, audit and movements are append-only",
}


@dataclass(frozen=True, slots=True)
class Proof:
    """What `verify` found: nothing in breach, or the rows that are."""

    verified_at: datetime
    breaches: list[Breach]
    entries: int
    holders: int

    @property
    def holds(self) -> bool:
        """Whether every invariant holds."""
        return not self.breaches


def verify(db: Database, *, at_most: int = 1_000) -> Proof:
    """Check every invariant on one snapshot.

    Args:
        at_most: how many breaches to collect before stopping.
    """

    def steps(session: Session) -> Proof:
        if session.get_bind().dialect.name == "postgresql":
            session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        found = itertools.chain(
            loyalty.ledger.verify.breaches(session),
            loyalty.rules.verify.breaches(session),
            loyalty.rewards.verify.breaches(session),
            loyalty.vouchers.verify.breaches(session),
            loyalty.ledger.verify.unguarded(session, tuple(set(APPEND_ONLY) - {"entry", "lot_use"})),
        )
        return Proof(
            verified_at=clock.now(),
            breaches=list(itertools.islice(found, at_most)),
            entries=session.execute(sa.text("SELECT count(*) FROM entry")).scalar_one(),
            holders=session.execute(sa.text("SELECT count(*) FROM holder")).scalar_one(),
        )

    return db.read(steps)
