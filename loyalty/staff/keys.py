"""API keys: made once, shown once, kept as a hash, found by their prefix, checked in constant time."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from loyalty import clock, ids
from loyalty.errors import Refused
from loyalty.i18n import Words
from loyalty.staff.tables import ApiKey

_key = ApiKey.__table__  # type: ignore[attr-defined]
# Asked by every request: the columns, without the weight of a model.
_BY_PREFIX = sa.select(_key).where(_key.c.prefix == sa.bindparam("prefix"))

MARK = "lk"  # every key begins with it, so that a scanner for leaked secrets can tell one
TOUCH_EVERY = timedelta(minutes=1)  # how exact the time of last use is


class NotAuthenticated(Refused):
    """No credential was given, or it is not one of ours."""

    code = "not_authenticated"
    status = 401
    words = Words(
        fr="Clé absente ou inconnue : envoyez-la dans l’en-tête « Authorization: Bearer … ».",
        en="Missing or unknown key: send it in the header “Authorization: Bearer …”.",
    )


class KeyExpired(Refused):
    """The key was right, until it expired."""

    code = "key_expired"
    status = 401
    words = Words(fr="Cette clé a expiré le {expired_at:date}.", en="This key expired on {expired_at:date}.")


class KeyRevoked(Refused):
    """The key was right, until it was revoked."""

    code = "key_revoked"
    status = 401
    words = Words(fr="Cette clé a été révoquée.", en="This key was revoked.")


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key just made; `token` is the only time its secret is seen."""

    token: str
    prefix: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """A key that was checked.

    Attributes:
        prefix: names it in lists, logs and the audit trail.
        last_used_at: exact to `TOUCH_EVERY`.
    """

    id: int
    name: str
    prefix: str
    scopes: frozenset[str]
    last_used_at: datetime | None

    @property
    def is_untouched(self) -> bool:
        """Whether its last use was noted so long ago that it should be noted again."""
        return self.last_used_at is None or clock.now() - self.last_used_at >= TOUCH_EVERY


def make(session: Session, *, name: str, scopes: list[str], expires_at: datetime | None = None) -> NewKey:
    """Keep a new key's hash. `scopes` were checked; `expires_at` None: never."""
    prefix, secret = secrets.token_hex(4), ids.secret()
    session.add(
        ApiKey(
            id=ids.new(),
            name=name,
            prefix=prefix,
            secret_hash=_hash(secret),
            scopes=scopes,
            created_at=clock.now(),
            expires_at=expires_at,
        )
    )
    session.flush()
    return NewKey(f"{MARK}_{prefix}_{secret}", prefix)


def check(session: Session, token: str) -> Key:
    """The key `token` is.

    Raises:
        NotAuthenticated: it is none of ours.
        KeyExpired, KeyRevoked: it was, and whoever holds it may know.
    """
    mark, _, rest = token.partition("_")
    prefix, _, secret = rest.partition("_")
    if mark != MARK or not prefix or not secret or not token.isascii():
        raise NotAuthenticated
    kept = session.execute(_BY_PREFIX, {"prefix": prefix}).one_or_none()
    known = kept.secret_hash if kept else ""
    if not hmac.compare_digest(_hash(secret), known) or kept is None:
        raise NotAuthenticated
    if kept.revoked_at is not None:
        raise KeyRevoked
    if kept.expires_at is not None and kept.expires_at <= clock.now():
        raise KeyExpired(expired_at=kept.expires_at)
    return Key(
        id=kept.id,
        name=kept.name,
        prefix=kept.prefix,
        scopes=frozenset(kept.scopes),
        last_used_at=kept.last_used_at,
    )


def touch(session: Session, key_id: int) -> None:
    """Note that the key was used just now."""
    session.execute(sa.update(ApiKey).where(col(ApiKey.id) == key_id).values(last_used_at=clock.now()))


def revoke(session: Session, prefix: str) -> bool:
    """Revoke a key for good. False: there is none of that prefix, or it was revoked before."""
    done: Any = session.execute(
        sa.update(ApiKey)
        .where(col(ApiKey.prefix) == prefix, col(ApiKey.revoked_at).is_(None))
        .values(revoked_at=clock.now())
    )
    return bool(done.rowcount)


def find(session: Session) -> list[ApiKey]:
    """Every key, the newest first."""
    return list(session.exec(select(ApiKey).order_by(col(ApiKey.id).desc())))


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
