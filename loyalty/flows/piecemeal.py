"""Much work in small transactions: a kill in between loses nothing, and the second time there is nothing to do."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

from sqlmodel import Session

from loyalty.db import Writer
from loyalty.ledger.post import lock_buckets


def in_pieces(db: Writer, piece: Callable[[Session], int], *, at_once: int) -> int:
    """Do a piece in each transaction until one finds less to do than it may. Returns how much was done.

    Args:
        piece: does at most `at_once` of what there is to do, and says how many it did.
    """
    total = 0
    while True:
        done = db.write(piece)
        total += done
        if done < at_once:
            return total


def bucket_by_bucket(
    db: Writer,
    due: Callable[[Session], Iterable[int]],
    piece: Callable[[Session, int], int],
    *,
    at_once: int,
) -> int:
    """The same for each bucket that has something to do, locked while a piece of it is done.

    Args:
        due: says which buckets have.
    """

    def locked(session: Session, bucket: int) -> int:
        lock_buckets(session, [bucket])
        return piece(session, bucket)

    return sum(in_pieces(db, partial(locked, bucket=bucket), at_once=at_once) for bucket in db.read(due))
