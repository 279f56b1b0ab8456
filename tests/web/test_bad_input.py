"""Whatever is sent, the answer is a 4xx with a sentence; nothing is written, nothing is lost."""

import io
import json
import tracemalloc
import unicodedata

import sqlalchemy as sa

from tests.cast import rule
from tests.web.client import Client, refused
from tests.web.test_activities import MESSAGE

# Every way to write, with a body it would take.
WRITES = {
    ("POST", "/activities"): MESSAGE,
    ("POST", "/activities/batch"): {"activities": [MESSAGE]},
    ("POST", "/activities/withdrawals"): {"network": "twitch", "id": "1"},
    ("POST", "/animations"): {"kind": "on_air_code"},
    ("POST", "/animations/matinale/close"): {"reason": "x"},
    ("POST", "/animations/matinale/void"): {"reason": "x"},
    ("POST", "/animations/matinale/answers"): {"fan": "1", "answer": {}},
    ("POST", "/animations/matinale/reviews"): {"decision": "release", "reason": "x"},
    ("POST", "/fans"): {"display_name": "Inès"},
    ("PUT", "/rules/bonjour"): {"rule": {}},
    ("POST", "/rules/try"): {"activity": MESSAGE},
    ("POST", "/rewards"): {"slug": "x"},
    ("PATCH", "/rewards/coffee"): {"cost_points": 1},
    ("POST", "/rewards/coffee/stock"): {"kind": "received"},
    ("POST", "/redemptions"): {"fan": "1", "reward": "coffee"},
    ("POST", "/redemptions/1/cancel"): {"reason": "x"},
    ("POST", "/partners"): {"slug": "x", "name": "x"},
    ("POST", "/partners/x/places"): {"name": "x"},
    ("POST", "/partners/x/enrolments"): {"place": "1"},
    ("POST", "/devices/enrol"): {"code": "x", "name": "x"},
    ("POST", "/sources"): {"connector": "webhook", "slug": "x"},
    ("POST", "/deliveries/1/replay"): {},
}

# TRUST.md, 0.3 and R19.
BODIES = {
    "empty": b"",
    "no JSON": b"{nope",
    "cut off": b'{"actor": "tw',
    "not UTF-8": b'{"actor": "\xff"}',
    "a bare surrogate": b'{"actor": "\\ud800"}',
    "a NUL": b'{"actor": "\\u0000"}',
    "NaN": b'{"quantity": NaN}',
    "infinity": b'{"quantity": 1e400}',
    "5,000 digits": b'{"quantity": ' + b"9" * 5000 + b"}",
    "65 bits": b'{"quantity": 18446744073709551616}',
    "a key twice": b'{"actor": "a", "actor": "b"}',
    "2,000 deep": b"[" * 2_000,
    "100,000 deep": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "100,000 keys": b"{" + b",".join(b'"%d":1' % number for number in range(100_000)) + b"}",
}


def rows(db) -> dict[str, int]:
    """How many rows each table has, but for those that count failures."""

    def steps(session):
        tables = sa.inspect(session.connection()).get_table_names()
        counts = {name: sa.select(sa.func.count()).select_from(sa.table(name)) for name in tables}
        return {name: session.execute(each).scalar_one() for name, each in counts.items() if name != "rate_window"}

    return db.read(steps)


def test_a_body_no_database_would_take_is_refused_everywhere(db, odile, subtests):
    before = rows(db)
    for name, body in BODIES.items():
        with subtests.test(name):
            for method, path in WRITES:
                options = {"data": body, "content_type": "application/json"}
                response = odile.send(method, path, headers={"Idempotency-Key": "k"}, **options)
                refused(response, 400, "bad_json")
    assert rows(db) == before


def test_a_body_of_two_mebibytes_is_refused_without_being_kept_in_memory(db, odile):
    before = rows(db)
    tracemalloc.start()
    for method, path in WRITES:
        body = b'{"text": "' + b"x" * 2**21 + b'"}'
        refused(odile.send(method, path, data=body, content_type="application/json"), 413, "body_too_large")
    assert tracemalloc.get_traced_memory()[1] < 50 * 2**20
    tracemalloc.stop()
    assert rows(db) == before


MEDIA_TYPES = [
    "",
    "json",
    "text/plain",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "application/xml",
    "application/vnd.api+json",
    "application/json; charset=utf-16",
]


def test_another_media_type_is_refused_everywhere(db, odile, subtests):
    before = rows(db)
    for content_type in MEDIA_TYPES:
        with subtests.test(content_type):
            for (method, path), body in WRITES.items():
                response = odile.send(method, path, data=json.dumps(body), content_type=content_type)
                problem = refused(response, 415, "unsupported_media_type")
                assert "application/json" in problem["accepted"]
    assert rows(db) == before


SHAPES = [[], "x", 1, None, True, [1], {"surprise": 1}, {"points": 5, "role": "admin"}]


def test_another_shape_is_refused_everywhere(db, odile, subtests):
    before = rows(db)
    for shape in SHAPES:
        with subtests.test(repr(shape)):
            for method, path in WRITES:
                if path == "/activities/batch" and shape == [1]:
                    continue  # a batch of one, bad
                options = {"data": json.dumps(shape), "content_type": "application/json"}
                response = odile.send(method, path, headers={"Idempotency-Key": "k"}, **options)
                assert refused(response, 422, "invalid")["errors"], path
    assert rows(db) == before


