"""What a network sends is verified, kept once and acknowledged; what cannot be believed leaves nothing."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import text

from loyalty import clock
from loyalty.connector import BadSignature, Message
from loyalty.db import Database
from loyalty.errors import NotFound, Refused
from loyalty.flows.deliver import deliver_due
from loyalty.flows.manage_sources import add_source, list_sources, rotate_secret, stop_source
from loyalty.flows.receive import NoSecret, Receipt, SourceStopped, receive
from loyalty.intake.find import find_deliveries, find_delivery
from loyalty.intake.seal import Sealer
from tests.cast import ODILE, open_station
from tests.samples.contract import NOW
from tests.samples.twitch.sender import sender, sign

SEALER = Sealer("a secret key of at least thirty-two characters")
SECRET, OTHER_SECRET = sender.secrets


@pytest.fixture(autouse=True)
def source(db: Database) -> Iterator[None]:
    with clock.running_on(clock.stopped_at(NOW)):
        add_source(db, SEALER, connector="twitch", slug="main", secret=SECRET, actor=ODILE)
        yield


def message(file: str = "chat_message", *, secret: str = SECRET, identifier: str = "m-1") -> Message:
    body = sender.body(file)
    return Message(headers=sign(body, secret=secret, at=NOW, identifier=identifier), body=body, received_at=NOW)


def send(db: Database, sent: Message, *, connector: str = "twitch", slug: str = "main") -> Receipt:
    return receive(db, SEALER, connector, slug, sent)


def rows(db: Database) -> int:
    tables = ("delivery", "activity", "withdrawal", "entry", "holder", "identity")
    counts = [text(f"SELECT count(*) FROM {table}") for table in tables]
    return db.read(lambda session: sum(session.execute(each).scalar_one() for each in counts))


def test_a_message_is_kept_before_it_is_acknowledged_and_worked_after(db: Database) -> None:
    receipt = send(db, message())
    assert (receipt.answer.status, receipt.is_new) == (204, True)
    assert receipt.delivery_id is not None
    kept = db.read(lambda session: find_delivery(session, receipt.delivery_id or 0))
    assert (kept.state, kept.dedup_key, kept.body) == ("kept", "m-1", sender.body("chat_message"))
    assert rows(db) == 1


def test_the_same_message_again_is_acknowledged_alike_and_kept_once(db: Database) -> None:
    first = send(db, message())
    again = send(db, message())
    assert (again.answer, again.delivery_id, again.is_new) == (first.answer, first.delivery_id, False)


def test_what_cannot_be_believed_leaves_nothing(db: Database) -> None:
    with pytest.raises(BadSignature):
        send(db, message(secret=OTHER_SECRET))
    assert rows(db) == 0


@pytest.mark.parametrize(("connector", "slug"), [("twitch", "other"), ("nowhere", "main"), ("webhook", "main")])
def test_a_source_nobody_made_is_not_found(db: Database, connector: str, slug: str) -> None:
    with pytest.raises(NotFound):
        send(db, message(), connector=connector, slug=slug)


def test_a_challenge_is_answered_and_kept_nowhere(db: Database) -> None:
    assert sender.challenge is not None
    asked = sender.challenge(secret=SECRET, at=NOW)
    receipt = send(db, Message(headers=asked.headers, body=asked.body, received_at=NOW))
    assert (receipt.answer.status, receipt.answer.body, receipt.delivery_id) == (200, asked.answer, None)
    assert rows(db) == 0


def test_nothing_is_kept_by_looking(db: Database) -> None:
    sent = message()
    with pytest.raises(NotFound):
        send(db, Message(method="GET", headers=sent.headers, body=sent.body, received_at=NOW))
    assert rows(db) == 0


def test_while_a_secret_is_rotated_both_are_believed_and_then_only_the_new_one(db: Database) -> None:
    rotate_secret(db, SEALER, connector="twitch", slug="main", secret=OTHER_SECRET, actor=ODILE)
    assert send(db, message(secret=SECRET, identifier="old")).is_new
    assert send(db, message(secret=OTHER_SECRET, identifier="new")).is_new
    rotate_secret(db, SEALER, connector="twitch", slug="main", secret=OTHER_SECRET, actor=ODILE, keep_former=False)
    with pytest.raises(BadSignature):
        send(db, message(secret=SECRET, identifier="later"))


def test_a_source_whose_secrets_cannot_be_opened_believes_nothing(db: Database) -> None:
    with pytest.raises(NoSecret) as refusal:
        receive(db, Sealer("another key of this installation, lost"), "twitch", "main", message())
    assert refusal.value.status == 503
    assert rows(db) == 0


def test_a_stopped_source_takes_nothing_more_until_it_has_a_new_secret(db: Database) -> None:
    stop_source(db, SEALER, connector="twitch", slug="main", actor=ODILE, reason="no longer on Twitch")
    refusal: Refused
    with pytest.raises(SourceStopped) as caught:
        send(db, message())
    refusal = caught.value
    assert (refusal.status, rows(db)) == (410, 0)
    rotate_secret(db, SEALER, connector="twitch", slug="main", secret=SECRET, actor=ODILE)
    assert send(db, message()).is_new


def test_a_revocation_stops_the_source_visibly_and_a_new_challenge_wakes_it(db: Database) -> None:
    open_station(db)
    send(db, message("revocation"))
    deliver_due(db)
    (stopped,) = list_sources(db)
    assert (stopped.stopped_at, stopped.stopped_because) == (NOW, "channel.follow: authorization_revoked")
    assert send(db, message(identifier="still signed, still kept")).is_new
    assert sender.challenge is not None
    asked = sender.challenge(secret=SECRET, at=NOW)
    send(db, Message(headers=asked.headers, body=asked.body, received_at=NOW))
    (woken,) = list_sources(db)
    assert (woken.stopped_at, woken.stopped_because) == (None, None)


def test_a_recording_played_again_after_ten_minutes_is_not_believed(db: Database) -> None:
    sent = message()
    late = Message(headers=sent.headers, body=sent.body, received_at=NOW + timedelta(minutes=10, seconds=1))
    with pytest.raises(BadSignature):
        send(db, late)
    assert db.read(lambda session: find_deliveries(session, limit=1)) == []
