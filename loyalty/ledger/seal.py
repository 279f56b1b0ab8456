"""Entries are sealed: what is in the journal can no longer be altered, removed or slipped in without being seen.

Bucket by bucket, while its lock is held, the new entries become the leaves of a Merkle tree, and its root is chained to
the one before. Whoever posts to the bucket holds the same lock, so none is under way, and none comes later under a
number that was passed: see `locks.lock_buckets`. No lock spans two buckets. From time to time a checkpoint signs all
heads together.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from loyalty.db import to_microseconds
from loyalty.ledger import merkle
from loyalty.ledger.locks import lock_buckets
from loyalty.ledger.tables import Bucket, Entry, Seal

FIRST_HEAD = "0" * 64  # what the first seal of a bucket is chained to
MOST = 50_000  # entries of one seal

_bucket = Bucket.__table__  # type: ignore[attr-defined]
_entry = Entry.__table__  # type: ignore[attr-defined]
_seal = Seal.__table__  # type: ignore[attr-defined]
# What an entry says, in the order it is hashed. A change of this list is a new version of the seal.
CONTENT = (
    "id", "leg", "holder_id", "bucket", "cause", "cause_id", "unit", "debit", "credit", "amount",
    "rule_revision_id", "expires_at", "slides", "reverses", "effective_at", "recorded_at",
)  # fmt: skip
_COLUMNS = tuple(_entry.c[name] for name in CONTENT)
_IN_ORDER = (_entry.c.id, _entry.c.holder_id, _entry.c.leg)


@dataclass(frozen=True, slots=True)
class Range:
    """The entries of one seal: of a bucket, after one number and up to another."""

    bucket: int
    after_id: int
    through_id: int


def content(row: Iterable[Any]) -> bytes:
    """What of an entry is hashed: a JSON array of what it says, instants in microseconds since 1970."""
    said = [to_microseconds(each) if isinstance(each, datetime) else each for each in row]
    return json.dumps(said, separators=(",", ":"), ensure_ascii=True).encode()


def head(previous: str, root: str, entries: int, through_id: int) -> str:
    """The hash that chains a seal to the one before it in its bucket."""
    said = json.dumps([previous, root, entries, through_id], separators=(",", ":"))
    return hashlib.sha256(said.encode()).hexdigest()


def buckets_to_seal(session: Session) -> list[int]:
    """The buckets that have entries no seal covers."""
    newer = sa.exists().where(_entry.c.bucket == _bucket.c.id, _entry.c.id > _bucket.c.sealed_through)
    return list(session.execute(sa.select(_bucket.c.id).where(newer).order_by(_bucket.c.id)).scalars())


def how_many_unsealed(session: Session) -> int:
    """How many legs no seal covers yet."""
    newer = sa.select(sa.func.count()).where(_entry.c.bucket == _bucket.c.id, _entry.c.id > _bucket.c.sealed_through)
    return int(session.execute(newer).scalar_one())


def seal_bucket(session: Session, bucket: int, *, now: datetime) -> int:
    """Seal new entries of one bucket, which is locked from here on, at most `MOST`. Returns how many."""
    lock_buckets(session, [bucket])
    chosen = sa.select(_bucket.c.sealed_through, _bucket.c.seals, _bucket.c.head).where(_bucket.c.id == bucket)
    before = session.execute(chosen).one()
    newer = sa.select(*_COLUMNS).where(_entry.c.bucket == bucket, _entry.c.id > before.sealed_through)
    rows = session.execute(newer.order_by(*_IN_ORDER).limit(MOST + 1)).all()
    if len(rows) > MOST:  # legs of one entry stay together
        rows = [row for row in rows if row.id < rows[-1].id]
    if not rows:
        return 0
    root = merkle.root([merkle.leaf(content(row)) for row in rows]).hex()
    through_id = rows[-1].id
    chained = head(before.head, root, len(rows), through_id)
    session.execute(
        sa.insert(_seal).values(
            bucket=bucket,
            number=before.seals + 1,
            through_id=through_id,
            entries=len(rows),
            root=root,
            head=chained,
            sealed_at=now,
        )
    )
    session.execute(
        sa.update(_bucket)
        .where(_bucket.c.id == bucket)
        .values(sealed_through=through_id, seals=before.seals + 1, head=chained)
    )
    return len(rows)


def leaves_of(session: Session, of: Range) -> tuple[list[Any], list[bytes]]:
    """The entries of a seal as they are now, and their hashes."""
    chosen = sa.select(*_COLUMNS).where(
        _entry.c.bucket == of.bucket, _entry.c.id > of.after_id, _entry.c.id <= of.through_id
    )
    rows: Sequence[Any] = session.execute(chosen.order_by(*_IN_ORDER)).all()
    return list(rows), [merkle.leaf(content(row)) for row in rows]
