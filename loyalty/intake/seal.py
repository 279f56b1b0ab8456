"""Secrets of senders are stored sealed: who reads only the database cannot sign in their name."""

import base64
import json
from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


class SealBroken(Exception):
    """Neither the secret key of this installation nor its former ones open this seal."""


class Sealer:
    """Seals and opens lists of secrets.

    Args:
        secret_key: of the installation (`LOYALTY_SECRET_KEY`); seals.
        fallbacks: its former ones; still open.
    """

    def __init__(self, secret_key: str, fallbacks: Sequence[str] = ()) -> None:
        self._fernet = MultiFernet([_fernet(key) for key in (secret_key, *fallbacks)])

    def seal(self, secrets: Sequence[str]) -> str:
        """What may be stored."""
        return self._fernet.encrypt(json.dumps(list(secrets)).encode()).decode()

    def open(self, sealed: str) -> tuple[str, ...]:
        """The secrets that `seal` was given.

        Raises:
            SealBroken: it was sealed with another key, or altered.
        """
        try:
            return tuple(json.loads(self._fernet.decrypt(sealed)))
        except InvalidToken:
            raise SealBroken from None


def _fernet(secret_key: str) -> Fernet:
    # A key of its own for this one use (RFC 5869), so that what signs sessions opens no seal.
    derived = HKDF(SHA256(), length=32, salt=None, info=b"loyalty/intake: secrets of sources")
    return Fernet(base64.urlsafe_b64encode(derived.derive(secret_key.encode())))
