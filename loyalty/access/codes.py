"""A link and a six-digit code prove that an address is somebody's: once, for ten minutes, with few guesses.

The link alone is enough in the browser that asked for it. In another one the code is asked for as well: a link that
somebody forwarded, or had opened for them, signs nobody in silently (OWASP ASVS 5, 6.6: out-of-band codes).
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, select

from loyalty import clock, ids
from loyalty.access.sessions import digest
from loyalty.access.tables import SignIn

VALID = timedelta(minutes=10)
TO_FINISH = timedelta(minutes=30)  # for a new fan to fill the form in, once the address is proved
MOST_GUESSES = 5
DIGITS = 6

_sign_in = SignIn.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """What is told once: `link` and `code` by e-mail, `browser` to the browser that asked."""

    id: int
    link: str
    code: str
    browser: str


def open_sign_in(session: Session, *, email: str, secret_key: str) -> Opened:
    """Begin a sign-in for an address, known or not: both take the same steps."""
    now, sign_in_id = clock.now(), ids.new()
    opened = Opened(
        id=sign_in_id, link=ids.secret(), code=f"{secrets.randbelow(10**DIGITS):0{DIGITS}}", browser=ids.secret()
    )
    session.add(
        SignIn(
            id=sign_in_id,
            email=email,
            link_hash=digest(opened.link),
            code_hash=_keyed(sign_in_id, opened.code, secret_key),
            browser_hash=digest(opened.browser),
            created_at=now,
            expires_at=now + VALID,
        )
    )
    session.flush()
    return opened


def by_link(session: Session, link: str) -> SignIn | None:
    """The sign-in of a link, if it is still good."""
    return _good(session, SignIn.link_hash == digest(link))


def by_id(session: Session, sign_in_id: int, *, browser: str) -> SignIn | None:
    """The sign-in of the browser that asked for it, if it is still good."""
    return _good(session, SignIn.id == sign_in_id, SignIn.browser_hash == digest(browser))


def asked_by(sign_in: SignIn, browser: str | None) -> bool:
    """Whether this browser is the one that asked."""
    return browser is not None and hmac.compare_digest(sign_in.browser_hash, digest(browser))


def guess(session: Session, sign_in: SignIn, code: str, *, secret_key: str) -> bool:
    """Compare a code, and count the guess first: two at once cannot share the last one."""
    counted: Any = session.execute(
        sa.update(_sign_in)
        .where(_sign_in.c.id == sign_in.id, _sign_in.c.attempts < MOST_GUESSES)
        .values(attempts=_sign_in.c.attempts + 1)
    )
    said = "".join(character for character in code if character.isdecimal())
    right = hmac.compare_digest(sign_in.code_hash, _keyed(sign_in.id, said, secret_key))
    return bool(counted.rowcount) and right


def prove(session: Session, sign_in: SignIn) -> str:
    """Note that the address is proved, for the browser that proved it; returns what that browser keeps from now on."""
    now, browser = clock.now(), ids.secret()
    session.execute(
        sa.update(_sign_in)
        .where(_sign_in.c.id == sign_in.id)
        .values(proved_at=now, expires_at=now + TO_FINISH, browser_hash=digest(browser), link_hash=f"used:{sign_in.id}")
    )
    return browser


def use(session: Session, sign_in: SignIn) -> bool:
    """Consume a sign-in; False if somebody was faster."""
    used: Any = session.execute(
        sa.update(_sign_in).where(_sign_in.c.id == sign_in.id, _sign_in.c.used_at.is_(None)).values(used_at=clock.now())
    )
    return bool(used.rowcount)


def forget(session: Session, *, before: datetime) -> int:
    """Delete the sign-ins that began before an instant; returns how many."""
    gone: Any = session.execute(sa.delete(_sign_in).where(_sign_in.c.created_at < before))
    return int(gone.rowcount)


def forget_address(session: Session, email: str) -> None:
    """Delete every sign-in of an address."""
    session.execute(sa.delete(_sign_in).where(_sign_in.c.email == email))


def _good(session: Session, *which: Any) -> SignIn | None:
    found = session.exec(select(SignIn).where(*which)).one_or_none()
    if found is None or found.used_at is not None or found.expires_at <= clock.now():
        return None
    return None if found.proved_at is None and found.attempts >= MOST_GUESSES else found


def _keyed(sign_in_id: int, code: str, secret_key: str) -> str:
    said = f"loyalty/sign-in:{sign_in_id}:{code}".encode()
    return hmac.new(secret_key.encode(), said, hashlib.sha256).hexdigest()
