"""A worker that is killed at any moment of any job leaves work to the next one, which does none of it twice (R2)."""

from __future__ import annotations

import multiprocessing
import random
import signal
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from loyalty import clock
from loyalty.db import Database
from loyalty.flows.backtest import backtest
from loyalty.flows.earn import earn
from loyalty.flows.link import link
from loyalty.flows.manage_sources import add_source
from loyalty.flows.redeem import redeem
from loyalty.flows.seal import seal_entries
from loyalty.flows.send_mail import send_due
from loyalty.gateways.mail import MailServer
from loyalty.jobs import JOBS, Job, run_jobs, run_once
from loyalty.ledger.checkpoint import SigningKey
from loyalty.outbox import mail as outbox
from tests import cast
from tests.cast import MORNING, ODILE, chat
from tests.faults.conftest import Dose
from tests.faults.failing import killed_at
from tests.faults.station import SEALER, sent
from tests.makers.judging import body
from tests.makers.proof import adds_up
from tests.makers.rewards import coffee
from tests.makers.station import rows
from tests.samples.webhook.sender import sender

SEED = 48
ACCOUNTS, MAILS, DELIVERIES, VOUCHERS = 200, 60, 20, 20
AT_ONCE = 7  # letters
STATEMENTS = 1_500  # a worker may begin before it is killed: thrice as many would do all there is to do
HALF_WAY = 4  # states of the work, how it began among them
LATER = MORNING + timedelta(days=400)  # every lot, voucher and wait is over
LEASE = timedelta(minutes=3)  # longer than what was claimed by somebody who died stays claimed
OF_DATA = ("work deliveries", "expire vouchers", "expire points", "activate points")


class Postbox(MailServer):
    """A mail server whose letters, a line each, outlive the worker that sent them; its address is their file."""

    @contextmanager
    def connected(self) -> Iterator[Any]:
        yield None

    def send(self, server: Any, *, recipient: str, **_: Any) -> None:
        with Path(self.url).open("a") as letters:
            letters.write(f"{recipient}\n")


def jobs(postbox: Postbox) -> tuple[Job, ...]:
    """What a worker does with data, each as often as it can."""
    key = SigningKey("for the tests, and nothing but the tests")
    return (
        Job("backtest", 0, lambda db: backtest(db, {"chat": body()}, days=1)),
        Job("send mail", 0, lambda db: send_due(db, postbox, at_once=AT_ONCE)),
        *(Job(job.name, 0, job.flow) for job in JOBS if job.name in OF_DATA),
        Job("seal", 0, lambda db: seal_entries(db, key)),
        *(Job(job.name, 0, job.flow) for job in JOBS if job.name == "count days"),
    )


@pytest.fixture
def station(db: Database) -> None:
    with clock.running_on(clock.stopped_at(MORNING + timedelta(hours=1))):
        cast.open_station(db, months=3)
        cast.rule(db)
        cast.rule(db, "vote", when={"kind": {"one_of": ["vote"]}}, pending_hours=24)
        earn(db, [chat(number, actor=f"tw-{number}") for number in range(ACCOUNTS)], source="test")
        earn(db, [chat(number, actor=f"tw-{number}", kind="vote") for number in range(ACCOUNTS)], source="test")
        ines = cast.ines(db).id
        link(db, fan_id=ines, network="twitch", external_id="tw-0", actor=ODILE)
        earn(db, [chat(1_000 + number, actor="tw-0") for number in range(VOUCHERS)], source="test")
        coffee(db, units=VOUCHERS, cost_points=10)
        for _ in range(VOUCHERS):
            redeem(db, fan_id=ines, reward_slug="coffee")
        for number in range(MAILS):
            db.write(
                lambda session, number=number: outbox.write(
                    session, recipient=f"fan-{number}", subject="s", text="t", useful_for=timedelta(days=9_999)
                )
            )
        add_source(db, SEALER, connector="webhook", slug="quiz", secret=sender.secrets[0], actor=ODILE)
        for number in range(DELIVERIES):
            sent(db, f"m-{number}")


@pytest.mark.timeout(1_200)
def test_the_next_worker_goes_on_and_does_nothing_twice(
    db: Database, database_url: str, station: None, tmp_path: Path, dose: Dose
) -> None:
    chance, kills = random.Random(SEED), dose(6, 50)
    letters = tmp_path / "letters"
    postbox = Postbox(str(letters), "club@example.org")
    left_behind = {done(db)}
    for number in range(kills):
        kill_a_worker(database_url, postbox, LATER + number * LEASE, chance)
        left_behind.add(done(db))
        assert adds_up(db), f"seed {SEED}, kill {number}"
    with clock.running_on(clock.stopped_at(LATER + kills * LEASE)):
        for job in 2 * jobs(postbox):  # what is activated late expires late
            run_once(db, job)
    assert adds_up(db)
    assert len(left_behind - {done(db)}) >= HALF_WAY - 1, "none was killed half way: the test is empty"
    just_earned = (10 * DELIVERIES, 10 * DELIVERIES)  # by a chat message and a vote of each; all else has expired
    assert rows(db, "SELECT sum(balance), sum(pending) FROM holder") == [just_earned]
    told = Counter(letters.read_text().split())
    assert rows(db, "SELECT state, count(*) FROM outgoing_mail GROUP BY state") == [("sent", MAILS)]
    assert len(told) == MAILS
    assert told.total() - MAILS <= AT_ONCE * kills, "only what was claimed by one who died is sent again"
    assert rows(db, "SELECT state, count(*) FROM delivery GROUP BY state") == [("worked", DELIVERIES)]
    assert rows(db, "SELECT state, count(*) FROM voucher GROUP BY state") == [("expired", VOUCHERS)]
    assert rows(db, "SELECT sum(entries) FROM seal") == rows(db, "SELECT count(DISTINCT id) FROM entry")


def done(db: Database) -> tuple[Any, ...]:
    """How far the work has come."""
    return (
        *rows(db, "SELECT count(*) FROM outgoing_mail WHERE state = 'sent'"),
        *rows(db, "SELECT sum(pending), count(*) FROM holder"),
        *rows(db, "SELECT count(*) FROM entry WHERE credit = 'expired'"),
        *rows(db, "SELECT sum(entries) FROM seal"),
    )


def kill_a_worker(url: str, postbox: Postbox, at: datetime, chance: random.Random) -> None:
    """Let a worker begin a number of statements, and kill it while it is at the last of them."""
    moment = (round(STATEMENTS ** chance.uniform(0.3, 1)), chance.uniform(0, 0.003))
    worker = multiprocessing.get_context("fork").Process(target=_work, args=(url, postbox, at, *moment))
    worker.start()
    try:
        worker.join()
    finally:
        worker.kill()
    assert worker.exitcode == -signal.SIGKILL, "it ended by itself"


def _work(url: str, postbox: Postbox, at: datetime, statements: int, seconds: float) -> None:
    db = Database(url)
    killed_at(db, statements, within=seconds)
    with clock.running_on(clock.stopped_at(at)):
        run_jobs(db, stop=Event(), jobs=jobs(postbox))
