"""Rules through the API: written whole, never overwritten by mistake, told to fans, tried before they count."""

from tests.cast import rule
from tests.web.client import refused
from tests.web.test_activities import MESSAGE

BODY = {
    "name": {"fr": "Bonjour", "en": "Hello"},
    "class": "redeemable",
    "when": {"all": [{"kind": {"one_of": ["live_chat"]}}, {"network": {"one_of": ["twitch"]}}]},
    "earn": {"fixed": 10},
}


def put(odile, body=BODY, **said):
    """Write the rule "bonjour"."""
    headers = said.pop("headers", {})
    return odile.send("PUT", "/rules/bonjour", json={"rule": body, **said}, headers=headers)


def test_a_rule_is_made_and_revised(odile):
    made = put(odile, revision=0, reason="rentrée").json
    assert (made["slug"], made["revision"], made["changed"]) == ("bonjour", 1, True)
    revised = put(odile, {**BODY, "earn": {"fixed": 20}}, revision=1).json
    assert (revised["revision"], revised["difference"]) == (2, ["earn.fixed: 10 -> 20"])
    same = put(odile, {**BODY, "earn": {"fixed": 20}}).json
    assert (same["revision"], same["changed"], same["difference"]) == (2, False, [])


def test_an_edit_that_started_from_an_older_revision_is_refused(odile):
    put(odile, revision=0)
    other = {**BODY, "earn": {"fixed": 11}}
    for stale in ({"revision": 0}, {"revision": 5}, {"headers": {"If-Match": '"0"'}}):
        refused(put(odile, other, **stale), 409, "rule_changed_meanwhile")
    for unclear in ({"headers": {"If-Match": '"x"'}}, {"revision": 1, "headers": {"If-Match": '"0"'}}):
        refused(put(odile, other, **unclear), 422, "invalid")
    etag = odile.get("/rules/bonjour").headers["ETag"]
    assert put(odile, other, headers={"If-Match": etag}).json["revision"] == 2


def test_a_rule_shows_its_history_and_how_fans_are_told(odile):
    put(odile, revision=0, reason="rentrée")
    put(odile, {**BODY, "earn": {"fixed": 20}})
    shown = odile.get("/rules/bonjour").json
    assert shown["sentence"]["en"].startswith("You earn 20 points when you write in the live chat")
    assert shown["sentence"]["fr"].startswith("Vous gagnez 20 points quand vous écrivez dans le chat")
    first, second = shown["revisions"]
    assert (first["revision"], first["reason"], first["rule"]["earn"]) == (1, "rentrée", {"fixed": 10})
    assert second["difference"] == ["earn.fixed: 10 -> 20"]
    assert second["created_by"].startswith("key:")


def test_rules_are_listed_by_slug_page_by_page(db, odile):
    for slug in ("c", "a", "b"):
        rule(db, slug)
    first = odile.get("/rules?limit=2").json
    second = odile.get(f"/rules?limit=2&cursor={first['next']}").json
    assert [each["slug"] for each in first["items"] + second["items"]] == ["a", "b", "c"]
    assert second["next"] is None


def test_a_body_that_is_none_is_refused_by_path(odile):
    problem = refused(put(odile, {**BODY, "when": {"all": [{"kind": {}}, {"moon": {}}]}}), 422, "invalid")
    assert "when" in problem["errors"]
    refused(put(odile, "text"), 422, "invalid")
    refused(odile.send("PUT", "/rules/Upper", json={"rule": BODY}), 404, "no_such_address")
    refused(odile.send("PUT", "/rules/a--b", json={"rule": BODY}), 422, "invalid")
    refused(odile.get("/rules/nothing"), 404, "not_found")


def test_a_rule_does_not_change_what_was_judged(odile):
    put(odile)
    late = put(odile, {**BODY, "earn": {"fixed": 1}}, in_force_from="2026-01-01T00:00:00Z")
    refused(late, 422, "in_force_in_the_past")


def test_an_activity_is_tried_with_rules_that_are_not_there_yet(db, odile):
    rule(db)
    tried = odile.post("/rules/try", {"activity": MESSAGE, "drafts": {"bonus": {**BODY, "earn": {"fixed": 5}}}}).json
    assert (tried["outcome"], tried["points"]) == ("awarded", 15)
    assert [each["rule"] for each in tried["verdicts"]] == ["bonus", "chat"]
    assert odile.post("/rules/try", {"activity": MESSAGE}).json["points"] == 10
    assert odile.get("/activities").json["items"] == []
    refused(odile.get("/identities/twitch/tw-ines/balance"), 404, "not_found")
    refused(odile.post("/rules/try", {"activity": MESSAGE, "drafts": {"x": {}}}), 422, "invalid")
    assert odile.get("/rules").json["items"][0]["points_issued"] == 0


def test_the_document_describes_every_condition(app, odile):
    document = odile.get("/api/v1/openapi.json").json
    tree = document["components"]["schemas"]["ConditionTree"]["oneOf"]
    words = {next(iter(each["properties"])) for each in tree}
    assert {"all", "any", "none", "network", "kind", "object", "campaign", "hours", "weekdays"} <= words
    for each in tree[3:]:
        (example,) = each["examples"]
        body = {**BODY, "when": {"all": [example]}}
        assert odile.post("/rules/try", {"activity": MESSAGE, "drafts": {"x": body}}).status_code == 200, example


def test_what_a_network_forbids_is_refused_and_what_it_leaves_open_needs_a_reason(odile):
    everywhere = {**BODY, "when": {"kind": {"one_of": ["live_chat"]}}}
    problem = refused(put(odile, everywhere), 422, "forbidden_by_network")
    assert problem["networks"] == ["Facebook", "Instagram", "YouTube"]
    assert put(odile, {**everywhere, "class": "measure_only"}).json["changed"]
    follows = {**BODY, "when": {"all": [{"kind": {"one_of": ["follow"]}}, {"network": {"one_of": ["twitch"]}}]}}
    refused(put(odile, follows), 422, "reason_needed")
    assert put(odile, follows, reason="Agreed with the network.").json["changed"]
