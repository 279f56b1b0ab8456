"""A clock that leaps ahead, or back, takes nothing from anybody that putting it right would not give back (R16)."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pytest

from loyalty import clock, ids
from loyalty.access import sessions
from loyalty.activities.fact import ActivityFact
from loyalty.db import Database
from loyalty.flows import stay
from loyalty.flows.earn import earn
from loyalty.flows.redeem import redeem
from loyalty.flows.scan import use
from loyalty.flows.seal import seal_entries
from loyalty.flows.verify import verify_and_keep, verify_nightly
from loyalty.jobs import JOBS, run_once
from loyalty.ledger.checkpoint import SigningKey
from tests import cast
from tests.cast import MORNING
from tests.faults.station import SECRET_KEY, Station, open_everything
from tests.makers.proof import adds_up
from tests.makers.rewards import balance
from tests.makers.station import rows
from tests.makers.vouchers import KEYS

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
EVENING = MORNING + 12 * HOUR
LEAP = 400 * DAY


def at(after: timedelta) -> AbstractContextManager[None]:
    """What the clock shows, counted from the evening."""
    return clock.running_on(clock.stopped_at(EVENING + after))


@pytest.fixture
def station(db: Database) -> Iterator[Station]:
    opened = open_everything(db)
    with at(timedelta(0)):
        verify_and_keep(db)
    yield opened
    assert adds_up(db)


def every_job(db: Database) -> None:
    for job in JOBS:
        run_once(db, job)


def gone(db: Database) -> list[Any]:
    """What the clock alone has taken, or given, for good."""
    return [
        rows(db, "SELECT count(*) FROM entry WHERE credit = 'expired' OR (debit = 'pending' AND credit = 'wallet')"),
        rows(db, "SELECT count(*) FROM voucher WHERE state = 'expired'"),
        rows(db, "SELECT count(*) FROM hold WHERE closed_at IS NOT NULL"),
        rows(db, "SELECT count(*) FROM fan WHERE erased_at IS NOT NULL"),
        rows(db, "SELECT count(*) FROM outgoing_mail"),
        rows(db, "SELECT count(*) FROM verification"),
    ]


def test_a_leap_ahead_expires_and_forgets_nothing(db: Database, station: Station) -> None:
    before = gone(db)
    with at(LEAP):
        every_job(db)
    assert gone(db) == before
    with at(HOUR):
        assert balance(db, station.marc) == 500
        redeem(db, fan_id=station.marc, reward_slug="coffee")
        assert use(db, KEYS, device=station.device, text=station.token, nonce="after").reason == "ok"


def test_once_a_person_has_proved_the_books_time_goes_on(db: Database, station: Station) -> None:
    """The negative control: without a leap, all of that is taken."""
    before = gone(db)
    with at(LEAP):
        verify_and_keep(db)
        every_job(db)
    after = gone(db)
    assert [now != then for now, then in zip(after, before, strict=True)] == [True, True, True, False, True, True]
    assert balance(db, station.marc) == 0


def test_a_worker_that_rested_for_some_days_needs_nobody(db: Database, station: Station) -> None:
    with at(6 * DAY):
        every_job(db)
        assert rows(db, "SELECT count(*) FROM verification") == [(2,)]
    with at(12 * DAY):
        every_job(db)
        assert rows(db, "SELECT count(*) FROM verification") == [(3,)]


def test_a_proof_from_the_future_is_not_waited_for_once_the_clock_is_back(db: Database) -> None:
    cast.open_station(db)
    with at(LEAP):
        verify_and_keep(db)
    with at(40 * HOUR):
        assert [verify_nightly(db), verify_nightly(db)] == [1, 0]


@pytest.mark.parametrize("leap", [-HOUR, DAY, LEAP], ids=["an hour back", "a day ahead", "400 days ahead"])
def test_a_session_is_good_no_longer_than_a_life_and_survives_a_leap(db: Database, leap: timedelta) -> None:
    cast.open_station(db)
    ines = cast.ines(db).id

    def sign_in() -> str:
        return db.write(lambda session: sessions.begin(session, kind=sessions.FAN, subject_id=ines, agent="a test"))

    with at(timedelta(0)):
        before = sign_in()
    with at(leap):
        meanwhile = sign_in()
        assert stay.signed_in(db, meanwhile) is not None
        assert (stay.signed_in(db, before) is not None) == (leap < LEAP)
    with at(HOUR):
        assert stay.signed_in(db, before) is not None, "the leap ended a session that was good"
        assert (stay.signed_in(db, meanwhile) is not None) == (leap < LEAP), "it would be good for a year"
        assert stay.signed_in(db, sign_in()) is not None


def test_what_is_posted_after_a_leap_back_stands_after_what_was_sealed(
    db: Database, station: Station, monkeypatch: pytest.MonkeyPatch
) -> None:
    wall, key = time.time_ns, SigningKey(SECRET_KEY)
    newest = "SELECT max(id) FROM entry"
    for leap in (LEAP, timedelta(0), -HOUR):
        nanoseconds = round(leap.total_seconds() * 1e9)
        monkeypatch.setattr("loyalty.ids.time.time_ns", lambda ahead=nanoseconds: wall() + ahead)
        monkeypatch.setattr(ids, "_sequence", ids._Sequence())  # as after a restart
        with at(timedelta(0)):
            ((before,),) = rows(db, newest)
            act = ActivityFact(
                network="station", actor=str(station.ines), kind="live_chat", object="studio", external_id=str(leap)
            )
            assert [each.points for each in earn(db, [act], source="test")] == [10]
            ((after,),) = rows(db, newest)
            assert after > before, leap
            seal_entries(db, key)
