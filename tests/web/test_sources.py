"""Senders and their deliveries, partners, and the audit trail through the API."""

from loyalty.flows.deliver import deliver_due
from tests.cast import MORNING, rule
from tests.samples.webhook.sender import sender
from tests.web.client import refused


def test_a_source_is_configured_and_its_secret_seen_once(odile):
    made = odile.post("/sources", {"connector": "webhook", "slug": "quiz"})
    assert made.status_code == 201, made.text
    assert made.json["path"] == "/hooks/webhook/quiz"
    assert made.json["url"] == "https://club.example/hooks/webhook/quiz"
    assert made.json["secret"].startswith("whsec_")
    (known,) = odile.get("/sources").json["items"]
    assert (known["connector"], known["slug"], known["stopped_at"]) == ("webhook", "quiz", None)
    assert made.json["secret"] not in str(known)
    refused(odile.post("/sources", {"connector": "webhook", "slug": "quiz"}), 409, "conflict")
    refused(odile.post("/sources", {"connector": "nothing", "slug": "quiz"}), 404, "not_found")
    refused(odile.post("/sources", {"connector": "webhook", "slug": "x", "secret": "short"}), 422, "bad_secret")
    refused(odile.post("/sources", {"connector": "webhook", "slug": "x", "options": {"a": 1}}), 422, "invalid")


def test_a_message_is_taken_at_the_hook_worked_and_told_of(db, odile, anybody):
    rule(db, when={"all": [{"kind": {"one_of": ["vote"]}}]})
    secret = odile.post("/sources", {"connector": "webhook", "slug": "quiz"}).json["secret"]
    body = sender.body(sender.act)
    headers = sender.sign(body, secret=secret, at=MORNING)
    for _ in range(2):
        taken = anybody.send("POST", "/hooks/webhook/quiz", data=body, headers=headers)
        assert 200 <= taken.status_code < 300, taken.text
    (kept,) = odile.get("/deliveries").json["items"]
    assert (kept["source"], kept["state"], kept["size_bytes"]) == ("webhook/quiz", "kept", len(body))
    assert deliver_due(db) == 1
    (worked,) = odile.get("/deliveries?state=worked").json["items"]
    assert [each["outcome"] for each in worked["outcomes"]] == ["awarded"]
    refused(odile.post(f"/deliveries/{kept['id']}/replay", {}), 409, "not_set_aside")


def test_a_message_that_is_not_signed_is_refused_as_a_problem(odile, anybody):
    odile.post("/sources", {"connector": "webhook", "slug": "quiz"})
    headers = sender.sign(b"{}", secret=sender.secrets[0], at=MORNING)
    response = anybody.send("POST", "/hooks/webhook/quiz", data=b"{}", headers=headers)
    refused(response, 401, "bad_signature")
    assert response.headers["WWW-Authenticate"] == "Signature"
    refused(anybody.send("POST", "/hooks/webhook/nothing", data=b"{}"), 404, "not_found")
    refused(anybody.send("PUT", "/hooks/webhook/quiz", data=b"{}"), 405, "method_not_allowed")
    assert odile.get("/deliveries").json["items"] == []


def test_a_delivery_that_nobody_could_read_is_worked_again_when_asked(db, odile, anybody):
    secret = odile.post("/sources", {"connector": "webhook", "slug": "quiz"}).json["secret"]
    headers = sender.sign(b"nonsense", secret=secret, at=MORNING)
    anybody.send("POST", "/hooks/webhook/quiz", data=b"nonsense", headers=headers)
    deliver_due(db)
    (dead,) = odile.get("/deliveries?state=dead").json["items"]
    assert dead["problem"]
    again = odile.post(f"/deliveries/{dead['id']}/replay", {"reason": "connecteur corrigé"})
    assert (again.status_code, again.json["state"]) == (202, "kept")
    refused(odile.post("/deliveries/404/replay", {}), 404, "not_found")
    refused(odile.get("/deliveries?state=lost"), 422, "invalid")


def test_partners_are_listed_with_their_places_and_devices(odile):
    for slug in ("a", "b", "c"):
        odile.post("/partners", {"slug": slug, "name": slug.upper()})
    first = odile.get("/partners?limit=2").json
    second = odile.get(f"/partners?limit=2&cursor={first['next']}").json
    assert [each["slug"] for each in first["items"] + second["items"]] == ["a", "b", "c"]
    place = odile.post("/partners/a/places", {"name": "Comptoir"}).json
    odile.post("/partners/a/enrolments", {"place": place["id"]})
    shown = odile.get("/partners/a").json
    assert (shown["places"], shown["devices"]) == ([place], [])
    refused(odile.post("/partners", {"slug": "a", "name": "A"}), 409, "partner_exists")
    refused(odile.post("/partners/b/enrolments", {"place": place["id"]}), 404, "place_not_found")
    refused(odile.post("/partners/nobody/places", {"name": "x"}), 404, "partner_not_found")


def test_the_audit_trail_is_read_page_by_page_and_by_what_is_asked(odile):
    for slug in ("a", "b", "c"):
        odile.post("/partners", {"slug": slug, "name": slug})
    first = odile.get("/audit?action=partner.created&limit=2").json
    second = odile.get(f"/audit?action=partner.created&limit=2&cursor={first['next']}").json
    assert [each["subject"] for each in first["items"] + second["items"]] == [
        "partner:c",
        "partner:b",
        "partner:a",
    ]
    assert odile.get("/audit?subject=partner:b").json["items"] == [second_of(first)]
    assert odile.get("/audit?actor=nobody").json["items"] == []


def second_of(page):
    """The second item of a page."""
    return page["items"][1]
