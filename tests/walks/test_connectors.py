"""Every connector walks the same way: challenge, signatures good and bad, what is read, what is taken back."""

import importlib
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from loyalty import clock, registry
from loyalty.connector import Answer, BadSignature, Connector, Message, StaleMessage, Unreadable
from loyalty.db import Database
from loyalty.flows.deliver import deliver_due
from loyalty.flows.manage_sources import BadSecret, add_source, rotate_secret
from loyalty.flows.receive import receive
from loyalty.intake.find import find_deliveries
from loyalty.intake.seal import Sealer
from tests.cast import ODILE, open_station, rule
from tests.makers.proof import adds_up
from tests.samples.contract import NOW, Sample, Sender

SEALER = Sealer("a secret key of at least thirty-two characters")
CONNECTORS: dict[str, Connector] = dict(registry.plugins("loyalty.connectors"))


def sender_of(name: str) -> Sender:
    """Its samples stand in `tests/samples/<connector>/`; a connector without any fails here."""
    return importlib.import_module(f"tests.samples.{name}.sender").sender  # type: ignore[no-any-return]


SAMPLES = [
    pytest.param(name, sample, id=f"{name}-{sample.file}-{number}")
    for name in CONNECTORS
    for number, sample in enumerate(sender_of(name).samples)
]


def message(headers: dict[str, str], body: bytes, **other: Any) -> Message:
    return Message(headers=headers, body=body, **{"received_at": NOW, **other})


@pytest.fixture(autouse=True)
def station_time() -> Iterator[None]:
    with clock.running_on(clock.stopped_at(NOW)):
        yield


@pytest.fixture(params=CONNECTORS)
def connector(request: pytest.FixtureRequest) -> Connector:
    return CONNECTORS[request.param]


@pytest.fixture
def sender(connector: Connector) -> Sender:
    return sender_of(connector.name)


def test_it_says_who_it_is_and_keeps_no_credential(connector: Connector) -> None:
    assert connector.title.fr
    assert connector.title.en
    assert all(name == name.lower() and "signature" not in name for name in connector.headers)
    assert connector.options().load({}) is not None
    assert 200 <= connector.accepted.status < 300


def test_it_knows_a_secret_when_it_sees_one(connector: Connector, sender: Sender) -> None:
    assert all(connector.accepts_secret(secret) for secret in sender.secrets)
    assert not any(connector.accepts_secret(secret) for secret in sender.not_secrets)
    made = connector.new_secret()
    assert made is None or connector.accepts_secret(made)


def test_a_message_signed_just_now_is_believed(connector: Connector, sender: Sender) -> None:
    former, present = sender.secrets
    body = sender.body(sender.act)
    for secret in sender.secrets:
        connector.verify(message(sender.sign(body, secret=secret, at=NOW), body), [present, former])
    for moved in (-sender.oldest, sender.newest):
        headers = sender.sign(body, secret=present, at=NOW + moved)
        connector.verify(message(headers, body), [present])


def test_a_message_signed_too_long_ago_or_in_the_future_is_not(connector: Connector, sender: Sender) -> None:
    secret, body = sender.secrets[0], sender.body(sender.act)
    for moved in (-sender.oldest - timedelta(minutes=1), sender.newest + timedelta(minutes=1)):
        with pytest.raises(StaleMessage):
            connector.verify(message(sender.sign(body, secret=secret, at=NOW + moved), body), [secret])


