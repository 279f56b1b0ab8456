"""The signed code of a voucher."""

import base64
import random
import struct
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from loyalty.settings import VoucherKey
from loyalty.vouchers.issue import new_token_id
from loyalty.vouchers.token import Body, Unreadable, VoucherKeys, address
from tests.makers.vouchers import BODY, KEYS

SEED = bytes(range(32))
TOKEN = KEYS.write(BODY)


def raw(token: str) -> bytes:
    return base64.b32decode(token + "====")


def encoded(content: bytes | bytearray) -> str:
    return base64.b32encode(content).decode().rstrip("=")


def reason(text: str, keys: VoucherKeys = KEYS) -> str:
    with pytest.raises(Unreadable) as unreadable:
        keys.read(text)
    return unreadable.value.reason


def test_the_format_is_the_published_one_to_the_byte() -> None:
    assert len(TOKEN) == 140
    content = raw(TOKEN)
    assert len(content) == 87
    body, signature = content[:23], content[23:]
    seconds = int(BODY.not_after.timestamp())
    assert body == bytes([0x13]) + bytes.fromhex("0123456789abcdef") + struct.pack(">IIIBB", 7, 42, seconds, 1, 0)
    assert signature == Ed25519PrivateKey.from_private_bytes(SEED).sign(b"FLV1\0" + body)


def test_whoever_has_the_public_key_verifies_without_us() -> None:
    content = raw(TOKEN)
    public = Ed25519PublicKey.from_public_bytes(KEYS.public[content[0] & 15])
    public.verify(content[23:], b"FLV1\0" + content[:23])


@given(
    st.builds(
        Body,
        token_id=st.binary(min_size=8, max_size=8).map(bytes.hex),
        scope=st.integers(0, 2**32 - 1),
        reward=st.integers(0, 2**32 - 1),
        not_after=st.integers(0, 2**32 - 1).map(lambda seconds: datetime.fromtimestamp(seconds, UTC)),
        max_uses=st.integers(1, 255),
        generation=st.integers(0, 255),
    )
)
def test_what_is_written_is_read(body: Body) -> None:
    assert KEYS.read(KEYS.write(body)) == body


@pytest.mark.parametrize(
    "before",
    ["", "HTTPS://CLUB.EXAMPLE/V/", "https://club.example/V/", "hTTp://127.0.0.1:8000/V/", "https://a.b/club/V/"],
)
def test_an_address_is_as_good_as_the_bare_token(before: str) -> None:
    assert KEYS.read(f" {before}{TOKEN}\n") == BODY


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Bonjour",
        TOKEN[:-1],
        TOKEN + "A",
        TOKEN.lower(),
        TOKEN.replace(TOKEN[20], "1"),
        "é" * 140,
        "\ud800" * 140,
        f"ftp://club.example/V/{TOKEN}",
        f"https://club.example/v/{TOKEN}",
        f"https://club.example/V/{TOKEN}?next=1",
        f"https://club.example/V/{TOKEN}/",
        f"https:///V/{TOKEN}",
        "A" * 1_000_000,
    ],
)
def test_what_is_no_token_is_malformed(text: str) -> None:
    assert reason(text) == "malformed"


def test_only_one_spelling_of_a_code_is_read() -> None:
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
    same = [last for last in alphabet if raw(TOKEN[:-1] + last) == raw(TOKEN)]
    assert len(same) == 16
    assert [last for last in same if last == TOKEN[-1] or reason(TOKEN[:-1] + last) != "malformed"] == [TOKEN[-1]]


def test_reasons_come_in_their_order() -> None:
    content = bytearray(raw(TOKEN))
    content[40] ^= 1
    assert reason(encoded(content)) == "bad_signature"
    content[0] = 0x14  # an unknown key, and still a bad signature
    assert reason(encoded(content)) == "unknown_key"
    content[0] = 0x24  # another version, and still an unknown key
    assert reason(encoded(content)) == "unsupported_version"
    assert reason(encoded(content)[:-1]) == "malformed"


def test_every_single_flipped_bit_is_noticed() -> None:
    content = raw(TOKEN)
    for bit in range(87 * 8):
        flipped = bytearray(content)
        flipped[bit // 8] ^= 1 << bit % 8
        assert reason(encoded(bytes(flipped))) in ("bad_signature", "unknown_key", "unsupported_version")


def test_the_first_key_signs_and_all_verify() -> None:
    new = VoucherKey(4, bytes(32))
    rotated = VoucherKeys([new, VoucherKey(3, SEED)])
    assert rotated.read(TOKEN) == BODY
    assert raw(rotated.write(BODY))[0] & 15 == 4
    assert reason(rotated.write(BODY)) == "unknown_key"
    impostor = VoucherKeys([VoucherKey(3, bytes(32))])
    assert reason(impostor.write(BODY)) == "bad_signature"


def test_an_address_fits_the_alphanumeric_mode() -> None:
    assert address("https://club.example", TOKEN) == f"HTTPS://CLUB.EXAMPLE/V/{TOKEN}"
    assert address("http://127.0.0.1:8000", TOKEN) == f"HTTP://127.0.0.1:8000/V/{TOKEN}"
    assert address("https://club.example/fans", TOKEN) == f"HTTPS://CLUB.EXAMPLE/fans/V/{TOKEN}"


def test_a_million_codes_have_no_double() -> None:
    assert len({new_token_id(7) for _ in range(1_000_000)}) == 1_000_000


def test_random_text_is_never_read() -> None:
    chance = random.Random(7)
    for _ in range(500):
        assert reason(encoded(chance.randbytes(87))) in (
            "malformed",
            "unsupported_version",
            "unknown_key",
            "bad_signature",
        )
