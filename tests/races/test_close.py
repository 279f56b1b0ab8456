"""A month is closed while fans earn: no entry is lost between two months, and none comes into a closed one."""

import threading
from datetime import timedelta
from functools import partial
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import Session

from loyalty import clock, ids
from loyalty.db import Database
from loyalty.flows.close_month import close_month
from loyalty.flows.earn import earn
from loyalty.flows.verify import verify
from loyalty.ledger import closing, post, sums
from loyalty.ledger.months import Month
from loyalty.ledger.refusals import MonthAlreadyClosed
from tests.cast import ODILE, chat, open_station, rule
from tests.makers.books import Books
from tests.races.crowd import answers, at_once, refusals

OCTOBER, PARIS = Month(2026, 10), ZoneInfo("Europe/Paris")
MIDNIGHT = OCTOBER.ends_at(PARIS)
LATER = MIDNIGHT + closing.MARGIN


@pytest.fixture
def opened(db: Database) -> Books:
    with clock.running_on(clock.stopped_at(MIDNIGHT - timedelta(days=3))):
        open_station(db)
        rule(db)
        books = Books(db)
        books.grant(books.holder(), 1, clock.now())
        return books


def test_what_began_before_midnight_and_is_committed_after_is_in_the_closed_month(db: Database, opened: Books) -> None:
    """The worst moment: the entry is dated, and its transaction hangs until somebody closes the month."""
    fan = opened.holder()
    dated, closing_has_begun = threading.Event(), threading.Event()
    given = post.Award(holder_id=fan, unit="points", amount=50, cause="activity", cause_id=ids.new(),
                       effective_at=MIDNIGHT - timedelta(minutes=1), rule_revision_id=1)  # fmt: skip
    instants = {True: MIDNIGHT - timedelta(microseconds=1), False: LATER}
    slow = threading.local()

    def steps(session: Session) -> None:
        slow.is_here = True
        post.award(session, post.lock(session, [fan]), [given])
        dated.set()
        closing_has_begun.wait(10)
        threading.Event().wait(0.3)  # the closing waits for the lock of this bucket meanwhile

    def close() -> object:
        dated.wait(10)
        closing_has_begun.set()
        return close_month(db, OCTOBER, actor=ODILE)

    with clock.running_on(lambda: instants[getattr(slow, "is_here", False)]):
        came = at_once([lambda: db.write(steps), close], threads=2)
    assert refusals(came) == []
    (made,) = db.read(closing.every)
    assert made.outstanding == 51
    with clock.running_on(clock.stopped_at(LATER)):
        assert [each for each in _breaches(db) if "month" in each] == []


def test_every_point_given_around_midnight_is_of_one_month_or_the_other(db: Database, opened: Books) -> None:
    times = iter([MIDNIGHT - timedelta(milliseconds=40 - each) for each in range(40)])
    lock = threading.Lock()

    def now() -> object:
        with lock:
            return next(times, LATER)

    facts = [[chat(number, actor=f"fan-{number % 9}", happened_at=None)] for number in range(60)]
    calls = [partial(earn, db, fact, source="race") for fact in facts]

    def close() -> object:
        while clock.now() < LATER:
            threading.Event().wait(0.005)
        return close_month(db, OCTOBER, actor=ODILE)

    calls.insert(3, close)
    with clock.running_on(now):  # type: ignore[arg-type]
        came = at_once(calls, threads=8)
        assert refusals(came) == []
        (made,) = db.read(closing.every)
        since = db.read(lambda session: sums.movements(session, made.ends_at, None))
        given = sum(each[3] for each in made.movements) + sum(each.amount for each in since)
        assert given == 600 + 1
        assert [each for each in _breaches(db) if "month" in each] == []


def test_a_month_that_everybody_closes_at_once_is_closed_once(db: Database, opened: Books) -> None:
    with clock.running_on(clock.stopped_at(LATER)):
        came = at_once([lambda: close_month(db, OCTOBER, actor=ODILE)] * 6)
        assert len(answers(came)) == 1
        assert refusals(came) == [MonthAlreadyClosed.__name__] * 5
        assert len(db.read(closing.every)) == 1


def _breaches(db: Database) -> list[str]:
    return [f"{each.where}: {each.what}" for each in verify(db).breaches]