FIELDS = [
    {"quantity": 1.9},
    {"quantity": "1"},
    {"quantity": True},
    {"quantity": -1},
    {"quantity": 0},
    {"quantity": 10**12},
    {"quantity": "１２"},
    {"quantity": [1]},
    {"quantity": None},
    {"actor": ""},
    {"actor": " "},
    {"actor": 5},
    {"actor": "a\nb"},
    {"actor": "\x7f"},
    {"actor": "x" * 256},
    {"kind": "Live Chat"},
    {"network": "TWITCH"},
    {"network": "x" * 61},
    {"text": "x" * 5001},
    {"happened_at": "yesterday"},
    {"happened_at": "2026-11-23T07:00:00"},
    {"happened_at": "2026-02-30T07:00:00Z"},
    {"happened_at": "2026-11-23T07:06:00Z"},
    {"happened_at": "9999-12-31T23:59:59-14:00"},
    {"happened_at": "0001-01-01T00:00:00+14:00"},
    {"happened_at": 1732345200},
    {"points": 1000},
    {"fan_id": "1"},
]


def test_a_field_that_does_not_fit_is_refused_by_name(db, odile, subtests):
    rule(db)
    before = rows(db)
    for field in FIELDS:
        (name,) = field
        activity = {**MESSAGE, **field}
        with subtests.test(str(field)[:60]):
            assert name in refused(odile.post("/activities", activity), 422, "invalid")["errors"]
            tried = refused(odile.post("/rules/try", {"activity": activity}), 422, "invalid")
            assert name in tried["errors"]["activity"]
            (result,) = odile.post("/activities/batch", [activity]).json["results"]
            assert (result["status"], list(result["problem"]["errors"])) == (422, [name])
    assert rows(db) == before


QUERIES = [
    "limit=0",
    "limit=201",
    "limit=-1",
    "limit=1.5",
    "limit=１２",
    "limit=",
    "limit=x",
    "limit=" + "9" * 5000,
    "cursor=",
    "cursor=x",
    "cursor=%00",
    "cursor=MQ%3D%3D%3D",
    "cursor=WzFd",
    "cursor=" + "M" * 5000,
    "fan=0",
    "fan=01",
    "fan=-1",
    "fan=9223372036854775808",
    "fan=%ED%A0%80",
    "surprise=1",
    "%00=1",
]


def test_a_query_that_does_not_fit_is_refused(odile, subtests):
    for query in QUERIES:
        with subtests.test(query[:30]):
            refused(odile.get(f"/activities?{query}"), 422, "invalid")


def test_a_cursor_of_another_list_is_refused(odile):
    for slug in ("a", "b"):
        odile.post("/partners", {"slug": slug, "name": slug})
    cursor = odile.get("/partners?limit=1").json["next"]
    refused(odile.get(f"/rules?cursor={cursor}x"), 422, "invalid")
    refused(odile.get(f"/fans/1/entries?cursor={cursor}"), 422, "invalid")


def test_an_address_no_text_could_be_is_nowhere(odile):
    for account in ("%00", "a%0Ab", "%7F", "%20", "x" * 256):
        refused(odile.get(f"/identities/twitch/{account}/balance"), 404, "no_such_address")


NAMES = [
    "Zoë",
    unicodedata.normalize("NFD", "Zoë Élise"),
    "\u202eseni",
    "👨‍👩‍👧‍👦" * 255,
    "é" * 255,
    "İstanbul ß ﬁ",
    "<img src=x onerror=alert(1)>",
    "{{7*7}}",
    "=cmd|' /C calc'!A0",
    "محمد",
    "a\u200bb",
    "𝕴𝖓𝖊𝖘",
]


def test_names_of_every_kind_come_back_as_they_were(odile, subtests):
    for name in NAMES:
        with subtests.test(ascii(name)[:40]):
            fan = odile.post("/fans", {"display_name": name}).json
            assert fan["display_name"] == unicodedata.normalize("NFC", name)
            assert odile.get(f"/fans/{fan['id']}").json["display_name"] == fan["display_name"]


def test_two_spellings_of_one_account_are_one_account(db, odile):
    rule(db)
    composed, decomposed = (unicodedata.normalize(form, "zoë") for form in ("NFC", "NFD"))
    odile.post("/activities", {**MESSAGE, "actor": decomposed})
    assert odile.post("/activities", {**MESSAGE, "actor": composed}).status_code == 200
    for spelling in (composed, decomposed):
        assert odile.get(f"/identities/twitch/{spelling}/balance").json["points"] == 10


def test_an_account_may_be_an_address_of_its_own(db, odile):
    rule(db)
    fan = odile.post("/fans", {}).json["id"]
    actor = "https://mastodon.example/users/ines?x=1#main"
    odile.post("/activities", {**MESSAGE, "network": "mastodon", "actor": actor})
    encoded = actor.replace("?", "%3F").replace("#", "%23")
    for spelling in (encoded, encoded.replace("/", "%2F").replace(":", "%3A")):
        assert odile.get(f"/identities/mastodon/{spelling}/balance").json["points"] == 10
        assert odile.send("PUT", f"/fans/{fan}/identities/mastodon/{spelling}").json["external_id"] == actor


def test_a_key_that_is_none_is_refused(db, odile):
    before = rows(db)
    for key in ("", "x" * 256, "a b", "\x7f"):
        response = odile.send("POST", "/fans", json={}, headers={"Idempotency-Key": key})
        refused(response, 400, "idempotency_key_missing")
    assert rows(db) == before


def test_a_body_without_its_length_is_limited_too(app):
    client = Client(app)
    response = client.send(
        "POST",
        "/devices/enrol",
        input_stream=io.BytesIO(b'{"code": "' + b"x" * 2**21),
        content_type="application/json",
        environ_overrides={"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"},
    )
    refused(response, 413, "body_too_large")
