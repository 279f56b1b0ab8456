"""Tiers through the API: the ladder, a fan's tier, and how it came to be."""

from loyalty import ids
from loyalty.flows.adjust import adjust_points
from tests.cast import ODILE
from tests.makers.tiers import ladder
from tests.web.client import refused

END_2026, END_2027 = "2026-12-31T23:00:00+00:00", "2027-12-31T23:00:00+00:00"


def test_the_ladder_is_told_the_lowest_first(odile, db):
    assert odile.get("/tiers").json == {"items": []}
    ladder(db, gold=200, silver=50)
    assert [(each["slug"], each["threshold"]) for each in odile.get("/tiers").json["items"]] == [
        ("silver", 50),
        ("gold", 200),
    ]


def test_a_fan_has_a_tier_and_its_history(odile, db):
    fan = odile.post("/fans", {"display_name": "Inès"}).json["id"]
    assert odile.get(f"/fans/{fan}").json["tier"] is None
    assert odile.get(f"/fans/{fan}/tier").json["tier"] is None
    ladder(db, silver=50, gold=200)
    adjust_points(db, fan_id=int(fan), amount=60, unit="status", reason="test", actor=ODILE, key=ids.new())
    assert odile.get(f"/fans/{fan}").json["tier"] == "silver"
    (entry,) = odile.get(f"/fans/{fan}/entries").json["items"]
    assert (entry["unit"], entry["expires_at"]) == ("status", END_2026)
    said = odile.get(f"/fans/{fan}/tier").json
    (change,) = said.pop("changes")
    assert said == {
        "tier": "silver",
        "holds_until": END_2027,
        "points": 60,
        "year_ends_at": END_2026,
        "next_tier": "gold",
        "to_next": 140,
        "to_keep": 0,
    }
    assert (change["from_tier"], change["to_tier"], change["reason"]) == (None, "silver", "reached")
    assert change["holds_until"] == END_2027


def test_nobody_has_no_tier(odile):
    refused(odile.get("/fans/404/tier"), 404, "not_found")
