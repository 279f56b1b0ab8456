"""Proves that what was sealed is there as it was: every seal is computed anew from the entries, and every chain."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from loyalty.breach import Breach
from loyalty.ledger import checkpoint, merkle
from loyalty.ledger.seal import FIRST_HEAD, Range, head, leaves_of
from loyalty.ledger.tables import Bucket, Checkpoint, Seal

_bucket = Bucket.__table__  # type: ignore[attr-defined]
_seal = Seal.__table__  # type: ignore[attr-defined]


def breaches(session: Session) -> Iterator[Breach]:
    """I10: what was altered, removed or inserted among the sealed entries, or in the seals themselves."""
    seals: dict[int, list[Any]] = {}
    for row in session.execute(sa.select(_seal).order_by(_seal.c.bucket, _seal.c.number)):
        seals.setdefault(row.bucket, []).append(row)
    heads: dict[int, list[str]] = {}
    for bucket in session.execute(sa.select(_bucket).order_by(_bucket.c.id)).all():
        chain = seals.get(bucket.id, [])
        heads[bucket.id] = [FIRST_HEAD, *(row.head for row in chain)]
        yield from _of_chain(session, bucket.id, chain)
        if (bucket.seals, bucket.head) != (len(chain), heads[bucket.id][-1]):
            where = f"bucket {bucket.id}"
            yield Breach("I10", where, f"says {bucket.seals} seals up to {bucket.head}, there are {len(chain)}")
    yield from _of_checkpoints(session, heads)


def _of_chain(session: Session, bucket: int, chain: Sequence[Any]) -> Iterator[Breach]:
    previous, after_id = FIRST_HEAD, 0
    for number, row in enumerate(chain, 1):
        where = f"seal {row.number} of bucket {bucket}, entries {after_id + 1} to {row.through_id}"
        if row.number != number:
            yield Breach("I10", where, f"stands where seal {number} should")
        if row.head != head(previous, row.root, row.entries, row.through_id):
            yield Breach("I10", where, "is not chained to the one before: a seal was altered or removed")
        rows, leaves = leaves_of(session, Range(bucket, after_id, row.through_id))
        if len(rows) != row.entries:
            done = "removed" if len(rows) < row.entries else "inserted"
            yield Breach("I10", where, f"{abs(len(rows) - row.entries)} of {row.entries} entries {done} since")
        elif merkle.root(leaves).hex() != row.root:
            yield Breach("I10", where, "an entry was altered since, or one replaced by another")
        previous, after_id = row.head, row.through_id


def _of_checkpoints(session: Session, heads: dict[int, list[str]]) -> Iterator[Breach]:
    previous, buckets = checkpoint.FIRST, sorted(heads)
    rows = session.execute(sa.select(Checkpoint).order_by(col(Checkpoint.number))).scalars()
    for number, row in enumerate(rows, 1):
        where, published = f"checkpoint {row.number}", checkpoint.as_published(row)
        if (row.number, row.previous) != (number, previous):
            yield Breach("I10", where, "is not chained to the one before")
        if not published.is_genuine:
            yield Breach("I10", where, "is not what its key signed")
        counts = dict(zip(buckets, row.seals, strict=False))
        if counts.keys() != heads.keys() or any(count >= len(heads[bucket]) for bucket, count in counts.items()):
            yield Breach("I10", where, "signed seals that are no more")
        elif row.root != checkpoint.root_of_heads([heads[bucket][count] for bucket, count in counts.items()]):
            yield Breach("I10", where, "signed other heads than there are")
        previous = row.hash
