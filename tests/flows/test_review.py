"""A code leaked: a person decides which of the answers that wait are kept."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa

from loyalty.animations import find
from loyalty.animations.refusals import AnswerNotKept
from loyalty.db import Database
from loyalty.flows import review
from loyalty.flows.manage_rules import apply_rule, show_rule
from tests.cast import ODILE
from tests.makers.animations import AIR, again, at, crowd, open_code, pay_codes, refused, states, trail, typed
from tests.makers.moment import station_at
from tests.makers.rewards import balance


@pytest.fixture(autouse=True)
def station(db: Database) -> Iterator[None]:
    with station_at(db, AIR - timedelta(hours=1)):
        pay_codes(db)
        yield


def frozen_code(db: Database, fans: list[int]) -> None:
    """A code that leaked, and these fans' answers in review, one a minute from the first minute on."""
    open_code(db, settings={"early_most": 0})
    (insider,) = crowd(db, 1)
    refused(db, insider, minutes=-3)
    for minutes, fan in enumerate(fans):
        assert typed(db, fan, minutes=minutes).state == "in_review"


def test_what_is_released_earns_as_of_when_it_was_given(db: Database) -> None:
    fans = crowd(db, 3)
    frozen_code(db, fans)
    with at(20):  # the rule changes meanwhile: it does not matter to what happened before
        body = show_rule(db, "code").latest.body | {"earn": {"fixed": 1}}
        apply_rule(db, slug="code", body=body, actor=ODILE)
    parts = db.read(lambda session: find.answers(session, again(db).id or 0, limit=9, state="in_review"))
    mine = {row.fan_id: row.id for row in parts}
    with at(60):
        done = review.release(db, "matinale", actor=ODILE, reason="le code a été répété", part_ids=[mine[fans[1]]])
        assert (done.answers, done.points, done.left) == (1, 92, 3)
        rest = review.release(db, "matinale", actor=ODILE, reason="le code a été répété")
        assert (rest.answers, rest.points, rest.left) == (3, 100 + 100 + 84, 0)
        assert review.release(db, "matinale", actor=ODILE, reason="encore").answers == 0
    assert [balance(db, fan) for fan in fans] == [100, 92, 84]
    happened = sa.text("SELECT count(*) FROM activity JOIN animation_part p ON p.activity_id = activity.id")
    assert db.read(lambda session: session.execute(happened).scalar_one()) == 4
    (last, *_) = [each for each in trail(db) if each.action == "animation.released"]
    assert (last.actor, last.reason) == (ODILE, "le code a été répété")
    assert last.after == {"state": "recorded", "points": 284}


def test_what_is_refused_earns_nothing_and_the_fan_is_told_why(db: Database) -> None:
    fans = crowd(db, 2)
    frozen_code(db, fans)
    with at(20):
        done = review.refuse(db, "matinale", actor=ODILE, reason="Le code avait été publié.")
        assert (done.answers, done.points, done.left) == (3, 0, 0)
        assert review.release(db, "matinale", actor=ODILE, reason="trop tard").answers == 0
    problem = refused(db, fans[0], minutes=21)
    assert type(problem) is AnswerNotKept
    assert "Le code avait été publié." in problem.say("fr")
    assert balance(db, fans[0]) == 0
    assert trail(db)[0].action == "animation.refused"


def test_what_a_fan_left_in_review_before_being_erased_earns_nobody_anything(db: Database) -> None:
    gone, here = crowd(db, 2)
    frozen_code(db, [gone, here])
    station_account = sa.text("DELETE FROM identity WHERE network = 'station' AND external_id = :fan")
    db.write(lambda session: session.execute(station_account, {"fan": str(gone)}))
    with at(20):
        done = review.release(db, "matinale", actor=ODILE, reason="fausse alerte")
    assert (done.answers, done.points, done.left) == (3, 192, 0)
    assert states(db) == {"recorded": 2, "refused": 1}
