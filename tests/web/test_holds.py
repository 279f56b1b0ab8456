"""Points set aside through the API: idempotent, in parts, refused with a code that says why."""

from datetime import timedelta

import pytest

from loyalty import clock
from loyalty.db import Database
from tests.cast import MORNING, rule
from tests.web.client import Client, refused
from tests.web.test_activities import MESSAGE
from tests.web.test_fans import INES

WANTED = {"amount": 6, "purpose": "Un billet"}


@pytest.fixture
def fan(db: Database, odile: Client) -> str:
    """Ines, with ten points."""
    rule(db)
    odile.post("/activities", MESSAGE)
    fan = odile.post("/fans", INES).json["id"]
    odile.send("PUT", f"/fans/{fan}/identities/twitch/tw-ines")
    return fan


def test_points_are_set_aside_once_for_one_key(odile: Client, fan: str) -> None:
    first, again = (odile.post(f"/fans/{fan}/holds", WANTED, key="a") for _ in range(2))
    assert (first.status_code, again.json) == (201, first.json)
    hold = first.json
    assert hold == {
        "id": hold["id"],
        "fan": fan,
        "state": "open",
        "amount": 6,
        "captured": 0,
        "released": 0,
        "left": 6,
        "purpose": "Un billet",
        "created_at": MORNING.isoformat(),
        "expires_at": (MORNING + timedelta(days=7)).isoformat(),
        "closed_at": None,
        "balance": 4,
    }
    assert odile.get(f"/fans/{fan}/holds/{hold['id']}").json == {k: v for k, v in hold.items() if k != "balance"}
    balance = odile.get(f"/fans/{fan}/balance").json
    assert (balance["points"], balance["held"]) == (4, 6)


def test_a_hold_is_captured_in_parts_and_the_rest_given_back(odile: Client, fan: str) -> None:
    hold = f"/fans/{fan}/holds/" + odile.post(f"/fans/{fan}/holds", WANTED).json["id"]
    part = [odile.post(f"{hold}/capture", {"amount": 2}, key="p").json for _ in range(2)]
    assert part[0] == part[1]
    assert (part[0]["captured"], part[0]["left"], part[0]["balance"]) == (2, 4, 4)
    done = odile.post(f"{hold}/capture", {"amount": 1, "final": True}).json
    assert (done["state"], done["captured"], done["released"], done["balance"]) == ("captured", 3, 3, 7)
    refused(odile.post(f"{hold}/capture", {}), 409, "hold_closed")
    refused(odile.post(f"{hold}/release"), 409, "hold_closed")


def test_a_release_is_told_once_and_answers_the_same_again(odile: Client, fan: str) -> None:
    hold = f"/fans/{fan}/holds/" + odile.post(f"/fans/{fan}/holds", WANTED).json["id"]
    first, again = (odile.post(f"{hold}/release", key="r") for _ in range(2))
    assert (first.status_code, first.json["state"], first.json["balance"], again.json) == (
        200,
        "released",
        10,
        first.json,
    )


def test_the_holds_of_a_fan_come_in_pages_the_latest_first(odile: Client, fan: str) -> None:
    made = [odile.post(f"/fans/{fan}/holds", {**WANTED, "amount": 1}).json["id"] for _ in range(3)]
    first = odile.get(f"/fans/{fan}/holds?limit=2").json
    rest = odile.get(f"/fans/{fan}/holds?limit=2&cursor={first['next']}").json
    assert [each["id"] for each in first["items"] + rest["items"]] == made[::-1]
    assert rest["next"] is None


def test_a_refusal_says_what_is_missing_and_changes_nothing(odile: Client, fan: str) -> None:
    holds = f"/fans/{fan}/holds"
    assert refused(odile.post(holds, {**WANTED, "amount": 11}), 409, "not_enough_points")["missing"] == 1
    hold = odile.post(holds, WANTED).json["id"]
    more = refused(odile.post(f"{holds}/{hold}/capture", {"amount": 7}), 409, "more_than_held")
    assert (more["left"], more["wanted"]) == (6, 7)
    with clock.running_on(clock.stopped_at(MORNING + timedelta(days=7))):
        over = refused(odile.post(f"{holds}/{hold}/capture", {"amount": 1}), 409, "hold_closed")
    assert over["at"] == "2026-11-30T08:00:00+01:00"
    refused(odile.get(f"{holds}/7"), 404, "not_found")
    refused(odile.post("/fans/7/holds", WANTED), 404, "not_found")


def test_what_does_not_fit_is_refused_by_field(odile: Client, fan: str) -> None:
    for wrong in (
        {"amount": 0},
        {"amount": "6"},
        {"amount": 1.5},
        {"amount": None},
        {"purpose": " "},
        {"purpose": "x" * 201},
        {"expires_at": "tomorrow"},
        {"expires_at": MORNING.isoformat()},
        {"expires_at": (MORNING + timedelta(days=91)).isoformat()},
        {"unknown": 1},
    ):
        (name,) = wrong
        assert name in refused(odile.post(f"/fans/{fan}/holds", {**WANTED, **wrong}), 422, "invalid")["errors"]
    hold = odile.post(f"/fans/{fan}/holds", WANTED).json["id"]
    for wrong in ({"amount": -1}, {"final": "yes"}, {"rest": 1}):
        (name,) = wrong
        assert name in refused(odile.post(f"/fans/{fan}/holds/{hold}/capture", wrong), 422, "invalid")["errors"]


def test_a_key_that_may_only_look_sets_nothing_aside(client_with, fan: str) -> None:
    reader = client_with("redemptions:read")
    refused(reader.post(f"/fans/{fan}/holds", WANTED), 403, "missing_scope")
    assert reader.get(f"/fans/{fan}/holds").json["items"] == []
