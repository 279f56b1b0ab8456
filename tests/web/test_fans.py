"""Fans through the API: registered once, linked, and shown what they have and why."""

from datetime import timedelta

from loyalty import clock
from tests.cast import MORNING, rule
from tests.web.client import refused
from tests.web.test_activities import MESSAGE

INES = {"reference": "A-1042", "display_name": "Inès", "email": "Ines@Example.org", "language": "fr"}


def test_a_fan_is_registered_once_for_one_key(odile):
    first = odile.post("/fans", INES, key="a")
    again = odile.post("/fans", INES, key="a")
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json == first.json
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"
    refused(odile.post("/fans", {**INES, "language": "en"}, key="a"), 422, "idempotency_key_reused")
    refused(odile.post("/fans", INES, key="b"), 409, "conflict")


def test_a_fan_has_what_was_said_and_the_accounts_that_were_linked(odile):
    fan = odile.post("/fans", INES).json
    odile.send("PUT", f"/fans/{fan['id']}/identities/twitch/tw-ines")
    shown = odile.get(f"/fans/{fan['id']}").json
    (account,) = shown.pop("identities")
    assert shown.pop("tier") is None
    assert shown == fan
    assert fan["email"] == "ines@example.org"
    assert account == {
        "network": "twitch",
        "external_id": "tw-ines",
        "name": None,
        "linked_at": MORNING.isoformat(),
    }


def test_everything_about_a_fan_may_be_left_out(odile):
    fan = odile.post("/fans", {}).json
    assert (fan["reference"], fan["display_name"], fan["email"], fan["language"]) == (None, None, None, "fr")


def test_what_does_not_fit_a_fan_is_refused(odile):
    for field in ({"email": "nobody"}, {"email": "a b@c"}, {"language": "de"}, {"reference": ""}, {"points": 5}):
        (name,) = field
        assert name in refused(odile.post("/fans", field), 422, "invalid")["errors"]


def test_linking_brings_what_the_account_earned_and_again_changes_nothing(db, odile):
    rule(db)
    odile.post("/activities", MESSAGE)
    fan = odile.post("/fans", INES).json["id"]
    path = f"/fans/{fan}/identities/twitch/tw-ines"
    assert odile.get("/identities/twitch/tw-ines/balance").json["fan"] is None
    assert odile.send("PUT", path).json == {
        "fan": fan,
        "network": "twitch",
        "external_id": "tw-ines",
        "points_moved": 10,
    }
    assert odile.send("PUT", path).json["points_moved"] == 0
    for balance in (f"/fans/{fan}/balance", "/identities/twitch/tw-ines/balance"):
        shown = odile.get(balance).json
        assert (shown["fan"], shown["points"]) == (fan, 10)


def test_an_account_belongs_to_one_fan(odile):
    ines, marc = (odile.post("/fans", {}).json["id"] for _ in range(2))
    odile.send("PUT", f"/fans/{ines}/identities/twitch/x")
    refused(odile.send("PUT", f"/fans/{marc}/identities/twitch/x"), 409, "identity_taken")
    refused(odile.send("PUT", f"/fans/{marc}/identities/station/x"), 422, "not_an_account")
    refused(odile.send("PUT", "/fans/404/identities/twitch/x"), 404, "not_found")


def test_points_that_expired_are_not_shown_though_nobody_swept_them(db, odile):
    rule(db)
    fan = odile.post("/fans", {}).json["id"]
    odile.send("PUT", f"/fans/{fan}/identities/twitch/tw-ines")
    odile.post("/activities", MESSAGE)
    balance = odile.get(f"/fans/{fan}/balance").json
    (lot,) = balance["lots"]
    assert lot == {"points": 10, "expires_at": "2028-11-30T23:00:00+00:00"}
    with clock.running_on(clock.stopped_at(MORNING + timedelta(days=800))):
        later = odile.get(f"/fans/{fan}/balance").json
    assert (later["points"], later["lots"]) == (0, [])


def test_entries_tell_how_the_balance_came_to_be_page_by_page(db, odile):
    rule(db)
    fan = odile.post("/fans", {}).json["id"]
    odile.send("PUT", f"/fans/{fan}/identities/twitch/tw-ines")
    for number in range(5):
        odile.post("/activities", {**MESSAGE, "id": f"m{number}"})
    odile.post("/activities/withdrawals", {"network": "twitch", "id": "m0"})
    entries, cursor = [], ""
    while cursor is not None:
        page = odile.get(f"/fans/{fan}/entries?limit=2" + (f"&cursor={cursor}" if cursor else "")).json
        entries += page["items"]
        cursor = page["next"]
    assert [each["change"] for each in entries] == [-10, 10, 10, 10, 10, 10]
    assert sum(each["change"] for each in entries) == odile.get(f"/fans/{fan}/balance").json["points"]
    assert [each["cause"] for each in entries] == ["withdrawal"] + ["activity"] * 5
    assert entries[0]["reverses"] == entries[-1]["id"]
    assert (entries[1]["debit"], entries[1]["credit"], entries[1]["unit"]) == ("issued", "wallet", "points")


def test_nobody_shows_a_fan_who_is_not_there(odile):
    for path in ("", "/balance", "/entries", "/activities"):
        refused(odile.get(f"/fans/404{path}"), 404, "not_found")
    refused(odile.get("/identities/twitch/nobody/balance"), 404, "not_found")
