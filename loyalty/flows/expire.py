"""Points whose time has come expire: bucket by bucket, safe to kill and safe to run twice."""

from __future__ import annotations

from sqlmodel import Session

from loyalty import clock, ids
from loyalty.db import Database, Writer
from loyalty.flows.piecemeal import bucket_by_bucket
from loyalty.ledger import lots
from loyalty.ledger.lots import Due
from loyalty.ledger.post import expire

LOTS_AT_ONCE = 1_000


def expire_points(db: Writer) -> int:
    """Expire what is left in every lot that is due. Returns how many lots expired."""
    return bucket_by_bucket(db, lambda session: lots.due_buckets(session, clock.now()), _expire, at_once=LOTS_AT_ONCE)


def what_expires(db: Database) -> Due:
    """What `expire_points` would expire now."""
    return db.read(lambda session: lots.due(session, clock.now()))


def _expire(session: Session, bucket: int) -> int:
    return expire(session, bucket, at=clock.now(), cause_id_of=ids.many(LOTS_AT_ONCE), limit=LOTS_AT_ONCE)
