"""Passwords of staff: long, not among those everybody tries first, kept under Argon2id."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from zxcvbn import zxcvbn

from loyalty.errors import Refused
from loyalty.i18n import Words

SHORTEST, LONGEST = 12, 128  # characters; NIST SP 800-63B, 5.1.1.2: long, and no rule of composition
_STRONG_ENOUGH = 3  # of zxcvbn's 4: over 10^8 guesses; it knows the 30,000 passwords that leaks show most
_LOOKED_AT = 72  # characters zxcvbn weighs at the most: its time grows with their square

_hasher = PasswordHasher()  # RFC 9106, second recommended option
_NOBODYS = _hasher.hash("somebody who is not there")


class WeakPassword(Refused):
    """The password would be guessed."""

    code = "weak_password"
    words = Words(
        fr="Ce mot de passe se devine trop facilement. Prenez au moins {shortest:n} caractères, par exemple quatre "
        "mots sans rapport entre eux.",
        en="This password is too easy to guess. Take at least {shortest:n} characters, such as four unrelated words.",
    )

    def __init__(self) -> None:
        super().__init__(shortest=SHORTEST)


def hashed(password: str, *, about: Iterable[str]) -> str:
    """What is kept of a password.

    Args:
        about: what an attacker would try first: the name and the address of its owner, the station's name.

    Raises:
        WeakPassword
    """
    password = _one_form(password)
    if not SHORTEST <= len(password) <= LONGEST:
        raise WeakPassword
    if zxcvbn(password[:_LOOKED_AT], user_inputs=list(about), max_length=_LOOKED_AT)["score"] < _STRONG_ENOUGH:
        raise WeakPassword
    return _hasher.hash(password)


def is_right(password: str, password_hash: str | None) -> bool:
    """Whether this is the password; takes as long where there is nobody to compare with."""
    try:
        _hasher.verify(password_hash or _NOBODYS, _one_form(password)[:LONGEST])
    except (VerificationError, InvalidHashError):
        return False
    return password_hash is not None


def _one_form(password: str) -> str:
    return unicodedata.normalize("NFKC", password)  # two keyboards may spell one accent in two ways
