"""Deadlocks and lost races are tried again, not for ever, and nothing is done twice by that (R13)."""

from __future__ import annotations

import itertools
import random
import threading
from collections import Counter
from functools import partial
from typing import Any

import psycopg.errors
import pytest
import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.exc import OperationalError
from sqlmodel import Session

from loyalty.db import Database
from loyalty.errors import Busy
from loyalty.flows.earn import earn
from loyalty.flows.redeem import redeem
from tests import cast
from tests.cast import chat
from tests.faults.conftest import Dose
from tests.makers.animations import crowd
from tests.makers.proof import adds_up
from tests.makers.rewards import coffee
from tests.makers.station import rows
from tests.races.crowd import answers, at_once, refusals

SEED = 50
ADD_ONE = sa.text("UPDATE fan SET display_name = coalesce(display_name, '') || 'x' WHERE id = :fan")
LOST = (psycopg.errors.SerializationFailure, psycopg.errors.DeadlockDetected)


@pytest.fixture(params=["postgresql"])
def database_url(request: pytest.FixtureRequest) -> Any:
    """SQLite has one writer: there nobody loses a race."""
    with request.getfixturevalue(f"new_{request.param}")() as url:
        yield url


class Unlucky:
    """Makes commits lose their race, by chance or each; counts how many did, and how long was slept for them."""

    def __init__(self, db: Database, monkeypatch: pytest.MonkeyPatch, *, odds: float) -> None:
        self.lost, self.odds, self._chance = Counter[str](), odds, random.Random(SEED)
        self.slept: list[float] = []
        monkeypatch.setattr("loyalty.db.time.sleep", self.slept.append)
        event.listen(db.engine, "commit", self._commit)

    def _commit(self, connection: sa.Connection) -> None:
        if self._chance.random() < self.odds:
            cause = self._chance.choice(LOST)("could not serialize access")
            self.lost[cause.sqlstate or ""] += 1
            connection.connection.rollback()  # as the server does
            raise OperationalError("COMMIT", None, cause)


def test_a_race_lost_by_force_again_and_again_changes_nothing_but_the_time(
    db: Database, dose: Dose, monkeypatch: pytest.MonkeyPatch
) -> None:
    cast.open_station(db)
    cast.rule(db)
    coffee(db, units=1_000, cost_points=5)
    acts, wanted = dose(60, 1_200), dose(50, 1_000)
    fan_id = cast.ines(db).id
    unlucky = Unlucky(db, monkeypatch, odds=0.5)
    done = refused = number = 0
    while sum(unlucky.lost.values()) < wanted or number < acts:
        number += 1
        act = chat(number, network="station", actor=str(fan_id))
        try:
            earn(db, [act], source="test")
            done += 1
            redeem(db, fan_id=fan_id, reward_slug="coffee")
        except Busy:  # eight times in a row
            refused += 1
    unlucky.odds = 0
    assert set(unlucky.lost) == {"40001", "40P01"}
    (acts_kept, entries) = rows(db, "SELECT (SELECT count(*) FROM activity), (SELECT count(*) FROM entry)")[0]
    (redemptions,) = rows(db, "SELECT count(*) FROM redemption")[0]
    assert acts_kept == done
    assert entries == done + redemptions
    assert done - refused <= redemptions <= done
    assert adds_up(db)


def test_who_loses_every_time_is_told_to_come_back(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    cast.open_station(db)
    cast.rule(db)
    unlucky = Unlucky(db, monkeypatch, odds=1)
    with pytest.raises(Busy) as told:
        earn(db, [chat(1)], source="test")
    assert told.value.status == 503
    assert told.value.retry_after_seconds > 0
    assert sum(unlucky.lost.values()) == 8, "eight attempts, and no more"
    assert len(unlucky.slept) == len(set(unlucky.slept)) == 7, "with jitter between them"
    assert all(slept <= 0.01 * 2**attempt for attempt, slept in enumerate(unlucky.slept))
    unlucky.odds = 0
    assert rows(db, "SELECT count(*) FROM activity") == [(0,)]
    assert [each.points for each in earn(db, [chat(1)], source="test")] == [10]


def test_two_who_lock_crosswise_both_get_through(db: Database, dose: Dose) -> None:
    """Real deadlocks: PostgreSQL ends one of the two, who does it again."""
    cast.open_station(db)
    one, other = crowd(db, 2)
    tries: Counter[int] = Counter()

    def add(first: int, second: int, meet: threading.Barrier) -> None:
        attempts = itertools.count()

        def steps(session: Session) -> None:
            is_first = next(attempts) == 0
            session.execute(sa.text("SET LOCAL deadlock_timeout = '20ms'"))
            for fan_id in (first, second):
                tries[fan_id] += 1
                session.execute(ADD_ONE, {"fan": fan_id})
                if is_first and fan_id == first:
                    meet.wait()

        db.write(steps)

    rounds = dose(5, 100)
    for _ in range(rounds):
        meet = threading.Barrier(2, timeout=10)
        came = at_once([partial(add, one, other, meet), partial(add, other, one, meet)], threads=2)
        assert refusals(came) == [] and len(answers(came)) == 2
    assert rows(db, "SELECT DISTINCT length(display_name) FROM fan") == [(2 * rounds,)]
    assert tries.total() > 4 * rounds, "nobody was deadlocked: the test is empty"
