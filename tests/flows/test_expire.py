"""Points expire when their time has come."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from loyalty import clock
from loyalty.db import Database
from loyalty.flows.earn import earn
from loyalty.flows.expire import expire_points
from tests.cast import MORNING, chat, open_station, rule
from tests.makers.killed import killed_after
from tests.makers.proof import adds_up

END_OF_FEBRUARY = datetime(2027, 2, 28, 23, 0, tzinfo=UTC)  # midnight in Paris


@pytest.fixture(autouse=True)
def station(db: Database) -> Iterator[None]:
    open_station(db, months=3)
    rule(db)
    with clock.running_on(clock.stopped_at(MORNING + timedelta(hours=1))):
        earn(db, [chat(number, actor=f"fan-{number}") for number in range(20)], source="hook")
    yield
    assert adds_up(db)


def total(db: Database) -> int:
    return db.read(lambda session: session.execute(text("SELECT coalesce(sum(balance), 0) FROM holder")).scalar_one())


def test_nothing_expires_a_minute_early(db: Database) -> None:
    with clock.running_on(clock.stopped_at(END_OF_FEBRUARY - timedelta(minutes=1))):
        assert expire_points(db) == 0
    assert total(db) == 200


def test_everything_due_expires_once(db: Database) -> None:
    with clock.running_on(clock.stopped_at(END_OF_FEBRUARY)):
        assert expire_points(db) == 20
        assert expire_points(db) == 0
    assert total(db) == 0


def test_a_sweep_that_is_killed_goes_on_where_it_stopped(db: Database) -> None:
    with clock.running_on(clock.stopped_at(END_OF_FEBRUARY)):
        with killed_after(db, 5):
            expire_points(db)
        assert 0 < total(db) < 200
        expire_points(db)
    assert total(db) == 0
