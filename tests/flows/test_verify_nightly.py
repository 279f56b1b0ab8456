"""The books are proved every night, and what was found is kept."""

from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from loyalty import clock
from loyalty.flows.earn import earn
from loyalty.flows.verify import verify_and_keep, verify_nightly
from loyalty.ledger import verifications
from tests.cast import chat, open_station, rule


def at(day, hour):
    return clock.running_on(clock.stopped_at(datetime(2026, 11, day, hour - 1, tzinfo=UTC)))  # an hour of Paris


@pytest.fixture
def station(db):
    with at(22, 12):
        open_station(db)
        rule(db)
        earn(db, [chat(happened_at=None)], source="test")
    return db


def latest(db):
    return db.read(verifications.latest)


def test_books_that_were_never_proved_are_proved_at_once(station):
    with at(23, 12):
        assert verify_nightly(station) == 1
    assert (latest(station).entries, latest(station).breaches) == (1, [])


def test_then_it_waits_for_the_night_and_does_it_once(station):
    with at(23, 12):
        verify_nightly(station)
    done = []
    for hour in (1, 3, 4, 12):
        with at(24, hour):
            done.append(verify_nightly(station))
    assert done == [0, 1, 0, 0]


def test_a_missed_night_is_made_up_for_in_the_day(station):
    with at(23, 4):
        verify_nightly(station)
    with at(24, 9):
        assert verify_nightly(station) == 0
    with at(24, 11):
        assert verify_nightly(station) == 1


def test_what_does_not_add_up_is_kept_in_words(station):
    station.write(lambda session: session.execute(sa.text("UPDATE holder SET balance = 7")))
    with at(23, 12):
        assert not verify_and_keep(station).holds
    assert any(each.startswith("I3: holder") for each in latest(station).breaches)


def test_nothing_is_verified_before_the_programme_is_set_up(db):
    assert verify_nightly(db) == 0
