"""Why a scan is refused."""

import re

import pytest

from loyalty.vouchers.reasons import REASONS
from loyalty.vouchers.states import ENDED, MOVES


def test_the_order_is_the_published_one() -> None:
    assert list(REASONS) == [
        "malformed",
        "unsupported_version",
        "unknown_key",
        "bad_signature",
        "unknown_voucher",
        "wrong_partner",
        "superseded",
        "cancelled",
        "blocked",
        "not_yet_valid",
        "expired",
        "live_code_required",
        "clock_skew",
        "offline_too_old",
        "offline_not_allowed",
        "offline_limit",
        "already_used",
    ]


@pytest.mark.parametrize("reason", REASONS)
def test_both_languages_say_it_shortly_and_with_the_same_holes(reason: str) -> None:
    words = REASONS[reason]
    assert words.fr != words.en
    assert all(len(sentence) <= 80 and sentence.endswith(".") for sentence in (words.fr, words.en))
    assert re.findall(r"{(\w+)", words.fr) == re.findall(r"{(\w+)", words.en)


def test_nothing_leaves_a_state_that_is_final() -> None:
    sources = frozenset().union(*(before for before, _ in MOVES.values()))
    targets = frozenset().union(*(after for _, after in MOVES.values()))
    assert not sources & {"cancelled", "expired"}
    assert ENDED - {"used"} == {"cancelled", "expired"}
    assert sources | targets == {"issued", "partially_used", "used", "cancelled", "expired", "blocked"}
