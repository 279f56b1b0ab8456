"""Codes that link: shown to a fan on our page, then typed from the network account that is theirs.

Forty bits, a quarter of an hour, one use, and nobody is told whether a code was right but the fan it was shown to: who
guesses learns nothing, and could only make a present of what their own account earns.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from loyalty import bulk, clock, ids
from loyalty.fans.tables import Identity, LinkCode

VALID = timedelta(minutes=15)
CLOCKS_DIFFER = timedelta(minutes=5)  # between the network's and ours
_DIGITS = "23456789"
_ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ" + _DIGITS  # nothing that looks like something else
_HALF = 4
_MOST_IN_A_TEXT = 8
# Overlapping, so that "tape ABCD EF2H" is not read as "tape ABCD" alone.
_SPOKEN = re.compile(rf"(?<![A-Z0-9])(?=([{_ALPHABET}]{{{_HALF}}})[- ]?([{_ALPHABET}]{{{_HALF}}})(?![A-Z0-9]))")

_code = LinkCode.__table__  # type: ignore[attr-defined]
_identity = Identity.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A text that may hold a code: whose, and when it was written."""

    code: str
    identity_id: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A code was typed: this account is to be this fan's."""

    fan_id: int
    network: str
    external_id: str


def open_code(session: Session, fan_id: int) -> tuple[LinkCode, str]:
    """Make a code for a fan, which is told once; one that was shown before and not typed is of no use any more."""
    session.execute(sa.delete(_code).where(_code.c.fan_id == fan_id, _code.c.used_at.is_(None)))
    now, spelled = clock.now(), new_code()
    row = LinkCode(id=ids.new(), fan_id=fan_id, code_hash=_digest(spelled), created_at=now, expires_at=now + VALID)
    session.add(row)
    session.flush()
    return row, spelled


def spell(code: str) -> str:
    """A code as it is read out: "ABCD-EF2H"."""
    return f"{code[:_HALF]}-{code[_HALF:]}"


def spoken_in(text: str) -> list[str]:
    """What could be a code in a text; every code has a digit, so hardly a word is taken for one."""
    folded = unicodedata.normalize("NFKC", text).upper()
    found = (first + last for first, last in _SPOKEN.findall(folded))
    return [code for code in found if not code.isalpha()][:_MOST_IN_A_TEXT]


def claim(session: Session, said: Iterable[Said]) -> int:
    """Use the live codes among what was said, each for the account that said it first; returns how many."""
    first: dict[str, Said] = {}
    for each in sorted(said, key=lambda each: each.at):
        first.setdefault(_digest(each.code), each)
    live = _code.c.used_at.is_(None)
    rows = session.execute(
        sa.select(_code.c.id, _code.c.code_hash, _code.c.created_at, _code.c.expires_at)
        .where(bulk.one_of(session, _code.c.code_hash, first), live)
        .order_by(_code.c.id)
    ).all()
    used = 0
    for row in rows:
        heard = first[row.code_hash]
        if row.created_at - CLOCKS_DIFFER <= heard.at < row.expires_at:
            claimed: Any = session.execute(
                sa.update(_code)
                .where(_code.c.id == row.id, live)
                .values(used_at=clock.now(), identity_id=heard.identity_id)
            )
            used += claimed.rowcount
    return used


def waiting(session: Session) -> list[Wanted]:
    """Codes that were typed from accounts nobody has linked yet, the earliest first."""
    rows = session.execute(
        sa.select(_code.c.fan_id, _identity.c.network, _identity.c.external_id)
        .join(_identity, _identity.c.id == _code.c.identity_id)
        .where(_code.c.used_at.is_not(None), _identity.c.fan_id.is_(None))
        .order_by(_code.c.used_at, _code.c.id)
    )
    return [Wanted(fan_id=row[0], network=row[1], external_id=row[2]) for row in rows]


def of_fan(session: Session, fan_id: int) -> list[LinkCode]:
    """The codes of a fan that are still kept, the earliest first."""
    return list(session.exec(select(LinkCode).where(LinkCode.fan_id == fan_id).order_by(col(LinkCode.id))))


def forget(session: Session, *, before: datetime) -> int:
    """Delete the codes made before an instant; returns how many."""
    gone: Any = session.execute(sa.delete(_code).where(_code.c.created_at < before))
    return int(gone.rowcount)


def forget_fan(session: Session, fan_id: int) -> None:
    """Delete the codes of a fan."""
    session.execute(sa.delete(_code).where(_code.c.fan_id == fan_id))


def new_code() -> str:
    """A code nobody has seen: forty bits, easy to read out."""
    while (code := "".join(secrets.choice(_ALPHABET) for _ in range(2 * _HALF))).isalpha():
        pass
    return code


def _digest(code: str) -> str:
    return hashlib.sha256(b"loyalty/link:" + code.encode()).hexdigest()
