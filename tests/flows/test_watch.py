"""Answers that come as they do not when fans listen freeze the rest."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from loyalty.animations.refusals import AnswerInReview
from loyalty.db import Database
from loyalty.flows.watch import watch_animations
from tests.animations.test_anomaly import burst
from tests.cast import ines
from tests.makers.animations import AIR, again, answered_at, at, crowd, open_code, pay_codes, refused, trail, typed
from tests.makers.moment import station_at
from tests.makers.rewards import balance


@pytest.fixture(autouse=True)
def station(db: Database) -> Iterator[None]:
    with station_at(db, AIR - timedelta(hours=1)):
        pay_codes(db)
        yield


def test_a_few_who_were_early_freeze_nothing_and_more_do(db: Database) -> None:
    open_code(db)
    *early, honest = crowd(db, 5)
    for fan in early[:3]:
        refused(db, fan, minutes=-2)
    assert again(db).frozen_at is None
    refused(db, early[3], minutes=-2)
    frozen = again(db)
    assert frozen.frozen_at == AIR - timedelta(minutes=2)
    assert frozen.frozen_because is not None
    assert "avant l’antenne" in frozen.frozen_because["fr"]
    taken = typed(db, honest, minutes=2)
    assert (taken.state, taken.quantity, taken.outcome) == ("in_review", 84, None)
    assert taken.waiting is not None
    assert "en cours de vérification" in taken.waiting.fr
    assert balance(db, honest) == 0
    assert [each.action for each in trail(db)] == ["animation.frozen", "animation.opened"]


def test_a_usual_burst_is_left_alone(db: Database) -> None:
    animation = open_code(db)
    answered_at(db, animation, [minute * 60 + 1 for minute, count in burst(60).items() for _ in range(count)])
    for minutes in (0, 5, 10, 15, 29.9):
        with at(minutes):
            assert watch_animations(db) == 0
    assert typed(db, ines(db).id, minutes=29).state == "recorded"


def test_a_tail_that_rises_again_freezes_the_rest(db: Database) -> None:
    animation = open_code(db)
    answered_at(db, animation, [minute * 60 + 1 for minute, count in burst(60).items() for _ in range(count)])
    answered_at(db, animation, [20 * 60 + second for second in range(30)])
    fan = ines(db).id
    with at(20.9):
        assert watch_animations(db) == 1
        assert watch_animations(db) == 0
    frozen = again(db)
    assert frozen.frozen_because is not None
    assert "30 right answers in minute 21" in frozen.frozen_because["en"]
    assert typed(db, fan, minutes=21).state == "in_review"
    assert type(refused(db, fan, minutes=22)) is AnswerInReview
