"""The proof of an entry: what ties it to a published checkpoint, and the check that needs nothing but the proof.

An entry is a leaf of its seal, the seal's root is chained into its bucket's head, the head is a leaf of the checkpoint.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from loyalty import bulk
from loyalty.ids import bucket_of
from loyalty.ledger import checkpoint, merkle
from loyalty.ledger.checkpoint import Published
from loyalty.ledger.seal import CONTENT, FIRST_HEAD, Range, content, head, leaves_of
from loyalty.ledger.tables import Checkpoint, Seal

VERSION = 1
_seal = Seal.__table__  # type: ignore[attr-defined]


def statement(session: Session, holder_id: int) -> dict[str, Any]:
    """Every sealed entry of a holder, each with its proof up to the latest checkpoint, as plain JSON.

    An entry that the latest checkpoint does not cover yet is told without a proof.
    """
    signed = checkpoint.latest(session)
    bucket = bucket_of(holder_id)
    seals = _chain(session, bucket, 0 if signed is None else signed.seals[bucket])
    entries, after_id = [], 0
    for row in seals:
        rows, leaves = leaves_of(session, Range(bucket, after_id, row.through_id))
        entries += [
            {
                "seal": row.number,
                "at": at,
                "path": [each.hex() for each in merkle.path(leaves, at)],
                "entry": _told(each),
            }
            for at, each in enumerate(rows)
            if each.holder_id == holder_id
        ]
        after_id = row.through_id
    unsealed = leaves_of(session, Range(bucket, after_id, 2**63 - 1))[0]
    return {
        "version": VERSION,
        "content": list(CONTENT),
        "holder": str(holder_id),
        "bucket": bucket,
        "entries": entries,
        "not_yet_sealed": [_told(each) for each in unsealed if each.holder_id == holder_id],
        "seals": [{"number": each.number, "root": each.root, "entries": each.entries, "through_id": each.through_id}
                  for each in seals],
        "heads": _beside(session, bucket, signed),
        "checkpoint": None if signed is None else checkpoint.as_published(signed).as_json(),
    }  # fmt: skip


def problems(said: Mapping[str, Any], *, known: Sequence[Published]) -> list[str]:
    """What is wrong with a statement, in words; nothing: it is as it was when its checkpoint was published.

    Args:
        known: the checkpoints as they were published: they are what one trusts.
    """
    published = {each.number: each for each in known}
    try:
        return _of_chain(known) or _of_statement(said, published)
    except (KeyError, TypeError, ValueError, IndexError) as problem:
        return [f"This is not a statement: {type(problem).__name__}."]


def _of_chain(known: Sequence[Published]) -> list[str]:
    wrong = [f"Checkpoint {each.number} is not what its key signed." for each in known if not each.is_genuine]
    wrong += [
        f"Checkpoint {after.number} is not chained to the one before."
        for before, after in pairwise(known)
        if (after.number, after.previous) != (before.number + 1, before.hash)
    ]
    return wrong


def _of_statement(said: Mapping[str, Any], published: Mapping[int, Published]) -> list[str]:
    if said["version"] != VERSION or said["content"] != list(CONTENT):
        return ["This statement is of another version."]
    if said["checkpoint"] is None:
        return ["Nothing was sealed yet."]
    signed = published.get(said["checkpoint"]["number"])
    if signed is None or signed.as_json() != said["checkpoint"]:
        return [f"Checkpoint {said['checkpoint']['number']} is not among the published ones."]
    chained, size = FIRST_HEAD, said["heads"]["size"]
    seals = {}
    for each in said["seals"]:
        chained = head(chained, each["root"], each["entries"], each["through_id"])
        seals[each["number"]] = each
    beside = [bytes.fromhex(each) for each in said["heads"]["path"]]
    found = merkle.root_of(merkle.leaf(bytes.fromhex(chained)), said["bucket"], size, beside)
    wrong = [] if found is not None and found.hex() == signed.root else ["The seals are not those that were signed."]
    for each in said["entries"]:
        seal, entry = seals[each["seal"]], each["entry"]
        path = [bytes.fromhex(node) for node in each["path"]]
        found = merkle.root_of(merkle.leaf(_content(entry)), each["at"], seal["entries"], path)
        if found is None or found.hex() != seal["root"] or str(entry[CONTENT.index("holder_id")]) != said["holder"]:
            wrong.append(f"Entry {entry[0]} is not as it was sealed.")
    return wrong


def _told(row: Any) -> list[Any]:
    return list(json.loads(content(row)))


def _content(entry: Sequence[Any]) -> bytes:
    return json.dumps(list(entry), separators=(",", ":"), ensure_ascii=True).encode()


def _chain(session: Session, bucket: int, count: int) -> Sequence[Any]:
    chosen = sa.select(_seal).where(_seal.c.bucket == bucket, _seal.c.number <= count)
    return session.execute(chosen.order_by(_seal.c.number)).all()


def _beside(session: Session, bucket: int, signed: Checkpoint | None) -> dict[str, Any]:
    """The heads of the other buckets at a checkpoint, as far as they are needed."""
    if signed is None:
        return {"size": 0, "path": []}
    at_that_time = [(at, count) for at, count in enumerate(signed.seals) if count]
    wanted = bulk.one_of_pairs(session, _seal.c.bucket, _seal.c.number, at_that_time)
    found = {row.bucket: row.head for row in session.execute(sa.select(_seal.c.bucket, _seal.c.head).where(wanted))}
    leaves = [merkle.leaf(bytes.fromhex(found.get(at, FIRST_HEAD))) for at in range(len(signed.seals))]
    return {"size": len(leaves), "path": [each.hex() for each in merkle.path(leaves, bucket)]}
