"""Codes through the API: opened by Odile, shown to who may see them, answered by the station's own app."""

from datetime import timedelta

import pytest

from loyalty import clock
from tests.makers.animations import AIR, pay_codes
from tests.web.client import refused

MATINALE = {
    "kind": "on_air_code",
    "slug": "matinale",
    "show": "la-matinale",
    "starts_at": "2026-11-23T09:00:00+01:00",
    "minutes": 30,
    "solution": {"code": "Tournesol 47"},
}


@pytest.fixture
def matinale(db, odile):
    """A code that will be said at nine."""
    pay_codes(db)
    made = odile.post("/animations", MATINALE)
    assert made.status_code == 201, made.text
    return made.json


@pytest.fixture
def fan(odile):
    """The number of a fan."""
    return odile.post("/fans", {"display_name": "Inès"}).json["id"]


@pytest.fixture
def type_code(odile, fan):
    """Sends what the fan typed, so many minutes after air."""

    def send(code="tournesol47", *, minutes=0.0, who=fan):
        with clock.running_on(clock.stopped_at(AIR + timedelta(minutes=minutes))):
            return odile.post("/animations/matinale/answers", {"fan": who, "answer": {"code": code}})

    return send


def test_a_code_is_opened_once_for_one_key(odile):
    first = odile.post("/animations", {**MATINALE, "slug": None, "solution": None}, key="k")
    assert (first.status_code, first.json["slug"]) == (201, "la-matinale-2026-11-23-0900")
    assert first.json["solution"]["code"]
    again = odile.post("/animations", {**MATINALE, "slug": None, "solution": None}, key="k")
    assert again.json == first.json
    assert again.headers["Idempotency-Replayed"] == "true"
    refused(odile.post("/animations", {**MATINALE, "slug": first.json["slug"]}), 409, "animation_exists")


def test_a_key_that_may_only_read_never_sees_the_code(client_with, odile, matinale):
    reader = client_with("animations:read", "audit:read", "activities:read")
    for path in ("/animations", "/animations/matinale", "/animations/matinale/answers", "/audit"):
        response = reader.get(path)
        assert response.status_code == 200
        assert "ournesol" not in response.text
    refused(reader.get("/animations/matinale/solution"), 403, "missing_scope")
    assert odile.get("/animations/matinale/solution").json == {"solution": {"code": "Tournesol 47"}}


def test_an_animation_is_shown_with_its_state_and_what_fans_are_told(odile, matinale):
    shown = odile.get("/animations/matinale").json
    assert (shown["state"], shown["fans"]) == (
        "scheduled",
        dict.fromkeys(("trying", "recorded", "in_review", "refused"), 0),
    )
    assert shown["how"]["fr"].startswith("Écoutez l’émission")
    assert "09:30" in shown["how"]["fr"]
    assert shown["settings"]["attempts"] == 5
    for minutes, state in ((0, "open"), (30, "closed")):
        with clock.running_on(clock.stopped_at(AIR + timedelta(minutes=minutes))):
            assert odile.get("/animations/matinale").json["state"] == state
    assert [each["slug"] for each in odile.get("/animations").json["items"]] == ["matinale"]
    refused(odile.get("/animations/soir"), 404, "animation_not_found")


def test_an_answer_says_its_verdict_and_each_refusal_its_own_words(odile, fan, matinale, type_code):
    refused(type_code(minutes=-1), 409, "not_open_yet")
    other = odile.post("/fans", {}).json["id"]
    wrong = refused(type_code("jonquille 12", who=other), 422, "wrong_code")
    assert wrong["attempts_left"] == 4
    taken = type_code(who=other)
    assert taken.status_code == 201, taken.text
    assert (taken.json["state"], taken.json["quantity"]) == ("recorded", 100)
    assert taken.json["activity"]["points"] == 100
    assert taken.json["sentence"]["fr"] == "Vous gagnez 100 points."
    refused(type_code(who=other), 409, "already_answered")
    refused(type_code(), 409, "answer_in_review")
    refused(type_code(who="404"), 404, "not_found")
    refused(type_code(minutes=31), 409, "animation_over")


def test_five_attempts_are_all(type_code, matinale):
    for _ in range(5):
        refused(type_code("jonquille 12"), 422, "wrong_code")
    assert refused(type_code(), 409, "no_attempts_left")["attempts"] == 5


def test_answers_in_review_are_seen_and_decided(db, odile, fan, type_code):
    pay_codes(db)
    odile.post("/animations", {**MATINALE, "settings": {"early_most": 0}})
    others = [odile.post("/fans", {}).json["id"] for _ in range(2)]
    refused(type_code(minutes=-1), 409, "not_open_yet")
    waiting = type_code(who=others[0])
    assert (waiting.json["state"], waiting.json["activity"]) == ("in_review", None)
    assert "en cours de vérification" in waiting.json["sentence"]["fr"]
    type_code(who=others[1])
    assert odile.get("/animations/matinale").json["frozen_because"]["en"].startswith("1 right answer came before air")
    first = odile.get("/animations/matinale/answers?state=in_review&limit=2").json
    second = odile.get(f"/animations/matinale/answers?state=in_review&limit=2&cursor={first['next']}").json
    assert [each["fan"] for each in first["items"] + second["items"]] == [fan, *others]
    path, mine = "/animations/matinale/reviews", [first["items"][0]["id"]]
    turned_down = odile.post(path, {"decision": "refuse", "reason": "avant l'antenne", "answers": mine}).json
    assert turned_down == {"answers": 1, "points": 0, "left": 2}
    with clock.running_on(clock.stopped_at(AIR + timedelta(hours=1))):
        assert odile.post(path, {"decision": "release", "reason": "ok"}).json == {
            "answers": 2,
            "points": 200,
            "left": 0,
        }
    problem = refused(type_code(minutes=1), 409, "answer_not_kept")
    assert problem["reason"] == "avant l'antenne"
    actions = [each["action"] for each in odile.get("/audit?subject=animation:matinale").json["items"]]
    assert actions == ["animation.released", "animation.refused", "animation.frozen", "animation.opened"]
    refused(odile.post(path, {"decision": "maybe", "reason": "x"}), 422, "invalid")
    refused(odile.post(path, {"decision": "refuse"}), 422, "invalid")


def test_an_animation_is_closed_and_voided_with_a_reason(odile, fan, matinale, type_code):
    type_code()
    with clock.running_on(clock.stopped_at(AIR + timedelta(minutes=1))):
        refused(odile.post("/animations/matinale/close", {}), 422, "invalid")
        assert odile.post("/animations/matinale/close", {"reason": "fin"}).json["state"] == "closed"
        assert odile.get(f"/fans/{fan}/balance").json["points"] == 100
        assert odile.post("/animations/matinale/void", {"reason": "erreur"}).json["state"] == "voided"
        assert odile.get(f"/fans/{fan}/balance").json["points"] == 0


def test_what_makes_no_animation_is_refused_by_name(odile, subtests):
    wrong = [
        {"kind": "bingo"},
        {"minutes": 0},
        {"minutes": "30"},
        {"starts_at": "nine"},
        {"show": "La Matinale"},
        {"settings": {"units_at_air": 0}},
        {"settings": {"units_floor": 500}},
        {"settings": []},
        {"solution": {"code": "ab"}},
        {"solution": "tournesol"},
        {"points": 5},
    ]
    for field in wrong:
        with subtests.test(str(field)):
            errors = refused(odile.post("/animations", {**MATINALE, **field}), 422, "invalid")["errors"]
            assert list(errors) == list(field)
