"""The code of a voucher: 23 bytes that say what it is good for, signed, in 140 characters of base32.

    body = u8(version<<4 | key) | id[8] | u32 scope | u32 reward | u32 not_after | u8 max_uses | u8 generation
    token = base32(body + Ed25519(private key, "FLV1\\0" + body)), upper case, without padding

Numbers are big-endian, `scope` is the partner's, `not_after` is in seconds since 1970 (until 2106). Whoever
has the public keys can verify a code without us.
"""

import base64
import re
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from loyalty.settings import VoucherKey

VERSION = 1
_PURPOSE = b"FLV1\0"  # no signature made for anything else is one of a voucher
_BODY = struct.Struct(">B8sIIIBB")
_TOKEN = re.compile(r"[A-Z2-7]{140}")
_ADDRESS = re.compile(r"(?i:https?)://[^/?#\s]+/(?:[^?#\s]*/)?V/")
_LONGEST = 1024  # of what is looked at


class Unreadable(Exception):
    """This is no code of ours; `reason` is why, the first that applies of those in the order of `reasons`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """What a code says.

    Attributes:
        token_id: 8 random bytes as 16 hexadecimal digits; with it the voucher is found.
        scope: the number of the partner who hands out.
        reward: the number of the reward.
        not_after: the last instant it is good for; whole seconds.
        generation: how often the voucher was re-issued before.
    """

    token_id: str
    scope: int
    reward: int
    not_after: datetime
    max_uses: int
    generation: int


class VoucherKeys:
    """The keys of vouchers: the first signs, all verify.

    Args:
        keys: at least one, from the settings.
    """

    def __init__(self, keys: Sequence[VoucherKey]) -> None:
        assert keys, "vouchers need a key"
        self._private = {key.number: Ed25519PrivateKey.from_private_bytes(key.seed) for key in keys}
        self._public = {number: private.public_key() for number, private in self._private.items()}
        self._signing = keys[0].number

    @property
    def public(self) -> dict[int, bytes]:
        """The 32-byte public keys by number."""
        return {number: key.public_bytes_raw() for number, key in self._public.items()}

    def write(self, body: Body) -> str:
        """The token of a voucher: 140 characters. The same body and key make the same token."""
        packed = _BODY.pack(
            VERSION << 4 | self._signing,
            bytes.fromhex(body.token_id),
            body.scope,
            body.reward,
            int(body.not_after.timestamp()),
            body.max_uses,
            body.generation,
        )
        signature = self._private[self._signing].sign(_PURPOSE + packed)
        return _encode(packed + signature)

    def read(self, text: str) -> Body:
        """What the code `text` says: a bare token, or an address that ends in `/V/` and one.

        Raises:
            Unreadable: `malformed`, `unsupported_version`, `unknown_key` or `bad_signature`, in this order.
        """
        raw = _decode(text)
        packed, signature = raw[: _BODY.size], raw[_BODY.size :]
        head, token_id, scope, reward, not_after, max_uses, generation = _BODY.unpack(packed)
        if head >> 4 != VERSION:
            raise Unreadable("unsupported_version")
        key = self._public.get(head & 0x0F)
        if key is None:
            raise Unreadable("unknown_key")
        try:
            key.verify(signature, _PURPOSE + packed)
        except InvalidSignature:
            raise Unreadable("bad_signature") from None
        return Body(
            token_id=token_id.hex(),
            scope=scope,
            reward=reward,
            not_after=datetime.fromtimestamp(not_after, UTC),
            max_uses=max_uses,
            generation=generation,
        )


def address(public_url: str, token: str) -> str:
    """What stands in the QR code: scheme and host in upper case, so that it fits the alphanumeric mode."""
    parts = urlsplit(public_url)
    return f"{parts.scheme.upper()}://{parts.netloc.upper()}{parts.path}/V/{token}"


def _encode(raw: bytes) -> str:
    return base64.b32encode(raw).decode("ascii").rstrip("=")


def _decode(text: str) -> bytes:
    text = text[: _LONGEST + 1].strip()
    prefix = _ADDRESS.match(text)
    token = text[prefix.end() :] if prefix else text
    if not _TOKEN.fullmatch(token):
        raise Unreadable("malformed")
    raw = base64.b32decode(token + "=" * (-len(token) % 8))
    # The last character has bits to spare: 16 spellings decode to one code, and only one of them is it.
    if _encode(raw) != token:
        raise Unreadable("malformed")
    return raw
