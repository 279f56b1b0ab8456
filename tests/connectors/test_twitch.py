"""Twitch says odd things too."""

import json
from typing import Any

import pytest

from loyalty.connector import Message, Reading, Unreadable
from loyalty.connectors.twitch import plugin
from tests.samples.contract import NOW
from tests.samples.twitch.sender import sender

KEPT = {"twitch-eventsub-message-timestamp": "2026-11-23T07:00:00.123456789Z"}


def read(file: str, **changes: Any) -> Reading:
    document = json.loads(sender.body(file))
    document["event"] |= changes
    message = Message(headers=KEPT, body=json.dumps(document).encode(), received_at=NOW)
    return plugin.read(message, {})


def test_a_message_is_dated_to_the_microsecond_of_its_nanoseconds() -> None:
    (said,) = read("chat_message").facts
    assert said.happened_at == NOW.replace(microsecond=123456)


def test_a_message_is_not_lost_for_an_odd_character_or_its_length() -> None:
    (said,) = read("chat_message", message={"text": "\x00" + "a" * 9000}, chatter_user_name="\x00" + "n" * 500).facts
    assert (said.text, said.actor_name) == ("a" * 5000, "n" * 200)


def test_a_message_shared_from_here_counts_here() -> None:
    assert len(read("chat_message", source_broadcaster_user_id="1971641").facts) == 1
    assert len(read("chat_message", source_broadcaster_user_id="").facts) == 1


def test_following_again_is_the_same_act() -> None:
    (first,) = read("follow").facts
    (again,) = read("follow", followed_at="2026-12-24T08:00:00Z").facts
    assert first.act_key == again.act_key


@pytest.mark.parametrize("status", ["canceled", "CANCELED"])
def test_a_cancellation_is_written_small_or_in_capitals(status: str) -> None:
    assert len(read("redemption_canceled", status=status).withdrawn) == 1


def test_a_redemption_without_words_has_no_text() -> None:
    (redeemed,) = read("redemption", user_input="").facts
    assert redeemed.text is None


def test_a_cancellation_withdraws_the_very_redemption() -> None:
    (redeemed,) = read("redemption").facts
    (withdrawn,) = read("redemption_canceled").withdrawn
    assert redeemed.act_key == withdrawn.act_key


@pytest.mark.parametrize(
    ("file", "changes"),
    [
        ("chat_message", {"message_id": ""}),
        ("chat_message", {"chatter_user_id": 4145994}),
        ("chat_message", {"message": None}),
        ("follow", {"followed_at": "yesterday"}),
        ("redemption", {"reward": {}}),
    ],
)
def test_what_lacks_the_essential_is_unreadable(file: str, changes: dict[str, Any]) -> None:
    with pytest.raises(Unreadable):
        read(file, **changes)


def test_a_challenge_that_lost_its_header_stops_nothing() -> None:
    reading = plugin.read(Message(headers=KEPT, body=sender.body("challenge"), received_at=NOW), {})
    assert reading.stop is None
    assert [each.code for each in reading.left_out] == ["nothing_to_read"]
