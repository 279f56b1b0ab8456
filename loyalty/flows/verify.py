"""The books are proved: every invariant of every stage, recomputed from what can never change."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import Session

import loyalty.ledger.verify
import loyalty.ledger.verify_closings
import loyalty.ledger.verify_seals
import loyalty.rewards.verify
import loyalty.rules.verify
import loyalty.tiers.verify
import loyalty.vouchers.verify
from loyalty import clock, ids
from loyalty.breach import Breach
from loyalty.db import Database, one_snapshot
from loyalty.errors import NotFound
from loyalty.ledger import verifications
from loyalty.ledger.tables import Verification
from loyalty.programme.find import the_programme
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
    "I10": "journal, lots' trace, revisions, audit and movements are append-only, and as they were sealed and closed",
    "I11": "every tier is that of its last change, and was earned in the year it names",
}

NIGHT = range(2, 6)  # hours of the programme in which few are waiting for the worker
LATEST = timedelta(hours=30)  # an older proof is not waited for the night with
_EARLIEST = timedelta(hours=12)
_KEPT_BREACHES = 100


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
        one_snapshot(session)
        found = itertools.chain(
            loyalty.ledger.verify.breaches(session),
            loyalty.ledger.verify_seals.breaches(session),
            loyalty.ledger.verify_closings.breaches(session),
            loyalty.rules.verify.breaches(session),
            loyalty.rewards.verify.breaches(session),
            loyalty.vouchers.verify.breaches(session),
            loyalty.tiers.verify.breaches(session),
            loyalty.ledger.verify.unguarded(session, tuple(set(APPEND_ONLY) - {"entry", "lot_use"})),
        )
        return Proof(
            verified_at=clock.now(),
            breaches=list(itertools.islice(found, at_most)),
            entries=session.execute(sa.text("SELECT count(*) FROM entry")).scalar_one(),
            holders=session.execute(sa.text("SELECT count(*) FROM holder")).scalar_one(),
        )

    return db.read(steps)


def verify_and_keep(db: Database, *, at_most: int = 1_000) -> Proof:
    """Check every invariant, and keep that it was done and what was found."""
    began_at = clock.now()
    proof = verify(db, at_most=at_most)
    row = Verification(
        id=ids.new(),
        began_at=began_at,
        finished_at=clock.now(),
        entries=proof.entries,
        breaches=[f"{each.invariant}: {each.where}: {each.what}" for each in proof.breaches[:_KEPT_BREACHES]],
    )
    db.write(lambda session: verifications.keep(session, row))
    return proof


def verify_nightly(db: Database) -> int:
    """Check the books once a night, or at once where the last proof is old or there is none.

    Returns:
        how many times they were checked: 1 or 0.
    """
    now = clock.now()
    latest = db.read(verifications.latest)
    if latest is not None and latest.began_at > now - _EARLIEST:
        return 0
    try:
        hour = now.astimezone(db.read(the_programme).zone).hour
    except NotFound:
        return 0  # not set up yet
    if hour not in NIGHT and latest is not None and latest.began_at > now - LATEST:
        return 0
    verify_and_keep(db)
    return 1
