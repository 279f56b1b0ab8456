"""Who may touch a holder's points: whoever holds the lock of its bucket.

Buckets are locked ascending, before anything is read; unordered locks deadlock, no lock breaks caps. SQLite has one
writer at a time, so there the transaction itself is the lock.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlmodel import Session

from loyalty import bulk, clock, ids
from loyalty.db import TryAgain, is_distributed, is_sqlite
from loyalty.ids import bucket_of
from loyalty.ledger.tables import Bucket, Holder

_holder = Holder.__table__  # type: ignore[attr-defined]
_bucket = Bucket.__table__  # type: ignore[attr-defined]


@dataclass(slots=True)
class HolderState:
    """One locked holder; the figures follow what this transaction posts."""

    id: int
    bucket: int
    balance: int = 0
    held: int = 0
    pending: int = 0
    status: int = 0
    debt: int = 0
    merged_into: int | None = None


def lock(session: Session, holder_ids: Iterable[int]) -> dict[int, HolderState]:
    """Lock the buckets of these holders until the transaction ends, then read the holders.

    A holder that has no row yet is missing from the answer.
    """
    wanted = sorted(set(holder_ids))
    buckets = sorted({bucket_of(each) for each in wanted})
    lock_buckets(session, buckets)
    # Read Committed: a new statement sees what was committed while we waited for the locks.
    found = sa.select(*(_holder.c[name] for name in HolderState.__slots__)).where(
        bulk.one_of(session, _holder.c.id, wanted), bulk.of_holders(session, _holder.c.bucket, wanted)
    )
    rows = bulk.fetch(session, found)
    return {row[0]: HolderState(*row) for row in rows}


def refuse_moved(states: Mapping[int, HolderState]) -> None:
    """Have the transaction run again when a holder was merged into another while we waited for its lock.

    Raises:
        TryAgain
    """
    if any(state.merged_into is not None for state in states.values()):
        raise TryAgain


def lock_buckets(session: Session, buckets: Sequence[int]) -> None:
    """Lock these buckets, ascending, until the transaction ends."""
    # Over many machines a statement locks rows of one only.
    turns = [[each] for each in buckets] if is_distributed(session) else [buckets]
    for these in turns:
        theirs = sa.select(_bucket.c.sealed_through).where(bulk.one_of(session, _bucket.c.id, these))
        if not is_sqlite(session):
            theirs = theirs.order_by(_bucket.c.id).with_for_update()
        # What is posted now is no part of what was sealed, though another machine's clock may be ahead of ours.
        ids.stay_above(max((sealed_through for (sealed_through,) in bulk.fetch(session, theirs)), default=0))


def every_bucket(session: Session) -> list[int]:
    """All of them, ascending."""
    return list(session.execute(sa.select(_bucket.c.id).order_by(_bucket.c.id)).scalars())


def open_holders(session: Session, holder_ids: Iterable[int]) -> None:
    """Make a row for each of these holders, which must be new."""
    now = clock.now()
    rows = [(holder_id, bucket_of(holder_id), 0, 0, 0, 0, now) for holder_id in sorted(set(holder_ids))]
    bulk.insert(session, _holder, ("id", "bucket", "balance", "held", "status", "debt", "created_at"), rows)
