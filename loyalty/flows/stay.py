"""Somebody who signed in stays in, until they sign out, here or everywhere."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlmodel import Session

from loyalty import clock
from loyalty.access import codes, sessions
from loyalty.access.sessions import FAN, OpenSession
from loyalty.db import Database
from loyalty.errors import Busy
from loyalty.fans import find, seen
from loyalty.gather import Gatherers

_AT_ONCE = 200  # visits noted in one transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """A fan in one browser."""

    session_id: int
    fan_id: int
    name: str | None
    language: str


def signed_in(db: Database, token: str) -> SignedIn | None:
    """The fan whose session this token is, if it is good now."""

    fan = db.read(lambda session: find.signed_in(session, token))
    if fan is None:
        return None
    found = fan.session
    if found.is_stale:
        with contextlib.suppress(Busy):  # it will be noted another time
            _gatherers.of(db).do(found)
    return SignedIn(session_id=found.id, fan_id=found.subject_id, name=fan.display_name, language=fan.language)


def _note_seen(session: Session, found: Sequence[OpenSession]) -> list[None]:
    sessions.note_seen(session, [each.id for each in found])
    seen.note_seen(session, [each.subject_id for each in found])
    return [None] * len(found)


# Yesterday's fans all come back in the minute in which a code is said: not one transaction each.
_gatherers: Gatherers[Database, OpenSession, None] = Gatherers(
    lambda db, _subject, found: db.write(lambda session: _note_seen(session, found)), most=_AT_ONCE
)


def sign_out(db: Database, token: str) -> None:
    """End one session."""
    db.write(lambda session: sessions.revoke(session, kind=FAN, token=token))


def sign_out_everywhere(db: Database, fan_id: int) -> int:
    """End every session of a fan; returns how many there were."""
    return db.write(lambda session: sessions.revoke_all(session, kind=FAN, subject_id=fan_id))


def forget_sessions(db: Database, *, older_than: timedelta = timedelta(days=30), at_once: int = 5000) -> int:
    """Delete sessions that ended that long ago, and yesterday's sign-ins. Returns how many."""

    def steps(session: Session) -> int:
        now = clock.now()
        gone = codes.forget(session, before=now - timedelta(days=1))
        return gone + sessions.forget(session, before=now - older_than, limit=at_once)

    return db.write(steps)
