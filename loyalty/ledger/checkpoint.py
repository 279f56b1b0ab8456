"""A checkpoint signs the heads of all buckets together and is chained to the one before: published, it binds us.

It is a plain JSON object, so that anybody can check it without us, see `proof.py`.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from loyalty.ledger import merkle
from loyalty.ledger.tables import Bucket, Checkpoint, Seal

FIRST = "0" * 64  # what the first checkpoint is chained to
_SIGNED = b"loyalty checkpoint v1:"

_bucket = Bucket.__table__  # type: ignore[attr-defined]
_checkpoint = Checkpoint.__table__  # type: ignore[attr-defined]
_seal = Seal.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """A checkpoint as it is published; `hash` is that of all before it, `signature` that of the hash."""

    number: int
    at: str
    root: str
    entries: int
    previous: str
    hash: str
    public_key: str
    signature: str

    @property
    def content(self) -> str:
        """The hash of what it says."""
        said = [self.number, self.at, self.root, self.entries, self.previous, self.public_key]
        return hashlib.sha256(json.dumps(said, separators=(",", ":")).encode()).hexdigest()

    @property
    def is_genuine(self) -> bool:
        """Whether it says what its key signed."""
        try:
            key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(self.public_key))
            key.verify(bytes.fromhex(self.signature), _SIGNED + bytes.fromhex(self.hash))
        except (InvalidSignature, ValueError):
            return False
        return self.content == self.hash

    def as_json(self) -> dict[str, Any]:
        """To be written down."""
        return asdict(self)


class SigningKey:
    """The key of an installation that signs its checkpoints.

    Args:
        secret_key: of the installation; this key is derived from it for this one use (RFC 5869).
    """

    def __init__(self, secret_key: str) -> None:
        derived = HKDF(SHA256(), length=32, salt=None, info=b"loyalty/ledger: checkpoints").derive(secret_key.encode())
        self._key = Ed25519PrivateKey.from_private_bytes(derived)
        self.public = self._key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw).hex()

    def sign(self, digest: str) -> str:
        """The signature of a checkpoint's hash."""
        return self._key.sign(_SIGNED + bytes.fromhex(digest)).hex()


def root_of_heads(heads: list[str]) -> str:
    """One hash for the heads of all buckets, in their order."""
    return merkle.root([merkle.leaf(bytes.fromhex(each)) for each in heads]).hex()


def make(session: Session, key: SigningKey, *, now: datetime) -> Published | None:
    """Make the next checkpoint; None if nothing was sealed since the last, or another process is just making it."""
    last = latest(session)
    sealed = sa.select(sa.func.sum(_seal.c.entries)).where(_seal.c.bucket == _bucket.c.id).scalar_subquery()
    buckets = session.execute(sa.select(_bucket.c.seals, _bucket.c.head, sealed).order_by(_bucket.c.id)).all()
    seals = [row.seals for row in buckets]
    if last is not None and last.seals == seals:
        return None
    unsigned = Published(
        number=1 if last is None else last.number + 1,
        at=now.isoformat(),
        root=root_of_heads([row.head for row in buckets]),
        entries=sum(int(row[2] or 0) for row in buckets),
        previous=FIRST if last is None else last.hash,
        hash="",
        public_key=key.public,
        signature="",
    )
    signed = replace(unsigned, hash=unsigned.content, signature=key.sign(unsigned.content))
    try:
        with session.begin_nested():
            session.execute(sa.insert(_checkpoint).values(**(signed.as_json() | {"at": now}), seals=seals))
    except IntegrityError:
        return None
    return signed


def latest(session: Session) -> Checkpoint | None:
    """The last one that was made."""
    return session.execute(sa.select(Checkpoint).order_by(_checkpoint.c.number.desc()).limit(1)).scalar_one_or_none()


def published(session: Session) -> list[Published]:
    """All of them, the first first."""
    rows = session.execute(sa.select(Checkpoint).order_by(_checkpoint.c.number)).scalars()
    return [as_published(row) for row in rows]


def as_published(row: Checkpoint) -> Published:
    """One that is kept, as it was published."""
    return Published(
        number=row.number,
        at=row.at.isoformat(),
        root=row.root,
        entries=row.entries,
        previous=row.previous,
        hash=row.hash,
        public_key=row.public_key,
        signature=row.signature,
    )
