"""What a program says about an activity is either understood exactly or refused."""

from datetime import UTC, datetime
from typing import Any

import pytest
from marshmallow import ValidationError

from loyalty.activities.fact import ActivityFact, numbered_act_key
from loyalty.activities.schema import activity_fact, cloudevent_fact, withdrawn_fact

VOTE = {"network": "discord", "actor": "ines", "kind": "vote", "object": "song-12"}
COMMENT = {
    "specversion": "1.0",
    "id": "c-1",
    "source": "/twitch/channel/123",
    "type": "fan.activity.comment.v1",
    "subject": "ines",
    "time": "2026-11-23T08:00:00+01:00",
    "data": {"object": "video-7", "text": "Bonjour à tous", "show": "matinale"},
}


def test_an_activity_needs_only_who_did_what_to_what() -> None:
    assert activity_fact(VOTE) == ActivityFact(network="discord", actor="ines", kind="vote", object="song-12")


def test_every_field_of_an_activity_is_kept() -> None:
    given = VOTE | {
        "id": "v-9",
        "happened_at": "2026-11-23T08:00:00+01:00",
        "quantity": 3.0,
        "campaign": "top-50",
        "show": "matinale",
        "text": "deux\nlignes",
        "actor_name": "Inès",
    }
    assert activity_fact(given) == ActivityFact(
        network="discord",
        actor="ines",
        kind="vote",
        object="song-12",
        external_id="v-9",
        happened_at=datetime(2026, 11, 23, 7, tzinfo=UTC),
        quantity=3,
        campaign="top-50",
        show="matinale",
        text="deux\nlignes",
        actor_name="Inès",
    )


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("network", "Twitch"),
        ("network", ""),
        ("network", None),
        ("actor", 5),
        ("actor", "a\x00"),
        ("actor", "x" * 256),
        ("kind", "Live chat"),
        ("object", "x" * 1001),
        ("quantity", 0),
        ("quantity", 10**9 + 1),
        ("quantity", "3"),
        ("quantity", 1.5),
        ("happened_at", "2026-11-23T08:00:00"),
        ("happened_at", "2999-01-01T00:00:00Z"),
        ("text", "x" * 5001),
        ("text", "\ud83d"),
        ("points", 500),
        ("external_id", "v-9"),
        ("scope", "elsewhere"),
    ],
)
def test_what_does_not_fit_is_refused_by_field(field: str, value: Any) -> None:
    with pytest.raises(ValidationError) as refusal:
        activity_fact(VOTE | {field: value})
    assert list(refusal.value.normalized_messages()) == [field]


@pytest.mark.parametrize("document", [None, 5, "vote", [], [VOTE], {}, {"specversion": "1.0"}])
def test_what_is_no_activity_is_refused(document: Any) -> None:
    with pytest.raises(ValidationError):
        activity_fact(document)


def test_a_cloudevent_is_an_activity_numbered_by_its_source() -> None:
    fact = activity_fact(COMMENT)
    assert fact == ActivityFact(
        network="twitch",
        actor="ines",
        kind="comment",
        object="video-7",
        external_id="c-1",
        scope="/twitch/channel/123",
        happened_at=datetime(2026, 11, 23, 7, tzinfo=UTC),
        text="Bonjour à tous",
        show="matinale",
    )
    assert fact.act_key == numbered_act_key("/twitch/channel/123", "c-1")


def test_a_cloudevent_without_data_is_about_its_source() -> None:
    event = {name: value for name, value in COMMENT.items() if name not in ("data", "time")}
    fact = cloudevent_fact(event)
    assert (fact.object, fact.quantity, fact.happened_at) == ("/twitch/channel/123", 1, None)
    assert cloudevent_fact(event | {"data": {"quantity": 4}}).object == "/twitch/channel/123"


def test_extension_attributes_of_a_cloudevent_are_tolerated() -> None:
    extended = COMMENT | {
        "traceparent": "00-abc",
        "dataschema": "https://example.org/s",
        "datacontenttype": "application/json",
    }
    assert cloudevent_fact(extended) == cloudevent_fact(COMMENT)


@pytest.mark.parametrize(
    ("attribute", "value"),
    [
        ("specversion", "0.3"),
        ("specversion", 1.0),
        ("id", ""),
        ("id", None),
        ("source", "https://twitch.tv/123"),
        ("source", "/Twitch"),
        ("type", "com.example.comment"),
        ("type", "fan.activity.comment.v2"),
        ("type", "fan.activity.a.b.v1"),
        ("subject", None),
        ("time", "yesterday"),
        ("time", "2999-01-01T00:00:00Z"),
        ("datacontenttype", "text/xml"),
        ("data", "text"),
        ("data", {"object": "x", "points": 5}),
        ("data", {"quantity": "5"}),
        ("data_base64", "aGVsbG8="),
    ],
)
def test_a_wrong_attribute_of_a_cloudevent_is_named(attribute: str, value: Any) -> None:
    with pytest.raises(ValidationError) as refusal:
        activity_fact(COMMENT | {attribute: value})
    assert list(refusal.value.normalized_messages()) == [attribute]


def test_a_withdrawal_names_the_act_as_it_was_sent() -> None:
    numbered = activity_fact(VOTE | {"id": "v-9"})
    assert withdrawn_fact({"network": "discord", "id": "v-9"}).act_key == numbered.act_key
    assert withdrawn_fact(VOTE).act_key == activity_fact(VOTE).act_key
    event = {"network": "twitch", "source": "/twitch/channel/123", "id": "c-1"}
    assert withdrawn_fact(event).act_key == cloudevent_fact(COMMENT).act_key


def test_a_withdrawal_may_be_of_a_part() -> None:
    assert withdrawn_fact({"network": "shop", "id": "o-1", "withdrawn_quantity": 250}).withdrawn_quantity == 250


@pytest.mark.parametrize(
    "document",
    [
        {"network": "discord"},
        {"network": "discord", "id": "v-9", "actor": "ines"},
        {"network": "discord", "actor": "ines", "kind": "vote"},
        VOTE | {"id": "v-9"},
        {"network": "discord", "id": "v-9", "withdrawn_quantity": 0},
        {"network": "discord", "id": "v-9", "source": "/twitch/channel/123"},
        {"network": "twitch", "id": "v-9", "source": "/twitchy/channel/123"},
    ],
)
def test_a_withdrawal_that_names_no_act_is_refused(document: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        withdrawn_fact(document)
