"""What a scanner read, or a person typed."""

import pytest

from loyalty.vouchers import code
from loyalty.vouchers.reading import Reading, read
from tests.makers.vouchers import BODY, KEYS

TOKEN = KEYS.write(BODY)


def reading(text: str) -> Reading:
    return read(KEYS, text)


def test_one_voucher_is_one_reading_however_it_was_spelled() -> None:
    spellings = [TOKEN, f"https://club.example/V/{TOKEN}", f" {TOKEN} ", code.spell(BODY.token_id)]
    assert len({reading(text).fingerprint for text in spellings}) == 1
    assert [reading(text).typed for text in spellings] == [False, False, False, True]
    assert {reading(text).token_id for text in spellings} == {BODY.token_id}


@pytest.mark.parametrize("text", ["", "Bonjour", "x" * 30, TOKEN[:-1], "\ud800", "0" * 13 + "1"])
def test_what_cannot_be_read_has_a_reason_and_a_fingerprint_of_its_own(text: str) -> None:
    found = reading(text)
    assert (found.token_id, found.body, found.reason) == (None, None, "malformed")
    assert found.fingerprint != reading(text + "?").fingerprint
