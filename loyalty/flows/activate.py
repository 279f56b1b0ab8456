"""Pending points become spendable when their time has come: bucket by bucket, safe to kill and safe to run twice."""

from __future__ import annotations

from functools import partial

from sqlmodel import Session

from loyalty import clock
from loyalty.db import Writer
from loyalty.ledger import pending
from loyalty.ledger.post import activate, lock_buckets

AWARDS_AT_ONCE = 1_000


def activate_points(db: Writer) -> int:
    """Make spendable what has waited long enough. Returns how many awards."""
    activated = 0
    for bucket in db.read(lambda session: pending.due_buckets(session, clock.now())):
        done = AWARDS_AT_ONCE
        while done == AWARDS_AT_ONCE:
            done = db.write(partial(_activate_bucket, bucket=bucket))
            activated += done
    return activated


def _activate_bucket(session: Session, *, bucket: int) -> int:
    lock_buckets(session, [bucket])
    return activate(session, bucket, at=clock.now(), limit=AWARDS_AT_ONCE)
