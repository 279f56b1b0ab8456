"""The generic webhook follows Standard Webhooks to the letter."""

import json
from datetime import timedelta
from typing import Any

import pytest

from loyalty.connector import BadSignature, Message, Reading, Unreadable
from loyalty.connectors.webhook import plugin
from tests.samples.contract import NOW
from tests.samples.webhook.sender import sender, sign

SECRET, OTHER_SECRET = sender.secrets
BODY = sender.body("activity")


def verify(headers: dict[str, str]) -> None:
    plugin.verify(Message(headers=headers, body=BODY, received_at=NOW), [SECRET])


def read(document: Any, **options: Any) -> Reading:
    message = Message(headers={}, body=json.dumps(document).encode(), received_at=NOW)
    return plugin.read(message, plugin.options().load(options))


def test_the_vector_of_the_reference_libraries_verifies() -> None:
    # The tests of https://github.com/standard-webhooks/standard-webhooks/tree/main/libraries, "sign function works".
    headers = {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }
    then = NOW.fromtimestamp(1614265330, NOW.tzinfo)
    message = Message(headers=headers, body=b'{"test": 2432232314}', received_at=then)
    plugin.verify(message, ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"])


def test_the_end_of_an_identifier_cannot_be_moved() -> None:
    moved = b"1795417200.{}"
    signature = sign(moved, secret=SECRET, at=NOW - timedelta(days=1), identifier="msg_1")
    for identifier, stamp, body in (
        (f"msg_1.{signature['webhook-timestamp']}", "1795417200", b"{}"),
        ("msg_1", f"{signature['webhook-timestamp']}.1795417200", b"{}"),
    ):
        headers = {"webhook-id": identifier, "webhook-timestamp": stamp}
        headers["webhook-signature"] = signature["webhook-signature"]
        with pytest.raises(BadSignature):
            plugin.verify(Message(headers=headers, body=body, received_at=NOW), [SECRET])


def test_one_of_several_signatures_is_enough_while_a_secret_is_rotated() -> None:
    headers = sign(BODY, secret=SECRET, at=NOW)
    other = sign(BODY, secret=OTHER_SECRET, at=NOW)["webhook-signature"]
    headers["webhook-signature"] = f"v1a,abc {other} {headers['webhook-signature']} v2,abc"
    verify(headers)


def test_a_signature_of_an_unknown_version_proves_nothing() -> None:
    headers = sign(BODY, secret=SECRET, at=NOW)
    for version in ("v1a", "v2", "", "V1"):
        signature = headers["webhook-signature"].replace("v1", version, 1)
        with pytest.raises(BadSignature):
            verify(headers | {"webhook-signature": signature})


def test_a_secret_that_is_none_verifies_nothing() -> None:
    headers = sign(BODY, secret="whsec_", at=NOW)
    for secret in ("", "whsec_", "whsec_é"):
        with pytest.raises(BadSignature):
            plugin.verify(Message(headers=headers, body=BODY, received_at=NOW), [secret])


def test_a_sender_may_be_held_to_its_networks() -> None:
    vote = json.loads(BODY)
    assert len(read(vote, networks=["discord"]).facts) == 1
    many = {
        "activities": [vote, vote | {"network": "station", "actor": "1"}],
        "withdrawals": [{"network": "discord", "id": "v-1"}, {"network": "twitch", "id": "v-2"}],
    }
    reading = read(many, networks=["discord"])
    assert (len(reading.facts), len(reading.withdrawn)) == (1, 1)
    assert [each.code for each in reading.left_out] == ["other_network", "other_network"]


def test_a_withdrawal_cannot_reach_into_another_network_by_its_source() -> None:
    sneaky = {"network": "discord", "id": "c-1", "source": "/twitch/channel/123"}
    with pytest.raises(Unreadable):
        read({"type": "activity.withdrawn", "data": sneaky}, networks=["discord"])


@pytest.mark.parametrize(
    "document",
    [
        {"type": "activity.recorded"},
        {"type": "activity.recorded", "data": []},
        {"type": "activity.withdrawn", "data": {"network": "discord"}},
        {"activities": {}},
        {"withdrawals": 5},
        {"specversion": "0.3"},
        {},
    ],
)
def test_what_says_neither_what_happened_nor_what_did_not_is_unreadable(document: Any) -> None:
    with pytest.raises(Unreadable):
        read(document)


@pytest.mark.parametrize("kind", ["invoice.paid", 5, {}, "\x00"])
def test_an_event_of_another_type_is_left_out(kind: Any) -> None:
    assert [each.code for each in read({"type": kind, "data": {}}).left_out] == ["nothing_to_read"]
