"""What a partner's device may say."""

from typing import Any

import pytest
from marshmallow import ValidationError

from loyalty.vouchers.schema import AnnulSchema, ReadingSchema, ScanSchema


@pytest.mark.parametrize("said", [{"token": "ABC"}, {"code": "ABC"}])
def test_a_token_or_a_typed_code_is_one_text(said: dict[str, str]) -> None:
    assert ReadingSchema().load(said) == {"text": "ABC"}


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"token": "A", "code": "A"},
        {"token": None},
        {"token": ""},
        {"token": "A" * 1025},
        {"token": "A\u0000"},
        {"token": "A", "state": "issued"},
    ],
)
def test_exactly_one_of_them_is_needed(said: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        ReadingSchema().load(said)


@pytest.mark.parametrize("nonce", ["", "a b", "é", "x" * 65, 7, None])
def test_a_nonce_is_a_short_visible_text(nonce: object) -> None:
    with pytest.raises(ValidationError):
        ScanSchema().load({"token": "A", "nonce": nonce})
    assert ScanSchema().load({"token": "A", "nonce": "x" * 64})["scanned_at"] is None


def test_an_annulment_is_explained() -> None:
    for explanation in ("", "  ", None):
        with pytest.raises(ValidationError):
            AnnulSchema().load({"explanation": explanation})
