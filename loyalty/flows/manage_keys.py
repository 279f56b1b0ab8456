"""Make, list, check and revoke API keys."""

import contextlib
from collections.abc import Iterable
from datetime import datetime

from sqlmodel import Session

from loyalty.db import Writer
from loyalty.errors import Busy, NotFound
from loyalty.staff import audit, keys, scopes
from loyalty.staff.keys import Key, NewKey
from loyalty.staff.tables import ApiKey


def make_key(
    db: Writer, *, name: str, scopes_wanted: Iterable[str], actor: str, expires_at: datetime | None = None
) -> NewKey:
    """Make a key; its secret is seen this once.

    Args:
        name: for people: who uses it, for what.
        expires_at: None: never.

    Raises:
        Invalid: a scope is unknown, or there is none.
    """
    wanted = scopes.checked(scopes_wanted)

    def steps(session: Session) -> NewKey:
        made = keys.make(session, name=name, scopes=wanted, expires_at=expires_at)
        after = {"name": name, "scopes": wanted, "expires_at": expires_at and expires_at.isoformat()}
        audit.record(session, actor=actor, action="key.made", subject=f"key:{made.prefix}", after=after)
        return made

    return db.write(steps)


def revoke_key(db: Writer, *, prefix: str, actor: str, reason: str | None = None) -> None:
    """Revoke a key at once and for good; again changes nothing.

    Raises:
        NotFound: no key has that prefix.
    """

    def steps(session: Session) -> None:
        if keys.revoke(session, prefix):
            audit.record(session, actor=actor, action="key.revoked", subject=f"key:{prefix}", reason=reason)
        elif all(key.prefix != prefix for key in keys.find(session)):
            raise NotFound(what=f"key {prefix}")

    db.write(steps)


def list_keys(db: Writer) -> list[ApiKey]:
    """Every key, the newest first; none shows its secret, we do not have it."""
    return db.read(keys.find)


def check_key(db: Writer, token: str) -> Key:
    """The key `token` is; its last use is noted, at most once a minute.

    Raises:
        NotAuthenticated, KeyExpired, KeyRevoked.
    """
    key = db.read(lambda session: keys.check(session, token))
    if key.is_untouched:
        with contextlib.suppress(Busy):  # a note, not worth a refusal
            db.write(lambda session: keys.touch(session, key.id))
    return key
