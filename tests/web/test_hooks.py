"""A network posts to its address and gets its answer at once; nobody else gets anything."""

import base64
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient

from loyalty import clock
from loyalty.db import Database
from loyalty.flows.manage_sources import add_source, stop_source
from loyalty.intake.find import find_deliveries
from loyalty.intake.seal import Sealer
from loyalty.settings import load
from loyalty.web.app import create_app
from tests.cast import ODILE
from tests.samples.contract import NOW, Sender
from tests.samples.stripe.sender import sender as stripe
from tests.samples.twitch.sender import sender as twitch
from tests.samples.webhook.sender import sender as webhook

KEY = "a secret key of at least thirty-two characters"
SEALER = Sealer(KEY)


@pytest.fixture
def client(db: Database) -> Iterator[FlaskClient]:
    environment = {
        "LOYALTY_SECRET_KEY": KEY,
        "LOYALTY_VOUCHER_KEYS": "1:" + base64.b64encode(b"v" * 32).decode(),
        "LOYALTY_BODY_LIMIT_BYTES": "20000",
    }
    with clock.running_on(clock.stopped_at(NOW)):
        for name, sender in (("twitch", twitch), ("stripe", stripe), ("webhook", webhook)):
            add_source(db, SEALER, connector=name, slug="main", secret=sender.secrets[0], actor=ODILE)
        yield create_app(load(environment), db).test_client()


def signed(sender: Sender, body: bytes, secret: str | None = None) -> dict[str, str]:
    return sender.sign(body, secret=secret or sender.secrets[0], at=NOW)


def kept(db: Database) -> list[bytes]:
    return [each.body for each in db.read(lambda session: find_deliveries(session, limit=10))]


@pytest.mark.parametrize(
    ("name", "sender", "status"), [("twitch", twitch, 204), ("stripe", stripe, 200), ("webhook", webhook, 204)]
)
def test_a_message_is_answered_at_once_and_kept_as_it_came(
    db: Database, client: FlaskClient, name: str, sender: Sender, status: int
) -> None:
    body = sender.body(sender.act)
    for _ in range(2):
        answer = client.post(f"/hooks/{name}/main", data=body, headers=signed(sender, body))
        assert (answer.status_code, answer.data) == (status, b"")
    assert kept(db) == [body]


def test_the_bytes_are_kept_whatever_they_call_themselves(db: Database, client: FlaskClient) -> None:
    body = b"a=1&b=\xff%00\r\n"
    headers = signed(webhook, body) | {"content-type": "application/x-www-form-urlencoded"}
    assert client.post("/hooks/webhook/main", data=body, headers=headers).status_code == 204
    assert kept(db) == [body]


def test_a_challenge_is_answered_with_its_bare_text(client: FlaskClient) -> None:
    assert twitch.challenge is not None
    asked = twitch.challenge(secret=twitch.secrets[0], at=NOW)
    answer = client.post("/hooks/twitch/main", data=asked.body, headers=dict(asked.headers))
    assert (answer.status_code, answer.text, answer.mimetype) == (200, asked.answer, "text/plain")


def test_a_wrong_signature_is_told_so_and_leaves_nothing(db: Database, client: FlaskClient) -> None:
    body = webhook.body("activity")
    headers = signed(webhook, body, webhook.secrets[1])
    answer = client.post("/hooks/webhook/main", data=body, headers=headers | {"Accept-Language": "fr"})
    assert answer.status_code == 401
    assert answer.mimetype == "application/problem+json"
    assert answer.json is not None
    assert answer.json["code"] == "bad_signature"
    assert answer.headers["WWW-Authenticate"] == "Signature"
    assert kept(db) == []


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", "/hooks/webhook/other", 404),
        ("POST", "/hooks/nowhere/main", 404),
        ("POST", "/hooks/webhook/%00", 404),
        ("GET", "/hooks/webhook/main", 404),
        ("GET", "/hooks/twitch/main", 404),
        ("HEAD", "/hooks/webhook/main", 404),
        ("PUT", "/hooks/webhook/main", 405),
        ("DELETE", "/hooks/webhook/main", 405),
        ("POST", "/hooks/webhook/main", 401),
        ("POST", "/hooks/webhook", 404),
    ],
)
def test_whoever_is_no_network_is_refused(
    db: Database, client: FlaskClient, method: str, path: str, status: int
) -> None:
    assert client.open(path, method=method, data=b"{}").status_code == status
    assert kept(db) == []


def test_a_body_beyond_the_limit_is_refused(db: Database, client: FlaskClient) -> None:
    body = b"x" * 20_001
    assert client.post("/hooks/webhook/main", data=body, headers=signed(webhook, body)).status_code == 413
    assert kept(db) == []


def test_a_stopped_source_is_gone_and_one_that_cannot_be_opened_is_unavailable(
    db: Database, client: FlaskClient
) -> None:
    stop_source(db, SEALER, connector="stripe", slug="main", actor=ODILE, reason="no longer")
    body = stripe.body(stripe.act)
    assert client.post("/hooks/stripe/main", data=body, headers=signed(stripe, body)).status_code == 410
    lost = Sealer("a secret key that nobody has any more")
    add_source(db, lost, connector="webhook", slug="lost", secret=webhook.secrets[0], actor=ODILE)
    body = webhook.body("activity")
    answer = client.post("/hooks/webhook/lost", data=body, headers=signed(webhook, body))
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "300")
    assert kept(db) == []
