"""One worker at a time has a delivery; none is forgotten, and none is tried for ever."""

import threading
from datetime import datetime, timedelta

from loyalty.db import Database
from loyalty.intake import lease
from loyalty.intake.find import find_deliveries, find_delivery
from loyalty.intake.tables import Delivery
from tests.intake.conftest import NOW, Keep


def claim(db: Database, at: datetime = NOW, limit: int = 10) -> list[int]:
    return db.write(lambda session: lease.claim(session, now=at, limit=limit))


def fail(db: Database, delivery_id: int, at: datetime = NOW) -> None:
    db.write(lambda session: lease.fail(session, delivery_id, problem="no luck", now=at))


def delivery(db: Database, delivery_id: int) -> Delivery:
    return db.read(lambda session: find_delivery(session, delivery_id))


def test_a_claimed_delivery_is_nobody_elses_until_the_lease_ends(db: Database, keeps: Keep) -> None:
    one, _ = keeps("a")
    assert claim(db) == [one]
    assert claim(db) == []
    assert claim(db, NOW + lease.LEASE - timedelta(seconds=1)) == []
    assert claim(db, NOW + lease.LEASE) == [one]
    assert delivery(db, one).attempts == 2


def test_no_more_than_asked_are_claimed_the_longest_due_first(db: Database, keeps: Keep) -> None:
    ids = [keeps(str(number))[0] for number in range(5)]
    assert claim(db, limit=2) == ids[:2]
    assert claim(db, limit=10) == ids[2:]


def test_many_workers_share_what_is_due_and_each_gets_its_own(db: Database, keeps: Keep) -> None:
    ids = {keeps(str(number))[0] for number in range(40)}
    start, claimed = threading.Barrier(4), []

    def work() -> None:
        start.wait()
        while mine := claim(db, limit=3):
            claimed.extend(mine)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(claimed) == sorted(ids)


def test_a_failed_delivery_is_due_again_later_and_later(db: Database, keeps: Keep) -> None:
    one, _ = keeps("a")
    at, waits = NOW, []
    for _ in range(4):
        assert claim(db, at) == [one]
        fail(db, one, at)
        waits.append((delivery(db, one).due_at - at).total_seconds())
        assert claim(db, delivery(db, one).due_at - timedelta(seconds=1)) == []
        at = delivery(db, one).due_at
    assert waits == [10, 40, 160, 640]
    assert (delivery(db, one).state, delivery(db, one).problem) == ("failed", "no luck")


def test_the_wait_is_never_longer_than_six_hours() -> None:
    assert max(lease.back_off(attempts) for attempts in range(1, 100)) == timedelta(hours=6)


def test_after_its_last_attempt_a_delivery_is_dead_with_its_problem(db: Database, keeps: Keep) -> None:
    one, _ = keeps("a")
    at = NOW
    for _ in range(lease.MOST_ATTEMPTS):
        assert claim(db, at) == [one]
        fail(db, one, at)
        at = delivery(db, one).due_at + lease.LEASE
    assert (delivery(db, one).state, delivery(db, one).problem) == ("dead", "no luck")
    assert claim(db, at + timedelta(days=1)) == []


def test_a_delivery_that_kills_its_workers_is_set_aside(db: Database, keeps: Keep) -> None:
    one, _ = keeps("a")
    at = NOW
    for _ in range(lease.MOST_ATTEMPTS):
        assert claim(db, at) == [one]
        at += lease.LEASE
    assert claim(db, at) == []
    assert (delivery(db, one).state, delivery(db, one).problem) == ("dead", "the worker did not survive it")


def test_a_delivery_is_taken_once(db: Database, keeps: Keep) -> None:
    one, _ = keeps("a")
    assert [each.id for each in db.write(lambda session: lease.take(session, [one], now=NOW))] == [one]
    assert db.write(lambda session: lease.take(session, [one], now=NOW)) == []
    fail(db, one)
    assert delivery(db, one).state == "worked"


def test_a_dead_delivery_is_worked_again_only_when_somebody_says_so(db: Database, keeps: Keep) -> None:
    one, _ = keeps("a")
    db.write(lambda session: lease.bury(session, one, problem="unreadable"))
    assert claim(db) == []
    assert db.write(lambda session: lease.revive(session, one, now=NOW))
    assert not db.write(lambda session: lease.revive(session, one, now=NOW))
    assert claim(db) == [one]
    assert delivery(db, one).attempts == 1


def test_what_was_worked_long_ago_is_emptied_and_its_key_stays(db: Database, keeps: Keep) -> None:
    one, _ = keeps("a", b"what Ines wrote")
    other, _ = keeps("b", b"not worked yet")
    db.write(lambda session: lease.take(session, [one], now=NOW))
    later = NOW + timedelta(days=1)
    assert db.write(lambda session: lease.empty(session, worked_before=NOW, dead_before=NOW, limit=10)) == 0
    assert db.write(lambda session: lease.empty(session, worked_before=later, dead_before=NOW, limit=10)) == 1
    assert db.write(lambda session: lease.empty(session, worked_before=later, dead_before=NOW, limit=10)) == 0
    assert [each.body for each in db.read(lambda session: find_deliveries(session, limit=2))] == [
        b"not worked yet",
        b"",
    ]
    assert keeps("a", b"what Ines wrote") == (one, False)
    assert delivery(db, other).state == "kept"
