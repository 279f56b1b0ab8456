"""The whole river through the API alone: a program that knows nothing but the document gets from an act to a scan."""

import io

import zxingcpp
from PIL import Image

from tests.web.client import Client, refused
from tests.web.test_activities import MESSAGE


def set_up(odile: Client, *, units: int = 2) -> None:
    """A rule, a partner with a place, a reward with stock: all by the API."""
    rule = {
        "name": {"fr": "Bonjour", "en": "Hello"},
        "class": "redeemable",
        "when": {"all": [{"kind": {"one_of": ["live_chat"]}}, {"network": {"one_of": ["twitch"]}}]},
        "earn": {"fixed": 60},
    }
    edit = {"rule": rule, "revision": 0, "in_force_from": "2026-01-01T00:00:00Z"}
    assert odile.send("PUT", "/rules/bonjour", json=edit).status_code == 200
    assert odile.post("/partners", {"slug": "cafe-lumiere", "name": "Café Lumière"}).status_code == 201
    reward = {
        "slug": "deux-cafes",
        "name_fr": "Deux cafés",
        "name_en": "Two coffees",
        "cost_points": 100,
        "partner": "cafe-lumiere",
    }
    assert odile.post("/rewards", reward).status_code == 201
    receipt = {"kind": "received", "quantity": units, "donor": "Café Lumière", "reason": "rentrée"}
    moved = odile.post("/rewards/deux-cafes/stock", receipt)
    assert (moved.status_code, moved.json["left"]) == (201, units)


def enrolled(odile: Client, partner: str = "cafe-lumiere") -> Client:
    """A device of a partner."""
    place = odile.post(f"/partners/{partner}/places", {"name": "Comptoir"}).json["id"]
    code = odile.post(f"/partners/{partner}/enrolments", {"place": place}).json["code"]
    answer = Client(odile.app).post("/devices/enrol", {"code": code, "name": "Caisse"})
    assert answer.status_code == 201, answer.text
    return Client(odile.app, answer.json["credential"])


def rich_fan(odile: Client, *, messages: int = 2) -> str:
    """Ines, who chatted before she became a fan."""
    for number in range(messages):
        odile.post("/activities", {**MESSAGE, "id": f"m{number}"})
    fan = odile.post("/fans", {"reference": "ines", "display_name": "Inès"}).json["id"]
    linked = odile.send("PUT", f"/fans/{fan}/identities/twitch/tw-ines")
    assert linked.json["points_moved"] == 60 * messages
    return fan


def test_from_a_participation_to_a_scanned_voucher(odile):
    set_up(odile)
    fan = rich_fan(odile)
    device = enrolled(odile)
    balance = odile.get(f"/fans/{fan}/balance").json
    assert (balance["points"], balance["fan"], len(balance["lots"])) == (120, fan, 1)

    redeemed = odile.post("/redemptions", {"fan": fan, "reward": "deux-cafes"})
    assert (redeemed.status_code, redeemed.json["balance"]) == (201, 20)
    voucher = odile.get(f"/vouchers/{redeemed.json['voucher']}").json
    assert voucher["state"] == "issued"
    assert voucher["url"].endswith(voucher["token"])

    seen = device.post("/vouchers/inspect", {"token": voucher["url"]}).json
    assert (seen["ok"], seen["reason"], seen["reward"]["slug"]) == (True, "ok", "deux-cafes")
    used = device.post("/scans", {"code": voucher["code"], "nonce": "n1"})
    assert (used.status_code, used.json["ok"]) == (201, True)
    assert device.post("/scans", {"code": voucher["code"], "nonce": "n1"}).json == used.json
    again = device.post("/scans", {"token": voucher["token"], "nonce": "n2"})
    assert (again.status_code, again.json["reason"]) == (200, "already_used")
    assert again.json["first_use"]["place"] == "Comptoir"

    annulled = device.post("/scans/n1/annul", {"explanation": "mauvais client"})
    assert annulled.status_code == 200, annulled.text
    assert odile.get(f"/vouchers/{voucher['id']}").json["state"] == "issued"
    assert odile.get("/rewards/deux-cafes/stock").json["left"] == 1
    entries = odile.get(f"/fans/{fan}/entries").json["items"]
    assert [each["change"] for each in entries] == [-100, 120]


def test_cancelling_gives_points_and_unit_back_once(odile):
    set_up(odile)
    fan = rich_fan(odile)
    redemption = odile.post("/redemptions", {"fan": fan, "reward": "deux-cafes"}).json["id"]
    reason = {"reason": "erreur"}
    first = odile.post(f"/redemptions/{redemption}/cancel", reason, key="c")
    again = odile.post(f"/redemptions/{redemption}/cancel", reason, key="c")
    assert (first.status_code, first.json["balance"], first.json["cancelled_because"]) == (200, 120, "erreur")
    assert first.json == again.json
    assert again.headers["Idempotency-Replayed"] == "true"
    assert odile.get(f"/redemptions/{redemption}").json["cancelled_at"]
    assert odile.get("/rewards/deux-cafes").json["left"] == 2


def test_a_refused_redemption_says_what_is_missing_and_takes_nothing(odile):
    set_up(odile, units=1)
    fan = rich_fan(odile, messages=1)
    problem = refused(odile.post("/redemptions", {"fan": fan, "reward": "deux-cafes"}), 409, "not_enough_points")
    assert (problem["missing"], problem["balance"], problem["cost"]) == (40, 60, 100)
    assert problem["detail"] == "You are 40 points short: you have 60, it takes 100."
    assert odile.get("/rewards/deux-cafes").json["left"] == 1


