"""The code of a voucher as people type it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty.spelling import ALPHABET, clean
from loyalty.vouchers import code
from loyalty.vouchers.token import Unreadable

TOKEN_IDS = st.binary(min_size=8, max_size=8).map(bytes.hex)


def is_malformed(text: str) -> bool:
    try:
        code.read(text)
    except Unreadable as unreadable:
        return unreadable.reason == "malformed"
    return False


@given(TOKEN_IDS)
def test_what_is_spelled_is_read(token_id: str) -> None:
    spelled = code.spell(token_id)
    assert len(clean(spelled)) == 14
    assert code.looks_like_one(spelled)
    assert code.read(spelled) == token_id


def test_it_is_spelled_the_same_for_ever() -> None:
    assert code.spell("0123456789abcdef") == "028T5-CY4TQ-KFFX"
    assert code.spell("ffffffffffffffff") == "FZZZZ-ZZZZZ-ZZZE"


@pytest.mark.parametrize("typed", ["028t5cy4tqkffx", "O28T5 CY4TQ KFFX", "o28t5-cy4tq-kffx", "  O28t5cy4tq\u2013kffx "])
def test_case_groups_and_look_alikes_do_not_matter(typed: str) -> None:
    assert code.read(typed) == "0123456789abcdef"


@given(TOKEN_IDS, st.integers(0, 13), st.sampled_from(ALPHABET))
def test_one_wrong_character_is_always_noticed(token_id: str, at: int, other: str) -> None:
    right = clean(code.spell(token_id))
    wrong = right[:at] + other + right[at + 1 :]
    assert wrong == right or is_malformed(wrong)


@given(TOKEN_IDS, st.integers(0, 12))
def test_two_neighbours_exchanged_are_noticed_but_for_the_first_and_last_of_the_alphabet(
    token_id: str, at: int
) -> None:
    right = clean(code.spell(token_id))
    swapped = right[:at] + right[at + 1] + right[at] + right[at + 2 :]
    pair = {right[at], right[at + 1]}
    assert swapped == right or is_malformed(swapped) or pair == {ALPHABET[0], ALPHABET[-1]}


@pytest.mark.parametrize(
    "text", ["", "028T5", "028T5-CY4TQ-KFFXX", "U28T5-CY4TQ-KFFX", "é", "\ud800", "ZZZZZZZZZZZZZ0"]
)
def test_what_is_no_code_is_malformed(text: str) -> None:
    assert is_malformed(text)


def test_a_number_above_64_bits_is_malformed() -> None:
    assert all(is_malformed("G" + "0" * 12 + check) for check in ALPHABET)
