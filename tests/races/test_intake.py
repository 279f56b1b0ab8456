"""Webhooks thrice, shuffled, late, deletions before what they delete: the books end as in the clean order (R9)."""

import json
import random
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from loyalty import clock
from loyalty.connector import Message
from loyalty.db import Database
from loyalty.flows.deliver import deliver_due
from loyalty.flows.manage_sources import add_source
from loyalty.flows.receive import receive
from loyalty.flows.reverse import settle_withdrawals
from loyalty.intake.find import backlog
from loyalty.intake.seal import Sealer
from tests.cast import ODILE, open_station, rule
from tests.conftest import ENGINES
from tests.makers.proof import adds_up
from tests.samples.contract import NOW
from tests.samples.webhook.sender import sender, sign

SEALER = Sealer("a secret key of at least thirty-two characters")
SENDERS, WORKERS = 4, 2


def messages() -> list[tuple[str, bytes]]:
    """200 messages of 12 fans: votes, purchases, deletions, and refunds in several parts."""
    chance = random.Random(9)
    documents: list[dict[str, Any]] = []
    for number in range(130):
        fan, kind = f"fan-{chance.randrange(12)}", chance.choice(["vote", "purchase"])
        happened_at = NOW - timedelta(hours=chance.randrange(75))
        act = {"network": "shop", "actor": fan, "kind": kind, "object": "x", "id": f"act-{number}"}
        documents.append(act | {"happened_at": happened_at.isoformat(), "quantity": 1000 if kind == "purchase" else 1})
    for number in range(0, 70, 2):
        gone = {"network": "shop", "id": f"act-{number}"}
        documents.append({"type": "activity.withdrawn", "data": gone})
        documents.append({"type": "activity.withdrawn", "data": gone | {"withdrawn_quantity": 1 + number}})
    assert len(documents) == 200
    return [(f"m-{at}", json.dumps(document).encode()) for at, document in enumerate(documents)]


def station(db: Database) -> None:
    open_station(db)
    rule(db, "votes", when={"kind": {"one_of": ["vote"]}})
    rule(db, "shop", when={"kind": {"one_of": ["purchase"]}}, earn={"points": 1, "per": 10})
    add_source(db, SEALER, connector="webhook", slug="shop", secret=sender.secrets[0], actor=ODILE)


def send(db: Database, identifier: str, body: bytes) -> None:
    headers = sign(body, secret=sender.secrets[0], at=NOW, identifier=identifier)
    receive(db, SEALER, "webhook", "shop", Message(headers=headers, body=body, received_at=NOW))


def work(db: Database) -> None:
    while db.read(backlog).waiting:
        deliver_due(db, limit=7)


def books(db: Database) -> list[tuple[Any, ...]]:
    """What everybody has, and what became of every act."""
    balances = text(
        "SELECT identity.external_id, holder.balance, holder.debt FROM identity"
        " JOIN holder ON holder.id = identity.holder_id ORDER BY 1"
    )
    # What a withdrawn act had earned, if it came before its withdrawal, is history and not what anybody has.
    earned = "CASE outcome WHEN 'withdrawn' THEN 0 ELSE points END"
    acts = text(f"SELECT external_id, outcome, happened_at, {earned} FROM activity ORDER BY external_id")
    waiting = text("SELECT count(*) FROM withdrawal WHERE applied_at IS NULL")
    queries = (balances, acts, waiting)
    return db.read(lambda session: [tuple(row) for query in queries for row in session.execute(query)])


@pytest.fixture(params=ENGINES)
def two(request: pytest.FixtureRequest) -> Iterator[tuple[Database, Database]]:
    """Two stations alike, each with a database of its own."""
    new = request.getfixturevalue(f"new_{request.param}")
    with ExitStack() as opened, clock.running_on(clock.stopped_at(NOW)):
        databases = []
        for _ in range(2):
            db = Database(opened.enter_context(new()))
            opened.callback(db.dispose)
            station(db)
            databases.append(db)
        yield databases[0], databases[1]


def in_threads(*tasks: Any) -> None:
    failures: list[BaseException] = []

    def guarded(task: Any) -> None:
        try:
            task()
        except BaseException as failure:
            failures.append(failure)

    threads = [threading.Thread(target=guarded, args=(task,)) for task in tasks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures, failures


def test_shuffled_repeated_and_crossing_messages_end_as_in_the_clean_order(
    two: tuple[Database, Database],
) -> None:
    clean, wild = two
    for identifier, body in messages():
        send(clean, identifier, body)
    work(clean)

    sent = messages() * 3
    random.Random(99).shuffle(sent)
    done = threading.Event()

    def network(part: Sequence[tuple[str, bytes]]) -> None:
        for identifier, body in part:
            send(wild, identifier, body)

    def worker() -> None:
        while not done.is_set():
            deliver_due(wild, limit=7)

    workers = [threading.Thread(target=worker) for _ in range(WORKERS)]
    for thread in workers:
        thread.start()
    in_threads(*(lambda part=sent[at::SENDERS]: network(part) for at in range(SENDERS)))  # type: ignore[misc]
    done.set()
    for thread in workers:
        thread.join()
    with clock.running_on(clock.stopped_at(NOW + timedelta(hours=1))):
        work(wild)
        settle_withdrawals(wild)

    assert wild.read(backlog).dead == 0
    assert books(wild) == books(clean)
    assert adds_up(clean)
    assert adds_up(wild)
