"""Pending points become spendable when their time has come: bucket by bucket, safe to kill and safe to run twice."""

from __future__ import annotations

from loyalty import clock
from loyalty.db import Writer
from loyalty.flows.piecemeal import bucket_by_bucket
from loyalty.ledger import pending
from loyalty.ledger.post import activate

AWARDS_AT_ONCE = 1_000


def activate_points(db: Writer) -> int:
    """Make spendable what has waited long enough. Returns how many awards."""
    return bucket_by_bucket(
        db,
        lambda session: pending.due_buckets(session, clock.now()),
        lambda session, bucket: activate(session, bucket, at=clock.now(), limit=AWARDS_AT_ONCE),
        at_once=AWARDS_AT_ONCE,
    )