def test_a_message_altered_by_one_byte_is_not_believed(connector: Connector, sender: Sender) -> None:
    secret, body = sender.secrets[0], sender.body(sender.act)
    headers = sender.sign(body, secret=secret, at=NOW)
    for at in range(0, len(body), max(1, len(body) // 40)):
        altered = body[:at] + bytes([body[at] ^ 1]) + body[at + 1 :]
        with pytest.raises(BadSignature):
            connector.verify(message(headers, altered), [secret])
    for altered in (b"", body + b" ", body[:-1]):
        with pytest.raises(BadSignature):
            connector.verify(message(headers, altered), [secret])


def test_a_message_with_headers_missing_or_mangled_is_not_believed(connector: Connector, sender: Sender) -> None:
    secret, body = sender.secrets[0], sender.body(sender.act)
    headers = sender.sign(body, secret=secret, at=NOW)
    signing = [name for name in headers if _matters(connector, headers, body, secret, name)]
    assert signing, "no header matters to the signature"
    for name in signing:
        for mangled in (
            "",
            " ",
            "é",
            "\u20ac",
            "=",
            ",",
            "v1,",
            "t=1,v1=",
            "9" * 400,
            headers[name][:-1],
            "x" + headers[name],
        ):
            with pytest.raises(BadSignature):
                connector.verify(message({**headers, name: mangled}, body), [secret])
    with pytest.raises(BadSignature):
        connector.verify(message({}, body), [secret])
    with pytest.raises(BadSignature):
        connector.verify(message({}, b"\xff\xfe\x00"), [secret])


def _matters(connector: Connector, headers: dict[str, str], body: bytes, secret: str, name: str) -> bool:
    without = {each: value for each, value in headers.items() if each != name}
    try:
        connector.verify(message(without, body), [secret])
    except BadSignature:
        return True
    return False


def test_a_strangers_secret_or_a_former_one_proves_nothing(connector: Connector, sender: Sender) -> None:
    former, present = sender.secrets
    body = sender.body(sender.act)
    headers = sender.sign(body, secret=former, at=NOW)
    for known in ([present], []):
        with pytest.raises(BadSignature):
            connector.verify(message(headers, body), known)


def test_a_challenge_is_answered_only_to_who_proves_to_be_the_network(connector: Connector, sender: Sender) -> None:
    former, present = sender.secrets
    body = sender.body(sender.act)
    assert connector.challenge(message(sender.sign(body, secret=present, at=NOW), body), [present]) is None
    if sender.challenge is None:
        return
    asked = sender.challenge(secret=present, at=NOW)
    answer = connector.challenge(message(dict(asked.headers), asked.body), [present])
    assert answer is not None
    assert isinstance(answer, Answer)
    assert (answer.status, answer.body) == (200, asked.answer)
    with pytest.raises(BadSignature):
        connector.challenge(message(dict(asked.headers), asked.body), [former])


def test_a_message_sent_again_has_the_same_key_and_another_a_different_one(
    connector: Connector, sender: Sender
) -> None:
    secret = sender.secrets[0]
    one, other = sender.body(sender.act), sender.body(sender.withdrawal)
    first = connector.dedup_key(message(sender.sign(one, secret=secret, at=NOW, identifier="a"), one))
    later = NOW + timedelta(minutes=3)
    again = connector.dedup_key(message(sender.sign(one, secret=secret, at=later, identifier="a"), one))
    another = connector.dedup_key(message(sender.sign(other, secret=secret, at=NOW, identifier="b"), other))
    assert first == again != another


@pytest.mark.parametrize(("name", "sample"), SAMPLES)
def test_what_it_says_is_read_from_what_was_kept_alone(name: str, sample: Sample) -> None:
    connector, sender = CONNECTORS[name], sender_of(name)
    body = sender.body(sample.file)
    headers = sender.sign(body, secret=sender.secrets[0], at=NOW)
    kept = {name: value for name, value in headers.items() if name in connector.headers}
    reading = connector.read(message(kept, body), connector.options().load(dict(sample.options)))
    assert tuple(reading.facts) == sample.facts
    assert tuple(reading.withdrawn) == sample.withdrawn
    assert tuple(each.code for each in reading.left_out) == sample.left_out
    assert reading.stop == sample.stop
    assert all(each.say(language) for each in reading.left_out for language in ("fr", "en"))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff",
        b"[]",
        b"5",
        b'"text"',
        b"{}",
        b"{",
        b'{"a": NaN}',
        b'{"a": ' + b"9" * 5000 + b"}",
        b'{"a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"type": "\\u0000", "data": "\\ud800", "subscription": []}',
        b'{"type": {}, "subscription": {"type": [], "status": 5}, "activities": {}, "data": {"object": 5}}',
    ],
    ids=lambda body: repr(body[:20]),
)
def test_what_it_cannot_read_is_refused_and_never_a_crash(connector: Connector, body: bytes) -> None:
    now = {name: NOW.isoformat() for name in connector.headers}
    said = ""
    try:
        reading = connector.read(message(now, body), connector.options().load({}))
        assert not reading.facts
        assert not reading.withdrawn
    except Unreadable as problem:
        said = str(problem)
    assert "\x00" not in said
    assert said.encode().decode() == said
    assert connector.dedup_key(message(_identified(connector), body))


def _identified(connector: Connector) -> dict[str, str]:
    sender = sender_of(connector.name)
    return sender.sign(sender.body(sender.act), secret=sender.secrets[0], at=NOW)


def balance(db: Database) -> int:
    total = text("SELECT coalesce(sum(balance), 0) FROM holder")
    return db.read(lambda session: session.execute(total).scalar_one())


@pytest.mark.parametrize("withdrawn_first", [False, True], ids=["act first", "withdrawal first"])
def test_it_goes_down_the_whole_river(
    db: Database, connector: Connector, sender: Sender, withdrawn_first: bool
) -> None:
    open_station(db)
    fact = sender.sample(sender.act).facts[0]
    rule(db, "any", when={"kind": {"one_of": [fact.kind]}}, earn={"fixed": 10})
    former, present = sender.secrets
    add_source(db, SEALER, connector=connector.name, slug="main", secret=former, actor=ODILE)
    rotate_secret(db, SEALER, connector=connector.name, slug="main", secret=present, actor=ODILE)

    def send(file: str, secret: str) -> None:
        body = sender.body(file)
        headers = sender.sign(body, secret=secret, at=NOW, identifier=file)
        for attempt in range(3):
            receipt = receive(db, SEALER, connector.name, "main", message(headers, body))
            assert receipt.answer == connector.accepted
            assert receipt.is_new == (attempt == 0)
        while deliver_due(db):
            pass

    order = [(sender.act, former), (sender.withdrawal, present)]
    for file, secret in reversed(order) if withdrawn_first else order:
        send(file, secret)
        if file == sender.act:
            assert balance(db) == (0 if withdrawn_first else 10)
    assert balance(db) == 0
    kept = db.read(lambda session: find_deliveries(session, limit=10))
    assert [(each.state, each.attempts) for each in kept] == [("worked", 1), ("worked", 1)]
    assert all("signature" not in name for each in kept for name in each.headers)
    assert adds_up(db)


def test_a_message_that_is_not_believed_leaves_nothing(db: Database, connector: Connector, sender: Sender) -> None:
    add_source(db, SEALER, connector=connector.name, slug="main", secret=sender.secrets[0], actor=ODILE)
    body = sender.body(sender.act)
    forged = sender.sign(body, secret=sender.secrets[1], at=NOW)
    with pytest.raises(BadSignature) as refusal:
        receive(db, SEALER, connector.name, "main", message(forged, body))
    assert refusal.value.status == 401
    assert db.read(lambda session: find_deliveries(session, limit=1)) == []


def test_what_is_no_secret_makes_no_source(db: Database, connector: Connector, sender: Sender) -> None:
    for secret in sender.not_secrets:
        with pytest.raises(BadSecret) as refusal:
            add_source(db, SEALER, connector=connector.name, slug="main", secret=secret, actor=ODILE)
        assert len(secret) < 10 or secret not in str(refusal.value)
