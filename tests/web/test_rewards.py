"""The catalogue and its stock through the API."""

import pytest

from tests.web.client import refused

COFFEE = {
    "slug": "coffee",
    "name_fr": "Un café",
    "name_en": "A coffee",
    "cost_points": 100,
    "partner": "cafe-lumiere",
}


@pytest.fixture
def coffee(odile):
    """A reward of Cafe Lumiere, without stock."""
    odile.post("/partners", {"slug": "cafe-lumiere", "name": "Café Lumière"})
    made = odile.post("/rewards", COFFEE)
    assert made.status_code == 201, made.text
    return made.json


def test_a_reward_is_made_shown_and_changed(odile, coffee):
    assert (coffee["slug"], coffee["partner"], coffee["left"], coffee["max_uses"]) == ("coffee", "cafe-lumiere", 0, 1)
    assert odile.get("/rewards/coffee").json == coffee
    changed = odile.send("PATCH", "/rewards/coffee", json={"cost_points": 120, "visible_to": None}).json
    assert changed == {**coffee, "cost_points": 120}
    refused(odile.post("/rewards", COFFEE), 409, "reward_exists")
    refused(odile.post("/rewards", {**COFFEE, "slug": "x", "partner": "nobody"}), 404, "partner_not_found")
    refused(odile.send("PATCH", "/rewards/nothing", json={}), 404, "reward_not_found")


def test_what_contradicts_itself_is_refused(odile, coffee):
    windows = {"visible_from": "2026-12-01T00:00:00Z", "visible_to": "2026-11-01T00:00:00Z"}
    problem = refused(odile.send("PATCH", "/rewards/coffee", json=windows), 422, "invalid")
    assert "visible_to" in problem["errors"]


def test_an_archived_reward_stays_to_be_seen_by_staff(odile, coffee):
    refused(odile.send("DELETE", "/rewards/coffee"), 422, "invalid")
    for _ in range(2):
        assert odile.send("DELETE", "/rewards/coffee?reason=fini").json["archived_at"]
    assert [each["slug"] for each in odile.get("/rewards").json["items"]] == ["coffee"]


def test_rewards_are_listed_page_by_page(odile, coffee):
    for number in range(3):
        odile.post("/rewards", {**COFFEE, "slug": f"reward-{number}"})
    first = odile.get("/rewards?limit=3").json
    second = odile.get(f"/rewards?limit=3&cursor={first['next']}").json
    slugs = [each["slug"] for each in first["items"] + second["items"]]
    assert slugs == ["coffee", "reward-0", "reward-1", "reward-2"]


def test_stock_comes_in_once_for_one_key_and_goes_with_a_reason(odile, coffee):
    receipt = {"kind": "received", "quantity": 10, "donor": "Torréfaction", "reason": "livraison"}
    first = odile.post("/rewards/coffee/stock", receipt, key="r")
    assert (first.status_code, first.json["left"]) == (201, 10)
    assert odile.post("/rewards/coffee/stock", receipt, key="r").json == first.json
    lost = {"kind": "lost", "quantity": 3, "reason": "inventaire", "lot": first.json["lot"]}
    assert odile.post("/rewards/coffee/stock", lost).json == {"left": 7, "lot": None}
    problem = refused(odile.post("/rewards/coffee/stock", {**lost, "quantity": 8}), 409, "not_that_many")
    assert (problem["wanted"], problem["possible"]) == (8, 7)
    stock = odile.get("/rewards/coffee/stock").json
    assert (stock["left"], [each["donor"] for each in stock["lots"]]) == (7, ["Torréfaction"])
    movements = odile.get("/rewards/coffee/stock/movements").json["items"]
    assert [(each["kind"], each["quantity"], each["reason"]) for each in movements] == [
        ("lost", 3, "inventaire"),
        ("received", 10, "livraison"),
    ]
    assert all(each["actor"].startswith("key:") for each in movements)


def test_what_is_no_movement_is_refused(odile, coffee):
    path = "/rewards/coffee/stock"
    for body in ({"kind": "stolen", "quantity": 1, "reason": "x"}, {"kind": ["received"]}, {"kind": {}}):
        refused(odile.post(path, body), 422, "invalid")
    ghost = {"kind": "lost", "quantity": 1, "reason": "x", "lot": "404"}
    refused(odile.post(path, ghost), 404, "stock_lot_not_found")
    refused(odile.post("/rewards/nothing/stock", {**ghost, "lot": None}), 404, "reward_not_found")
    refused(odile.post(path, ghost, key=None), 400, "idempotency_key_missing")