def test_a_refused_redemption_may_be_sent_again_under_its_key(odile):
    set_up(odile)
    fan = rich_fan(odile, messages=1)
    asked = {"fan": fan, "reward": "deux-cafes"}
    refused(odile.post("/redemptions", asked, key="r"), 409, "not_enough_points")
    odile.post("/activities", {**MESSAGE, "id": "one more"})
    done = odile.post("/redemptions", asked, key="r")
    assert (done.status_code, "Idempotency-Replayed" in done.headers) == (201, False)
    replayed = odile.post("/redemptions", asked, key="r")
    assert (replayed.status_code, replayed.json) == (201, done.json)
    refused(odile.post("/redemptions", {**asked, "reward": "autre"}, key="r"), 422, "idempotency_key_reused")
    refused(odile.post("/redemptions", asked, key=None), 400, "idempotency_key_missing")


def test_a_sold_out_reward_is_refused(odile):
    set_up(odile, units=1)
    fan = rich_fan(odile, messages=4)
    odile.post("/redemptions", {"fan": fan, "reward": "deux-cafes"})
    refused(odile.post("/redemptions", {"fan": fan, "reward": "deux-cafes"}), 409, "out_of_stock")


def test_another_partner_learns_nothing(odile):
    set_up(odile)
    fan = rich_fan(odile)
    odile.post("/partners", {"slug": "rival", "name": "Rival"})
    rival = enrolled(odile, "rival")
    voucher = odile.post("/redemptions", {"fan": fan, "reward": "deux-cafes"}).json["voucher"]
    token = odile.get(f"/vouchers/{voucher}").json["token"]
    inspected = rival.post("/vouchers/inspect", {"token": token})
    scanned = rival.post("/scans", {"token": token, "nonce": "n"})
    for answer in (inspected, scanned):
        assert answer.status_code == 200
        assert answer.json["reason"] == "wrong_partner"
        assert [answer.json[name] for name in ("reward", "uses", "max_uses", "not_after", "first_use")] == [None] * 5
    refused(rival.post("/scans/n1/annul", {"explanation": "x"}), 404, "scan_not_found")


def test_the_images_are_the_voucher(odile):
    set_up(odile)
    voucher = odile.post("/redemptions", {"fan": rich_fan(odile), "reward": "deux-cafes"}).json["voucher"]
    url = odile.get(f"/vouchers/{voucher}").json["url"]
    for medium in ("", "?medium=print"):
        png = odile.get(f"/vouchers/{voucher}/qr.png{medium}")
        assert png.content_type == "image/png"
        (read,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(png.data)))
        assert read.text == url
        svg = odile.get(f"/vouchers/{voucher}/qr.svg{medium}")
        assert svg.content_type.startswith("image/svg+xml")
        assert "Deux cafés" in svg.text
    refused(odile.get(f"/vouchers/{voucher}/qr.svg?medium=smoke"), 422, "invalid")


def test_the_bundle_is_only_sent_when_it_changed(odile):
    set_up(odile)
    device = enrolled(odile)
    first = device.get("/scanner/bundle")
    assert first.status_code == 200
    assert first.json["keys"].keys() == {"1"}
    unchanged = device.get("/scanner/bundle", headers={"If-None-Match": first.headers["ETag"]})
    assert (unchanged.status_code, unchanged.data) == (304, b"")
    redemption = odile.post("/redemptions", {"fan": rich_fan(odile), "reward": "deux-cafes"}).json["id"]
    odile.post(f"/redemptions/{redemption}/cancel", {"reason": "x"})
    changed = device.get("/scanner/bundle", headers={"If-None-Match": first.headers["ETag"]})
    assert changed.status_code == 200
    assert len(changed.json["refused"]["cancelled"]) == 1


def test_a_revoked_device_is_shut_out_at_once(odile):
    set_up(odile)
    device = enrolled(odile)
    number = odile.get("/partners/cafe-lumiere").json["devices"][0]["id"]
    for _ in range(2):
        assert odile.send("DELETE", f"/devices/{number}?reason=perdu").status_code == 204
    refused(device.get("/scanner/bundle"), 401, "device_revoked")
    refused(odile.send("DELETE", "/devices/404?reason=x"), 404, "device_not_found")
    refused(odile.send("DELETE", f"/devices/{number}"), 422, "invalid")


def test_the_page_of_a_voucher_reads_only(odile, anybody):
    set_up(odile)
    voucher = odile.post("/redemptions", {"fan": rich_fan(odile), "reward": "deux-cafes"}).json["voucher"]
    token = odile.get(f"/vouchers/{voucher}").json["token"]
    for method in ("GET", "HEAD", "GET"):
        page = anybody.send(method, f"/V/{token}", headers={"Accept-Language": "fr"})
        assert page.status_code == 200
        assert page.headers["Referrer-Policy"] == "no-referrer"
        assert page.headers["Cache-Control"] == "no-store"
    assert "Deux cafés" in page.text
    assert "23 décembre 2026" in page.text
    assert "Two coffees" in anybody.get(f"/V/{token}").text
    assert odile.get(f"/vouchers/{voucher}").json["state"] == "issued"
    altered = token[:70] + ("A" if token[70] == "B" else "B") + token[71:]
    for wrong in (token[:-1], token.lower(), altered, "x", "%00", "é"):
        page = anybody.get(f"/V/{wrong}")
        assert page.status_code == 404
        assert page.content_type.startswith("text/html")
