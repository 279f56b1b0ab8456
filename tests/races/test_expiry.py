"""Jobs about expiry are killed at any moment, and run twice at once: nothing is lost, and nothing happens twice."""

import signal
import subprocess
import sys
import time
from datetime import UTC, datetime

import pytest

from loyalty import clock
from loyalty.db import Database
from loyalty.flows.change_expiry import apply_expiry, change_expiry
from loyalty.flows.earn import earn
from loyalty.flows.expire import expire_points
from loyalty.flows.link import register
from loyalty.flows.tell_expiry import tell_expiry
from loyalty.programme.expiry import Rolling
from tests.cast import ODILE, chat, open_station, rule
from tests.makers.proof import adds_up
from tests.makers.station import rows
from tests.races.crowd import answers, at_once, refusals

ACCOUNTS = 240
LONG_AGO = datetime(2026, 1, 20, 12, tzinfo=UTC)  # a real process has the real clock: by now these points are due
_RUNS = {
    "expire": "from loyalty.flows.expire import expire_points as job",
    "apply": "from loyalty.flows.change_expiry import apply_expiry as job",
}


@pytest.fixture
def station(db: Database) -> Database:
    """Two hundred and forty accounts with ten points each."""
    open_station(db, months=3)
    rule(db)
    with clock.running_on(clock.stopped_at(LONG_AGO)):
        facts = [chat(n, actor=f"fan-{n}", happened_at=LONG_AGO) for n in range(ACCOUNTS)]
        earn(db, facts, source="hook")
    return db


def killed(db: Database, job: str, done: str) -> int:
    """Run a job in a process, killed some moments after it got further, then once to its end. Returns how many kills
    came before it was through."""
    script = f"import sys; from loyalty.db import Database; {_RUNS[job]}; job(Database(sys.argv[1]))"
    kills = 0
    for seconds in (0, 0.004, 0.011, 0.023, None):
        before = rows(db, done)
        with subprocess.Popen([sys.executable, "-c", script, db.url]) as process:
            if seconds is not None:
                while process.poll() is None and rows(db, done) == before:
                    time.sleep(0.002)
                time.sleep(seconds)
                process.send_signal(signal.SIGKILL)
            kills += process.wait() == -signal.SIGKILL
            assert process.returncode in (0, -signal.SIGKILL)
    return kills


def test_a_sweep_that_is_killed_again_and_again_expires_everything_once(station: Database) -> None:
    assert killed(station, "expire", "SELECT count(*) FROM lot WHERE expired > 0") > 2
    assert rows(station, "SELECT sum(balance) FROM holder") == [(0,)]
    assert rows(station, "SELECT count(*), sum(amount) FROM entry WHERE cause = 'expiry'") == [
        (ACCOUNTS, ACCOUNTS * 10)
    ]
    assert adds_up(station)


def test_two_sweeps_at_once_expire_everything_once(station: Database) -> None:
    came = at_once([lambda: expire_points(station)] * 4)
    assert refusals(came) == [] and sum(answers(came)) == ACCOUNTS
    assert rows(station, "SELECT sum(amount) FROM entry WHERE cause = 'expiry'") == [(ACCOUNTS * 10,)]
    assert adds_up(station)


def test_a_change_that_is_killed_again_and_again_dates_every_lot_once(station: Database) -> None:
    with clock.running_on(clock.stopped_at(LONG_AGO)):
        change_expiry(station, Rolling(600), applies=True, actor=ODILE, reason="Longer")
    assert apply_expiry(station) == 0, "what is over by now is left alone"
    with clock.running_on(clock.stopped_at(datetime(2030, 1, 1, tzinfo=UTC))):
        earn(
            station,
            [chat(n + ACCOUNTS, actor=f"fan-{n}", happened_at=clock.now()) for n in range(ACCOUNTS)],
            source="hook",
        )
    change_expiry(station, Rolling(700), applies=True, actor=ODILE, reason="Longer still")
    assert killed(station, "apply", "SELECT count(*) FROM entry WHERE cause = 'expiry_policy'") > 2
    legs = "SELECT holder_id, count(*), sum(amount) FROM entry WHERE cause = 'expiry_policy' GROUP BY holder_id"
    found = rows(station, legs)
    assert len(found) == ACCOUNTS and {(count, amount) for _, count, amount in found} == {(2, 20)}
    assert rows(station, "SELECT lots FROM expiry_change ORDER BY id") == [(0,), (ACCOUNTS,)]
    assert adds_up(station)


def test_a_change_is_applied_by_two_at_once(station: Database) -> None:
    with clock.running_on(clock.stopped_at(LONG_AGO)):
        change_expiry(station, Rolling(600), applies=True, actor=ODILE, reason="Longer")
        came = at_once([lambda: apply_expiry(station)] * 3)
        assert refusals(came) == [] and sum(answers(came)) == ACCOUNTS
    assert adds_up(station)


def test_fans_earn_while_their_points_get_another_date(station: Database) -> None:
    with clock.running_on(clock.stopped_at(LONG_AGO)):
        change_expiry(station, Rolling(600), applies=True, actor=ODILE, reason="Longer")
        more = [
            lambda n=n: earn(station, [chat(ACCOUNTS + n, actor=f"fan-{n}", happened_at=LONG_AGO)], source="hook")
            for n in range(0, ACCOUNTS, 20)
        ]
        came = at_once([lambda: apply_expiry(station), *more], threads=4)
        assert refusals(came) == []
    assert rows(station, "SELECT sum(balance) FROM holder") == [(ACCOUNTS * 10 + len(more) * 10,)]
    assert rows(station, "SELECT count(DISTINCT expires_at) FROM lot WHERE granted > used") == [(1,)]
    assert adds_up(station)


def test_two_who_tell_fans_tell_each_once(db: Database) -> None:
    open_station(db, months=3)
    rule(db)
    soon = datetime(2026, 4, 20, tzinfo=UTC)
    with clock.running_on(clock.stopped_at(LONG_AGO)):
        fans = [register(db, reference=f"f{n}", email=f"f{n}@example.org", actor=ODILE).id for n in range(40)]
        facts = [
            chat(n, network="station", actor=str(fan), happened_at=LONG_AGO, object="studio")
            for n, fan in enumerate(fans)
        ]
        assert sum(each.points for each in earn(db, facts, source="hook")) == 400
    with clock.running_on(clock.stopped_at(soon)):
        came = at_once([lambda: tell_expiry(db, public_url="https://club.example")] * 4)
    assert refusals(came) == [] and sum(answers(came)) == 40
    assert rows(db, "SELECT count(*), count(DISTINCT recipient) FROM outgoing_mail") == [(40, 40)]
