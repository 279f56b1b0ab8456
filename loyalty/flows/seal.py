"""The books are sealed bucket by bucket, then a checkpoint signs all heads: safe to kill, safe to run twice."""

from __future__ import annotations

from functools import partial
from typing import Any

from sqlmodel import Session

from loyalty import clock
from loyalty.db import Database
from loyalty.fans.register import get_fan
from loyalty.ledger import checkpoint, proof, seal
from loyalty.ledger.checkpoint import Published, SigningKey


def seal_entries(db: Database, key: SigningKey) -> int:
    """Seal every entry that is not sealed yet, and sign a checkpoint if there were any. Returns how many."""
    sealed = 0
    for bucket in db.read(seal.buckets_to_seal):
        while done := db.write(partial(_seal_bucket, bucket=bucket)):
            sealed += done
    db.write(lambda session: checkpoint.make(session, key, now=clock.now()))
    return sealed


def checkpoints(db: Database) -> list[Published]:
    """All checkpoints, as they are to be published."""
    return db.read(checkpoint.published)


def statement_of(db: Database, fan_id: int) -> dict[str, Any]:
    """A fan's entries with their proofs.

    Raises:
        NotFound
    """

    def steps(session: Session) -> dict[str, Any]:
        return proof.statement(session, get_fan(session, fan_id).id)

    return db.read(steps)


def _seal_bucket(session: Session, *, bucket: int) -> int:
    return seal.seal_bucket(session, bucket, now=clock.now())
