"""Tiers end at their date, and a changed ladder reaches everybody: bucket by bucket, safe to kill, to run twice."""

from __future__ import annotations

from functools import partial

from sqlmodel import Session

from loyalty import clock
from loyalty.db import Writer
from loyalty.flows.piecemeal import bucket_by_bucket
from loyalty.ledger.post import lock_buckets
from loyalty.programme.find import the_programme
from loyalty.tiers import due
from loyalty.tiers.decide import LADDER
from loyalty.tiers.review import review

HOLDERS_AT_ONCE = 1_000


def review_tiers(db: Writer) -> int:
    """Bring in line every tier whose date has come, then everybody's where the ladder was changed.

    Returns:
        how many tiers changed.
    """
    ended = partial(due.ended_buckets, at=clock.now())
    changed = bucket_by_bucket(db, ended, _end, at_once=HOLDERS_AT_ONCE)
    changes = db.read(due.unapplied)
    if changes:
        for bucket in db.read(due.every_bucket):
            last_id: int | None = 0
            while last_id is not None:
                last_id, moved = db.write(partial(_apply, bucket=bucket, after_id=last_id))
                changed += moved
        db.write(lambda session: due.applied(session, changes))
    return changed


def _end(session: Session, bucket: int) -> int:
    now = clock.now()
    holders = due.ended(session, bucket, at=now, limit=HOLDERS_AT_ONCE)
    return review(session, holders, programme=the_programme(session), now=now)


def _apply(session: Session, *, bucket: int, after_id: int) -> tuple[int | None, int]:
    lock_buckets(session, [bucket])
    holders = due.with_status(session, bucket, after_id=after_id, limit=HOLDERS_AT_ONCE)
    moved = review(session, holders, programme=the_programme(session), now=clock.now(), why=LADDER)
    return (holders[-1] if len(holders) == HOLDERS_AT_ONCE else None), moved
