"""The same request twice has one effect and one answer."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
import sqlalchemy as sa

from loyalty import clock
from loyalty.db import Database, Joined
from loyalty.errors import Conflict, Refused
from loyalty.flows.link import register
from loyalty.flows.once import Answer, KeyMissing, KeyReused, fingerprint, forget_answers, once
from tests.cast import MORNING, ODILE

CREDENTIAL = "key:ab12cd34"


def ask(
    db: Database,
    key: str | None = "k",
    *,
    body: object = 1,
    credential: str = CREDENTIAL,
    fail: type[Exception] | None = None,
) -> Answer:
    """Register a fan once."""

    def run(joined: Joined) -> int:
        fan = register(joined, actor=ODILE)
        if fail is not None:
            raise fail("no")
        return fan.id

    return once(
        db,
        credential=credential,
        key=key,
        fingerprint=fingerprint("POST", "/fans", body),
        run=run,
        render=lambda fan_id: (201, str(fan_id)),
    )


def count(db: Database, table: str) -> int:
    return db.read(
        lambda session: session.execute(sa.select(sa.func.count()).select_from(sa.table(table))).scalar_one()
    )


def test_the_second_time_answers_as_the_first_and_changes_nothing(db):
    first, second = ask(db), ask(db)
    assert (first.status, first.replayed) == (201, False)
    assert second == Answer(201, first.body, replayed=True)
    assert count(db, "fan") == 1


def test_another_request_under_the_same_key_is_refused(db):
    ask(db, body={"a": 1})
    with pytest.raises(KeyReused):
        ask(db, body={"a": 2})
    assert count(db, "fan") == 1


def test_the_order_of_members_does_not_make_another_request(db):
    assert fingerprint("POST", "/x", {"a": 1, "b": 2}) == fingerprint("POST", "/x", {"b": 2, "a": 1})
    assert fingerprint("POST", "/x", 1) != fingerprint("PUT", "/x", 1)
    assert fingerprint("POST", "/x", 1) != fingerprint("POST", "/y", 1)
    assert fingerprint("POST", "/x", None) != fingerprint("POST", "/x", "None")


def test_keys_of_two_credentials_have_nothing_to_do_with_each_other(db):
    assert ask(db).body != ask(db, credential="key:other").body
    assert count(db, "fan") == 2


@pytest.mark.parametrize("key", [None, "", "x" * 256, "a b", "é", "a\n", "\x7f"])
def test_a_key_is_1_to_255_visible_ascii_characters(db, key):
    with pytest.raises(KeyMissing):
        ask(db, key)
    assert count(db, "fan") == 0


@pytest.mark.parametrize("failure", [Conflict, Refused, ZeroDivisionError])
def test_what_failed_is_not_kept_and_may_be_tried_again(db, failure):
    class Failure(failure):
        def __init__(self, *_):
            super().__init__()

    with pytest.raises(failure):
        ask(db, fail=Failure)
    assert (count(db, "fan"), count(db, "kept_answer")) == (0, 0)
    assert not ask(db).replayed


def test_of_many_at_once_one_runs_and_all_get_its_answer(db):
    together = Barrier(20)

    def one(_: int) -> Answer:
        together.wait()
        return ask(db)

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(one, range(20)))
    assert len({each.body for each in answers}) == 1
    assert sum(not each.replayed for each in answers) == 1
    assert count(db, "fan") == 1


def test_answers_are_forgotten_after_thirty_days_and_no_sooner(db):
    with clock.running_on(clock.stopped_at(MORNING)):
        for number in range(5):
            ask(db, f"k{number}")
    with clock.running_on(clock.stopped_at(MORNING + timedelta(days=30))):
        assert forget_answers(db) == 0
    with clock.running_on(clock.stopped_at(MORNING + timedelta(days=30, seconds=1))):
        assert forget_answers(db, at_once=2) == 5
    assert count(db, "kept_answer") == 0
