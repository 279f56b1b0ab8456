"""Activities through the API: one, many, CloudEvents, withdrawn, and looked at."""

import pytest

from tests.cast import MORNING, ines, rule
from tests.web.client import refused

MESSAGE = {
    "network": "twitch",
    "actor": "tw-ines",
    "kind": "live_chat",
    "object": "channel:lumiere",
    "id": "message-1",
    "happened_at": "2026-11-23T07:00:00Z",
    "text": "Allez les Bleus, quel match !",
}
EVENT = {
    "specversion": "1.0",
    "id": "message-1",
    "source": "/twitch/channel/lumiere",
    "type": "fan.activity.live_chat.v1",
    "subject": "tw-ines",
    "time": "2026-11-23T08:00:00+01:00",
    "data": {"text": "Allez les Bleus, quel match !", "object": "channel:lumiere"},
}


def test_an_activity_is_recorded_and_says_what_it_earned(db, odile):
    rule(db)
    response = odile.post("/activities", MESSAGE)
    assert response.status_code == 201
    answer = response.json
    assert answer.pop("id").isdigit()
    assert answer == {
        "outcome": "awarded",
        "reason": "awarded",
        "sentence": {"fr": "Vous gagnez 10 points.", "en": "You earn 10 points."},
        "points": 10,
        "status_points": 0,
        "verdicts": [
            {
                "rule": "chat",
                "revision": 1,
                "class": "redeemable",
                "points": 10,
                "reason": "awarded",
                "sentence": {"fr": "Vous gagnez 10 points.", "en": "You earn 10 points."},
            }
        ],
    }
    assert odile.get("/identities/twitch/tw-ines/balance").json["points"] == 10


def test_the_same_activity_again_answers_the_same(db, odile):
    rule(db)
    first = odile.post("/activities", MESSAGE, key=None)
    again = odile.post("/activities", MESSAGE, key=None)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json == again.json
    assert odile.get("/identities/twitch/tw-ines/balance").json["points"] == 10


def test_the_same_key_with_another_content_is_refused(db, odile):
    rule(db)
    odile.post("/activities", MESSAGE)
    refused(odile.post("/activities", {**MESSAGE, "quantity": 2}), 409, "activity_conflict")


def test_what_was_refused_says_why_in_both_languages(db, odile):
    rule(db, when={"all": [{"kind": {"one_of": ["comment"]}}]})
    answer = odile.post("/activities", MESSAGE).json
    assert answer["outcome"] == "refused"
    assert answer["sentence"].keys() == {"fr", "en"}
    assert all(answer["sentence"].values())
    assert answer["verdicts"][0]["reason"] == "other_kind"


@pytest.mark.parametrize("content_type", ["application/json", "application/cloudevents+json"])
def test_a_cloudevent_is_the_same_activity(db, odile, content_type):
    rule(db)
    response = odile.post("/activities", EVENT, content_type=content_type)
    assert (response.status_code, response.json["points"]) == (201, 10)
    again = odile.post("/activities", EVENT, content_type="application/cloudevents+json")
    assert (again.status_code, again.json) == (200, response.json)


def test_a_cloudevent_media_type_takes_nothing_else(db, odile):
    problem = refused(odile.post("/activities", MESSAGE, content_type="application/cloudevents+json"), 422, "invalid")
    assert "specversion" in problem["errors"]


def test_a_bad_item_of_a_batch_spoils_only_itself(db, odile):
    rule(db)
    batch = [
        MESSAGE,
        {**MESSAGE, "id": "message-2", "surprise": 1},
        MESSAGE,
        {**MESSAGE, "text": "Autre chose, vraiment."},
        {**MESSAGE, "id": "message-3", "network": "station", "actor": "404"},
        "nonsense",
        {**MESSAGE, "id": "message-4"},
    ]
    for body in (batch, {"activities": batch}):
        response = odile.post("/activities/batch", body)
        assert response.status_code == 200
        results = response.json["results"]
        assert [each["status"] for each in results[1:]] == [422, 200, 409, 422, 422, results[0]["status"]]
        assert results[0]["activity"] == results[2]["activity"]
        assert results[1]["problem"]["errors"] == {"surprise": ["Unknown field."]}
        assert results[3]["problem"]["code"] == "activity_conflict"
        assert results[4]["problem"]["code"] == "unknown_fan"
        assert [each["activity"] is None for each in results] == [False, True, False, True, True, True, False]
        assert [each["problem"] is None for each in results] == [True, False, True, False, False, False, True]
    assert odile.get("/identities/twitch/tw-ines/balance").json["points"] == 20


