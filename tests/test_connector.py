"""What every connector is built from."""

from datetime import timedelta

import pytest
from marshmallow import Schema

from loyalty.connector import Message, StaleMessage, Unreadable, load, one_matches, read_json, refuse_stale
from loyalty.fields import Text, storable
from tests.samples.contract import NOW

MINUTES = timedelta(minutes=1)


def message(body: bytes = b"") -> Message:
    return Message(headers={}, body=body, received_at=NOW)


def test_one_right_signature_among_several_is_enough() -> None:
    assert one_matches(["wrong", "right"], ["other", "right"])
    assert not one_matches(["wrong"], ["right"])
    assert not one_matches([], ["right"])
    assert not one_matches(["right"], [])
    assert not one_matches(["é", "\ud800", ""], ["right"])


def test_freshness_has_two_ends() -> None:
    for moved in (-10, 0, 5):
        refuse_stale(NOW + moved * MINUTES, message(), past=10 * MINUTES, ahead=5 * MINUTES)
    for moved in (-10.01, 5.01):
        with pytest.raises(StaleMessage) as refusal:
            refuse_stale(NOW + moved * MINUTES, message(), past=10 * MINUTES, ahead=5 * MINUTES)
        assert "UTC" in refusal.value.say("fr")


def test_json_is_an_object_or_unreadable() -> None:
    assert read_json(message('{"é": "\\ud83d\\ude00"}'.encode())) == {"é": "😀"}
    for body in (b"", b"[]", b"null", b'{"a": Infinity}', b"\xff", b"[" * 10**6, b"9" * 5000):
        with pytest.raises(Unreadable):
            read_json(message(body))


def test_what_does_not_fit_its_schema_is_unreadable_and_says_where() -> None:
    class Form(Schema):
        name = Text(minimum=1)

    assert load(Form(), {"name": "Inès"}) == {"name": "Inès"}
    with pytest.raises(Unreadable, match="name"):
        load(Form(), {"name": 5})
    with pytest.raises(Unreadable) as refusal:
        load(Form(), {"n\x00\ud800": 5})
    assert "\x00" not in str(refusal.value)
    assert str(refusal.value).encode()


def test_a_text_of_a_network_is_made_storable_and_not_refused() -> None:
    assert storable("a\x00b\x1b[0m\ud800\r\n\tc", 100) == "ab[0m?\r\n\tc"
    assert storable("e\u0301" * 10, 5) == "é" * 5
    assert storable("", 5) == ""
