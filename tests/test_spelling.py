"""Codes that people type."""

import pytest

from loyalty import spelling


@pytest.mark.parametrize("typed", ["o1l-i9z", "0111 9Z", " 0111–9z ", "0 1 1 1 9 Z"])
def test_case_spaces_dashes_and_look_alikes_do_not_matter(typed: str) -> None:
    assert spelling.clean(typed) == "01119Z"


def test_a_random_code_is_spelled_in_the_alphabet_and_reads_as_itself() -> None:
    code = spelling.random_code(400)
    assert set(code) <= set(spelling.ALPHABET)
    assert spelling.clean(code) == code
    assert spelling.random_code(16) != spelling.random_code(16)


def test_groups_are_for_the_eye_only() -> None:
    assert spelling.grouped("ABCDEFGH", 3, 5) == "ABC-DEFGH"
    assert spelling.clean(spelling.grouped("ABCDEFGH", 3, 5)) == "ABCDEFGH"