def test_a_cloudevents_batch_is_taken(db, odile):
    rule(db)
    events = [{**EVENT, "id": str(number)} for number in range(3)]
    response = odile.post("/activities/batch", events, content_type="application/cloudevents-batch+json")
    assert [each["status"] for each in response.json["results"]] == [201, 201, 201]
    wrapped = odile.post("/activities/batch", {"activities": events}, content_type="application/cloudevents-batch+json")
    refused(wrapped, 422, "invalid")


def test_a_batch_of_a_thousand_is_taken_and_no_longer_one(db, odile):
    rule(db)
    batch = [{**MESSAGE, "id": str(number)} for number in range(1000)]
    answer = odile.post("/activities/batch", batch).json
    assert [each["status"] for each in answer["results"]] == [201] * 1000
    refused(odile.post("/activities/batch", [*batch, MESSAGE]), 400, "bad_json")
    refused(odile.post("/activities/batch", {"activities": [*batch, MESSAGE]}), 400, "bad_json")


def test_what_is_no_batch_is_refused_whole(odile):
    for body in ([], {}, {"activities": []}, {"activities": "x"}, "x", 1, {"a": [], "activities": [1]}):
        refused(odile.post("/activities/batch", body), 422, "invalid")


def test_a_withdrawn_activity_gives_its_points_back_once(db, odile):
    rule(db)
    recorded = odile.post("/activities", MESSAGE).json
    withdrawal = {"network": "twitch", "id": "message-1"}
    assert odile.post("/activities/withdrawals", withdrawal).json == {"status": "reversed", "points": 10}
    assert odile.post("/activities/withdrawals", withdrawal).json == {"status": "duplicate", "points": 0}
    assert odile.get("/identities/twitch/tw-ines/balance").json["points"] == 0
    kept = odile.get(f"/activities/{recorded['id']}").json
    assert (kept["outcome"], kept["reason"]) == ("withdrawn", "withdrawn")


def test_a_withdrawal_may_come_first(db, odile):
    rule(db)
    withdrawal = {"network": "twitch", "id": "message-1"}
    assert odile.post("/activities/withdrawals", withdrawal).json == {"status": "waiting", "points": 0}
    assert odile.post("/activities", MESSAGE).json["outcome"] == "withdrawn"


def test_activities_are_listed_page_by_page_newest_first(db, odile):
    rule(db)
    fan = ines(db)
    odile.send("PUT", f"/fans/{fan.id}/identities/twitch/tw-ines")
    batch = [{**MESSAGE, "id": f"m{number}"} for number in range(5)]
    sent = [each["activity"]["id"] for each in odile.post("/activities/batch", batch).json["results"]]
    odile.post("/activities", {**MESSAGE, "actor": "tw-marc"})
    for path in (f"/activities?fan={fan.id}&limit=2", f"/fans/{fan.id}/activities?limit=2"):
        seen, cursor = [], ""
        while cursor is not None:
            page = odile.get(path + (f"&cursor={cursor}" if cursor else "")).json
            seen += [each["id"] for each in page["items"]]
            cursor = page["next"]
        assert seen == sorted(sent, key=int, reverse=True)
    assert len(odile.get("/activities").json["items"]) == 6


def test_an_activity_tells_everything_that_is_kept_of_it(db, odile):
    rule(db)
    fan = ines(db)
    odile.send("PUT", f"/fans/{fan.id}/identities/twitch/tw-ines")
    recorded = odile.post("/activities", MESSAGE).json
    kept = odile.get(f"/activities/{recorded['id']}").json
    assert {**kept, **recorded} == kept
    assert kept["fan"] == str(fan.id)
    assert (kept["network"], kept["actor"], kept["external_id"]) == ("twitch", "tw-ines", "message-1")
    assert kept["happened_at"] == MORNING.isoformat()
    assert kept["source"].startswith("api:")
    assert "text" not in kept


def test_there_is_no_such_activity(odile):
    for path in ("/activities/404", "/activities/9223372036854775807"):
        refused(odile.get(path), 404, "not_found")
    for path in ("/activities/0", "/activities/-1", "/activities/9223372036854775808", "/activities/1e3"):
        refused(odile.get(path), 404, "no_such_address")
