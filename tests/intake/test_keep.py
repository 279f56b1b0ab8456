"""A message is kept once, exactly as it came."""

import threading

from loyalty.db import Database
from loyalty.intake.find import backlog, find_deliveries, find_delivery
from tests.intake.conftest import NOW, Keep

ODD = b'\x00\xff{"n\\u00e9": 1}\r\n'


def test_a_message_is_kept_byte_for_byte_without_its_credentials(db: Database, keeps: Keep) -> None:
    delivery_id, is_new = keeps("a", ODD)
    kept = db.read(lambda session: find_delivery(session, delivery_id))
    assert is_new
    assert (kept.body, kept.content_type, kept.headers) == (ODD, "application/json", {})
    assert (kept.state, kept.attempts, kept.received_at, kept.due_at) == ("kept", 0, NOW, NOW)


def test_the_same_message_again_is_the_same_delivery(db: Database, keeps: Keep) -> None:
    first = keeps("a", b"one")
    assert keeps("a", b"another body changes nothing") == (first[0], False)
    assert len(db.read(lambda session: find_deliveries(session, limit=10))) == 1


def test_two_sources_may_use_one_key(keeps: Keep) -> None:
    assert keeps("a", slug="main")[0] != keeps("a", slug="second")[0]


def test_a_key_may_be_long_or_odd(keeps: Keep) -> None:
    for key in ("x" * 10_000, "é", "a b", "a\x00b", "\ud800"):
        delivery_id, is_new = keeps(key)
        assert is_new
        assert keeps(key) == (delivery_id, False)


def test_twenty_at_once_keep_one(db: Database, keeps: Keep) -> None:
    start, answers = threading.Barrier(20), []

    def send() -> None:
        start.wait()
        answers.append(keeps("a"))

    threads = [threading.Thread(target=send) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({delivery_id for delivery_id, _ in answers}) == 1
    assert sum(is_new for _, is_new in answers) == 1


def test_what_waits_is_counted(db: Database, keeps: Keep) -> None:
    assert db.read(backlog).waiting == 0
    keeps("a")
    keeps("b")
    waits = db.read(backlog)
    assert (waits.waiting, waits.oldest_received_at, waits.dead) == (2, NOW, 0)
