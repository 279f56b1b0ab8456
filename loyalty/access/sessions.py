"""Sessions kept on the server: what the cookie says is a random secret, and a row decides what it is worth."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from loyalty import bulk, clock, ids
from loyalty.access.tables import WebSession

_session = WebSession.__table__  # type: ignore[attr-defined]
FAN, STAFF = "fan", "staff"
_LONGEST_AGENT = 120
_CLOCKS_DIFFER = timedelta(days=1)  # further than that, the clock that a session was begun by was wrong
GOOD = sa.select(_session.c.id, _session.c.subject_id, _session.c.proved_at, _session.c.last_seen_at).where(
    _session.c.token_hash == sa.bindparam("token_hash"),
    _session.c.kind == sa.bindparam("kind"),
    _session.c.revoked_at.is_(None),
    _session.c.expires_at > sa.bindparam("now"),
    _session.c.expires_at <= sa.bindparam("at_most"),  # begun by a clock that has been put back since: it would outlast
)  # made once: it is asked at every request, of somebody together with who they are


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """How long a session may last: `absolute` in all, `idle` between two requests, noted every `noted`."""

    absolute: timedelta
    idle: timedelta | None
    noted: timedelta


LIVES: Mapping[str, Life] = MappingProxyType(
    {
        FAN: Life(absolute=timedelta(days=30), idle=None, noted=timedelta(hours=1)),
        STAFF: Life(absolute=timedelta(hours=12), idle=timedelta(minutes=30), noted=timedelta(minutes=1)),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenSession:
    """A session that is good now.

    Attributes:
        proved_at: when its owner last showed who they are.
        is_stale: it is time to note that it was seen.
    """

    id: int
    kind: str
    subject_id: int
    proved_at: datetime
    is_stale: bool


def begin(session: Session, *, kind: str, subject_id: int, agent: str | None) -> str:
    """Sign somebody in; returns the token for the cookie, which is kept nowhere else."""
    now, token = clock.now(), ids.secret()
    session.add(
        WebSession(
            id=ids.new(),
            kind=kind,
            subject_id=subject_id,
            token_hash=digest(token),
            agent=(agent or "")[:_LONGEST_AGENT] or None,
            created_at=now,
            proved_at=now,
            last_seen_at=now,
            expires_at=now + LIVES[kind].absolute,
        )
    )
    session.flush()
    return token


def find(session: Session, *, kind: str, token: str) -> OpenSession | None:
    """The session of a token, if it is good now."""
    asked = about(kind, token)
    row = session.execute(GOOD, asked).one_or_none()
    return None if row is None else opened(row, kind=kind, now=asked["now"])


def about(kind: str, token: str) -> dict[str, Any]:
    """What `GOOD` has to be given."""
    now = clock.now()
    at_most = now + LIVES[kind].absolute + _CLOCKS_DIFFER
    return {"token_hash": digest(token), "kind": kind, "now": now, "at_most": at_most}


def opened(row: sa.Row[Any], *, kind: str, now: datetime) -> OpenSession | None:
    """The session of a row of `GOOD`, unless it was left alone for too long."""
    life = LIVES[kind]
    if life.idle is not None and row.last_seen_at + life.idle <= now:
        return None
    is_stale = row.last_seen_at + life.noted <= now
    return OpenSession(id=row.id, kind=kind, subject_id=row.subject_id, proved_at=row.proved_at, is_stale=is_stale)


def note_seen(session: Session, session_ids: Collection[int]) -> None:
    """Write down that sessions are in use."""
    these = bulk.one_of(session, _session.c.id, session_ids)
    session.execute(sa.update(_session).where(these).values(last_seen_at=clock.now()))


def note_proved(session: Session, session_id: int) -> None:
    """Write down that its owner showed again who they are."""
    session.execute(sa.update(_session).where(_session.c.id == session_id).values(proved_at=clock.now()))


def revoke(session: Session, *, kind: str, token: str) -> None:
    """End the session of a token, if there is one."""
    _end(session, _session.c.token_hash == digest(token), _session.c.kind == kind)


def revoke_one(session: Session, *, kind: str, subject_id: int, session_id: int) -> bool:
    """End one session of somebody; False if it is not theirs, or has ended."""
    return _end(session, _session.c.id == session_id, _session.c.kind == kind, _session.c.subject_id == subject_id) > 0


def revoke_all(session: Session, *, kind: str, subject_id: int) -> int:
    """End every session of somebody; returns how many there were."""
    return _end(session, _session.c.kind == kind, _session.c.subject_id == subject_id)


def open_sessions(session: Session, *, kind: str, subject_id: int) -> list[WebSession]:
    """The sessions of somebody that are good now, the latest seen first."""
    chosen = select(WebSession).where(
        WebSession.kind == kind,
        WebSession.subject_id == subject_id,
        col(WebSession.revoked_at).is_(None),
        col(WebSession.expires_at) > clock.now(),
    )
    return list(session.exec(chosen.order_by(col(WebSession.last_seen_at).desc(), col(WebSession.id).desc())))


def forget(session: Session, *, before: datetime, limit: int) -> int:
    """Delete at most `limit` sessions that ended before an instant; returns how many."""
    over = sa.select(_session.c.id).where(sa.or_(_session.c.expires_at < before, _session.c.revoked_at < before))
    gone: Any = session.execute(sa.delete(_session).where(_session.c.id.in_(over.limit(limit))))
    return int(gone.rowcount)


def forget_all(session: Session, *, kind: str, subject_id: int) -> None:
    """Delete every session of somebody."""
    session.execute(sa.delete(_session).where(_session.c.kind == kind, _session.c.subject_id == subject_id))


def digest(token: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def _end(session: Session, *which: Any) -> int:
    ended: Any = session.execute(
        sa.update(_session).where(*which, _session.c.revoked_at.is_(None)).values(revoked_at=clock.now())
    )
    return int(ended.rowcount)
