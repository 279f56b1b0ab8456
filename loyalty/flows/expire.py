"""Points whose time has come expire: bucket by bucket, safe to kill and safe to run twice."""

from __future__ import annotations

from functools import partial

from sqlmodel import Session

from loyalty import clock, ids
from loyalty.db import Database, Writer
from loyalty.ledger import lots
from loyalty.ledger.lots import Due
from loyalty.ledger.post import expire, lock_buckets

LOTS_AT_ONCE = 1_000


def expire_points(db: Writer) -> int:
    """Expire what is left in every lot that is due. Returns how many lots expired."""
    expired = 0
    for bucket in db.read(lambda session: lots.due_buckets(session, clock.now())):
        done = LOTS_AT_ONCE
        while done == LOTS_AT_ONCE:
            done = db.write(partial(_expire_bucket, bucket=bucket))
            expired += done
    return expired


def what_expires(db: Database) -> Due:
    """What `expire_points` would expire now."""
    return db.read(lambda session: lots.due(session, clock.now()))


def _expire_bucket(session: Session, *, bucket: int) -> int:
    lock_buckets(session, [bucket])
    return expire(session, bucket, at=clock.now(), cause_id_of=ids.many(LOTS_AT_ONCE), limit=LOTS_AT_ONCE)
