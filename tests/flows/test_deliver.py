"""What was kept is worked once; what cannot be worked is set aside with its problem, never lost."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel import Session

from loyalty import clock
from loyalty.connector import Message
from loyalty.connectors import webhook
from loyalty.db import Database
from loyalty.errors import Busy, NotFound
from loyalty.flows import deliver
from loyalty.flows.deliver import NotSetAside, deliver_due, forget_bodies, replay_delivery
from loyalty.flows.manage_sources import add_source
from loyalty.flows.receive import receive
from loyalty.intake.find import find_deliveries, find_delivery
from loyalty.intake.lease import LEASE, MOST_ATTEMPTS
from loyalty.intake.seal import Sealer
from loyalty.intake.tables import Delivery
from tests.cast import ODILE, open_station, rule
from tests.makers.proof import adds_up
from tests.samples.contract import NOW
from tests.samples.webhook.sender import sender, sign

SEALER = Sealer("a secret key of at least thirty-two characters")
VOTE = {"network": "discord", "actor": "ines", "kind": "vote", "object": "song-12"}


class Watch:
    """A clock to set forward."""

    def __init__(self) -> None:
        self.at = NOW

    def __call__(self) -> Any:
        return self.at


@pytest.fixture(autouse=True)
def watch(db: Database) -> Iterator[Watch]:
    watch = Watch()
    with clock.running_on(watch):
        open_station(db)
        rule(db, "votes", when={"kind": {"one_of": ["vote"]}})
        add_source(db, SEALER, connector="webhook", slug="quiz", secret=sender.secrets[0], actor=ODILE)
        yield watch
        assert adds_up(db)


def keep(db: Database, document: Any, identifier: str = "m-1") -> int:
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    headers = sign(body, secret=sender.secrets[0], at=clock.now(), identifier=identifier)
    sent = Message(headers=headers, body=body, received_at=clock.now())
    receipt = receive(db, SEALER, "webhook", "quiz", sent)
    assert receipt.delivery_id is not None
    return receipt.delivery_id


def delivery(db: Database, delivery_id: int) -> Delivery:
    return db.read(lambda session: find_delivery(session, delivery_id))


def total(db: Database) -> int:
    query = text("SELECT coalesce(sum(balance), 0) FROM holder")
    return db.read(lambda session: session.execute(query).scalar_one())


def test_a_delivery_is_worked_once_and_says_what_became_of_each_thing(db: Database) -> None:
    document = {
        "activities": [VOTE | {"id": "v-1"}, VOTE | {"id": "v-1", "object": "song-13"}, VOTE | {"points": 9}],
        "withdrawals": [{"network": "discord", "id": "v-404"}],
    }
    one = keep(db, document)
    assert deliver_due(db) == 1
    assert deliver_due(db) == 0
    worked = delivery(db, one)
    assert (worked.state, worked.attempts, worked.worked_at, worked.problem) == ("worked", 1, NOW, None)
    recorded, conflict, waiting, left_out = worked.outcomes or []
    assert (recorded["status"], recorded["outcome"], recorded["points"]) == ("recorded", "awarded", 10)
    assert recorded["activity_id"].isdigit()
    assert (conflict["status"], conflict["code"]) == ("conflict", "activity_conflict")
    assert (waiting["status"], waiting["points"]) == ("waiting", 0)
    assert (left_out["status"], left_out["code"]) == ("left_out", "bad_item")
    assert set(left_out["says"]) == {"fr", "en"}
    assert total(db) == 10


def test_the_activities_know_which_source_told_of_them(db: Database) -> None:
    keep(db, VOTE)
    deliver_due(db)
    query = text("SELECT source FROM activity")
    assert db.read(lambda session: session.execute(query).scalar_one()) == "hook:webhook/quiz"


def test_an_act_without_a_time_happened_when_it_was_worked(db: Database, watch: Watch) -> None:
    keep(db, VOTE)
    watch.at += timedelta(minutes=1)
    deliver_due(db)
    query = text("SELECT count(*) FROM activity WHERE happened_at = recorded_at")
    assert db.read(lambda session: session.execute(query).scalar_one()) == 1


@pytest.mark.parametrize("body", [b"not json", b'{"network": "discord"}', b'{"activities": 5}'])
def test_what_cannot_be_read_is_set_aside_with_its_problem(db: Database, body: bytes) -> None:
    one, good = keep(db, body, "bad"), keep(db, VOTE, "good")
    assert deliver_due(db) == 2
    dead = delivery(db, one)
    assert (dead.state, dead.body, dead.worked_at) == ("dead", body, None)
    assert (dead.problem or "").startswith("unreadable: ")
    assert delivery(db, good).state == "worked"
    assert deliver_due(db) == 0


def test_a_dead_delivery_is_replayed_by_hand_and_the_audit_knows(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    one = keep(db, b"not json")
    deliver_due(db)
    replay_delivery(db, one, actor=ODILE, reason="the connector has learnt it")
    learnt = json.dumps(VOTE).encode()
    monkeypatch.setattr(deliver, "_message", lambda kept: Message(headers={}, body=learnt, received_at=NOW))
    deliver_due(db)
    assert (delivery(db, one).state, delivery(db, one).problem, total(db)) == ("worked", None, 10)
    audited = text("SELECT count(*) FROM audit_record WHERE action = 'delivery.replayed'")
    assert db.read(lambda session: session.execute(audited).scalar_one()) == 1


def test_a_worked_delivery_is_not_replayed(db: Database) -> None:
    one = keep(db, VOTE)
    deliver_due(db)
    with pytest.raises(NotSetAside):
        replay_delivery(db, one, actor=ODILE)
    with pytest.raises(NotFound):
        replay_delivery(db, 404, actor=ODILE)


def test_one_that_breaks_spoils_only_itself_and_is_tried_again(
    db: Database, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad, good = keep(db, VOTE | {"id": "bad"}, "bad"), keep(db, VOTE | {"id": "good"}, "good")
    read = webhook.plugin.read

    def break_on_bad(message: Message, options: Any) -> Any:
        if b'"bad"' in message.body:
            raise ZeroDivisionError("a bug")
        return read(message, options)

    monkeypatch.setattr(webhook.plugin, "read", break_on_bad)
    assert deliver_due(db) == 2
    assert (delivery(db, good).state, total(db)) == ("worked", 10)
    failed = delivery(db, bad)
    assert (failed.state, failed.attempts, failed.problem) == ("failed", 1, "ZeroDivisionError('a bug')")
    assert failed.due_at == NOW + timedelta(seconds=10)
    monkeypatch.undo()
    assert deliver_due(db) == 0
    watch.at += timedelta(seconds=10)
    assert deliver_due(db) == 1
    assert (delivery(db, bad).state, total(db)) == ("worked", 20)


def test_one_that_always_breaks_is_dead_in_the_end(db: Database, watch: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    def always_break(message: Message, options: Any) -> Any:
        raise ZeroDivisionError("\x00 a bug")

    monkeypatch.setattr(webhook.plugin, "read", always_break)
    one = keep(db, VOTE)
    for _ in range(MOST_ATTEMPTS):
        assert deliver_due(db) == 1
        watch.at = delivery(db, one).due_at
    watch.at += timedelta(days=1)
    assert deliver_due(db) == 0
    assert (delivery(db, one).state, total(db)) == ("dead", 0)


def test_what_a_worker_did_not_finish_leaves_no_trace_and_is_done_by_the_next(
    db: Database, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = keep(db, VOTE)

    def die(session: Session, delivery_id: int, outcomes: Any) -> None:
        raise SystemExit

    monkeypatch.setattr("loyalty.intake.lease.note", die)
    with pytest.raises(SystemExit):
        deliver_due(db)
    assert (delivery(db, one).state, total(db)) == ("kept", 0)
    monkeypatch.undo()
    assert deliver_due(db) == 0
    watch.at += LEASE
    assert deliver_due(db) == 1
    assert (delivery(db, one).state, total(db)) == ("worked", 10)


def test_a_busy_database_is_nobodys_fault(db: Database, watch: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    one = keep(db, VOTE)

    def too_busy(*_: Any, **__: Any) -> Any:
        raise Busy

    monkeypatch.setattr(deliver, "earn", too_busy)
    with pytest.raises(Busy):
        deliver_due(db)
    assert (delivery(db, one).state, delivery(db, one).problem) == ("kept", None)
    monkeypatch.undo()
    watch.at += LEASE
    assert deliver_due(db) == 1


def test_many_are_worked_in_turns(db: Database) -> None:
    for number in range(250):
        keep(db, VOTE | {"id": f"v-{number}"}, f"m-{number}")
    assert deliver_due(db, limit=120) == 120
    assert deliver_due(db) == 130
    assert total(db) == 2500


def test_what_was_written_is_forgotten_after_a_month_but_not_that_it_came(db: Database, watch: Watch) -> None:
    one = keep(db, VOTE | {"text": "Bonjour"})
    deliver_due(db)
    watch.at += timedelta(days=29)
    assert forget_bodies(db) == 0
    watch.at += timedelta(days=2)
    assert forget_bodies(db, at_once=1) == 1
    assert delivery(db, one).body == b""
    assert keep(db, VOTE | {"text": "Bonjour"}) == one
    assert deliver_due(db) == 0
    assert len(db.read(lambda session: find_deliveries(session, limit=5, state="worked"))) == 1


def test_what_was_set_aside_and_never_replayed_is_forgotten_too(db: Database, watch: Watch) -> None:
    bad = keep(db, {"what": "is this?"})
    deliver_due(db)
    assert delivery(db, bad).state == "dead"
    watch.at += timedelta(days=89)
    assert forget_bodies(db) == 0
    watch.at += timedelta(days=2)
    assert forget_bodies(db) == 1
    assert delivery(db, bad).body == b""
