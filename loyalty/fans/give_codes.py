"""Codes by which a fan is found by who gives them points: nobody is looked up by name, address or number.

Forty bits, a quarter of an hour. Whoever types one learns the name that its fan chose, and nothing else.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from loyalty import clock, ids
from loyalty.fans.link_codes import new_code, spoken_in
from loyalty.fans.tables import GiveCode

VALID = timedelta(minutes=15)

_code = GiveCode.__table__  # type: ignore[attr-defined]


def open_code(session: Session, fan_id: int) -> tuple[GiveCode, str]:
    """Make a code for a fan, which is told once, in the place of the one before."""
    forget_fan(session, fan_id)
    now, spelled = clock.now(), new_code()
    row = GiveCode(id=ids.new(), fan_id=fan_id, code_hash=_digest(spelled), created_at=now, expires_at=now + VALID)
    session.add(row)
    session.flush()
    return row, spelled


def whose(session: Session, typed: str) -> int | None:
    """The fan to whom the code in a text was shown; None: it is none, or of no use any more."""
    for code in spoken_in(typed):
        found = sa.select(_code.c.fan_id).where(_code.c.code_hash == _digest(code), _code.c.expires_at > clock.now())
        fan_id = session.execute(found).scalar_one_or_none()
        if fan_id is not None:
            return int(fan_id)
    return None


def live_until(session: Session, code_id: int, fan_id: int) -> datetime | None:
    """Until when a code of this fan is good; None: no longer."""
    found = sa.select(_code.c.expires_at).where(
        _code.c.id == code_id, _code.c.fan_id == fan_id, _code.c.expires_at > clock.now()
    )
    until: datetime | None = session.execute(found).scalar_one_or_none()
    return until


def forget(session: Session, *, before: datetime) -> int:
    """Delete the codes made before an instant; returns how many."""
    gone: Any = session.execute(sa.delete(_code).where(_code.c.created_at < before))
    return int(gone.rowcount)


def forget_fan(session: Session, fan_id: int) -> None:
    """Delete the codes of a fan."""
    session.execute(sa.delete(_code).where(_code.c.fan_id == fan_id))


def _digest(code: str) -> str:
    return hashlib.sha256(b"loyalty/give:" + code.encode()).hexdigest()
