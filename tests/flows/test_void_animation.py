"""A voided animation is taken back bit by bit, wholly, whatever happens on the way."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa

from loyalty import clock
from loyalty.animations import find
from loyalty.animations.refusals import AnimationNotFound
from loyalty.animations.tables import Animation
from loyalty.db import Database
from loyalty.flows import review
from loyalty.flows import void_animation as flow
from loyalty.flows.answer import answer
from loyalty.flows.link import register
from loyalty.flows.void_animation import take_back_voided, void_animation
from loyalty.staff import audit
from tests.cast import MORNING, ODILE, open_station
from tests.makers.animations import CODE, open_code, pay_codes
from tests.makers.proof import adds_up
from tests.makers.station import rows

FANS = 7
LATER = MORNING + timedelta(minutes=5)


@pytest.fixture(autouse=True)
def typed(db: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """Seven fans who typed the code and were paid."""
    monkeypatch.setattr(flow, "_AT_ONCE", 2)
    open_station(db)
    with clock.running_on(clock.stopped_at(MORNING + timedelta(minutes=1))):
        pay_codes(db)
        open_code(db, starts_at=MORNING)
        fans = [register(db, actor=ODILE).id for _ in range(FANS)]
        for fan_id in fans:
            answer(db, "matinale", fan_id=fan_id, said=CODE)
        yield fans
    assert adds_up(db)


def run(db: Database, statement: str, **values: object) -> None:
    db.write(lambda session: session.execute(sa.text(statement), values))


def standing(db: Database) -> int:
    ((count,),) = rows(db, "SELECT count(*) FROM activity WHERE outcome = 'awarded'")
    return int(count)


def kept(db: Database) -> Animation:
    return db.read(lambda session: find.animation(session, "matinale"))


def test_a_request_begins_and_the_worker_goes_on_where_it_stopped(db: Database) -> None:
    voided = void_animation(db, "matinale", actor=ODILE, reason="It leaked", seconds=0)
    assert voided.voided_at is not None
    assert standing(db) == FANS - 2
    assert [take_back_voided(db, seconds=0) for _ in range(3)] == [2, 2, 1]
    assert standing(db) == 0
    assert kept(db).taken_back_at is None, "an answer may be under way still"
    with clock.running_on(clock.stopped_at(LATER)):
        for _ in range(3):
            take_back_voided(db)
    assert kept(db).taken_back_at == LATER
    assert db.read(find.to_take_back) == []
    assert [each.action for each in db.read(lambda session: audit.find(session, limit=1))] == ["animation.voided"]


def test_an_answer_that_was_under_way_is_caught(db: Database, typed: list[int]) -> None:
    void_animation(db, "matinale", actor=ODILE, reason="It leaked")
    assert standing(db) == 0
    # As if it had been read before the end and written after it.
    was = rows(db, "SELECT voided_at, closed_at FROM animation")
    run(db, "UPDATE animation SET voided_at = NULL, closed_at = NULL")
    answer(db, "matinale", fan_id=register(db, actor=ODILE).id, said=CODE)
    run(db, "UPDATE animation SET voided_at = :voided, closed_at = :closed", voided=was[0][0], closed=was[0][1])
    assert standing(db) == 1
    assert take_back_voided(db) == 1
    assert standing(db) == 0


def test_what_waits_is_refused_with_the_reason(db: Database) -> None:
    last = "SELECT max(id) FROM animation_part"
    run(db, f"UPDATE animation_part SET state = 'in_review', activity_id = NULL WHERE id = ({last})")
    void_animation(db, "matinale", actor=ODILE, reason="It leaked", seconds=60)
    refused = rows(db, "SELECT state, review_reason, reviewed_by FROM animation_part WHERE state <> 'recorded'")
    assert refused == [("refused", "It leaked", ODILE)]
    with pytest.raises(AnimationNotFound):
        review.release(db, "matinale", actor=ODILE, reason="x")


def test_two_workers_take_every_act_back_once(db: Database) -> None:
    void_animation(db, "matinale", actor=ODILE, reason="It leaked", seconds=0)
    while take_back_voided(db, seconds=0) + take_back_voided(db, seconds=0):
        pass
    assert standing(db) == 0
    assert rows(db, "SELECT count(*) FROM withdrawal") == [(FANS,)]
