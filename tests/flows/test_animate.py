"""A code is said on air: fans type it, it earns, and when it leaked a person decides."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa

from loyalty import clock
from loyalty.animations.on_air_code import WrongCode
from loyalty.animations.refusals import (
    AlreadyAnswered,
    AnimationExists,
    AnimationNotFound,
    AnimationOver,
    AnswerInReview,
    NoAttemptsLeft,
    NotOpenYet,
)
from loyalty.db import Database
from loyalty.errors import Invalid, NotFound
from loyalty.flows import review
from loyalty.flows.animate import close_animation, open_animations
from loyalty.flows.answer import answer
from loyalty.flows.void_animation import void_animation
from tests.cast import ODILE, ines, marc
from tests.makers.animations import (
    AIR,
    CODE,
    at,
    crowd,
    open_code,
    pay_codes,
    refused,
    states,
    trail,
    typed,
)
from tests.makers.moment import station_at
from tests.makers.rewards import balance
from tests.makers.station import rows


@pytest.fixture(autouse=True)
def station(db: Database) -> Iterator[None]:
    with station_at(db, AIR - timedelta(hours=1)):
        pay_codes(db)
        yield


def test_the_code_typed_in_time_earns_what_it_is_worth_then(db: Database) -> None:
    open_code(db)
    quick, slow = ines(db).id, marc(db).id
    taken = typed(db, quick, minutes=0)
    assert (taken.state, taken.quantity) == ("recorded", 100)
    assert taken.outcome is not None
    assert (taken.outcome.outcome, taken.outcome.points) == ("awarded", 100)
    assert typed(db, slow, minutes=25).quantity == 20
    assert (balance(db, quick), balance(db, slow)) == (100, 20)
    kept = db.read(lambda session: session.execute(sa.text("SELECT network, kind, object, show FROM activity")).first())
    assert kept is not None
    assert tuple(kept) == ("station", "onair_code", "matinale", "la-matinale")


def test_one_answer_counts_for_each_fan(db: Database) -> None:
    open_code(db)
    fan = ines(db).id
    typed(db, fan, minutes=3)
    problem = refused(db, fan, minutes=4)
    assert type(problem) is AlreadyAnswered
    assert problem.holes == {"answered_at": AIR + timedelta(minutes=3)}
    assert type(refused(db, fan, "jonquille 12", minutes=5)) is AlreadyAnswered
    assert states(db) == {"recorded": 1}


def test_it_begins_and_ends_to_the_second(db: Database) -> None:
    open_code(db)
    first, second, third = crowd(db, 3)
    assert isinstance(refused(db, first, "jonquille 12", minutes=-1 / 60), NotOpenYet)
    assert typed(db, second, minutes=29.99).state == "recorded"
    over = refused(db, third, minutes=30)
    assert isinstance(over, AnimationOver)
    assert over.holes == {"ended_at": AIR + timedelta(minutes=30)}
    assert "terminé" in over.say("fr")


def test_five_attempts_and_then_not_even_the_right_one(db: Database) -> None:
    open_code(db)
    fan, other = ines(db).id, marc(db).id
    left = []
    for number in range(5):
        problem = refused(db, fan, f"tournesol {number}")
        assert type(problem) is WrongCode
        left.append(problem.holes["attempts_left"])
    assert left == [4, 3, 2, 1, 0]
    assert type(refused(db, fan)) is NoAttemptsLeft
    assert type(refused(db, fan, minutes=29)) is NoAttemptsLeft
    assert typed(db, other).state == "recorded"
    assert states(db) == {"trying": 1, "recorded": 1}


def test_what_is_no_answer_is_no_attempt(db: Database) -> None:
    open_code(db)
    fan = ines(db).id
    for said in ({}, {"code": ""}, {"code": 5}, {"code": "x" * 101}, {"code": "x", "more": 1}):
        with at(1), pytest.raises(Invalid):
            answer(db, "matinale", fan_id=fan, said=said)
    assert states(db) == {}
    with at(1), pytest.raises(NotFound):
        answer(db, "matinale", fan_id=404, said=CODE)
    with at(1), pytest.raises(AnimationNotFound):
        answer(db, "soir", fan_id=fan, said=CODE)


def test_before_air_nobody_learns_whether_it_was_right(db: Database) -> None:
    open_code(db)
    knows, guesses = ines(db).id, marc(db).id
    told = {
        fan: [refused(db, fan, code, minutes=-5) for _ in range(6)]
        for fan, code in ((knows, "tournesol47"), (guesses, "x"))
    }
    assert [type(each) for each in told[knows]] == [type(each) for each in told[guesses]]
    assert [type(each) for each in told[knows]] == [NotOpenYet] * 5 + [NoAttemptsLeft]
    assert states(db) == {"in_review": 1, "trying": 1}
    with at(-5):
        assert open_animations(db, clock.now(), fan_id=knows) == []
    assert type(refused(db, knows, minutes=1)) is AnswerInReview


def test_a_closed_code_takes_no_more(db: Database) -> None:
    open_code(db)
    with at(5):
        for _ in range(2):
            close_animation(db, "matinale", actor=ODILE, reason="fin")
        assert open_animations(db, clock.now()) == []
    over = refused(db, ines(db).id, minutes=6)
    assert isinstance(over, AnimationOver)
    assert over.holes == {"ended_at": AIR + timedelta(minutes=5)}
    assert [each.action for each in trail(db)] == ["animation.closed", "animation.opened"]


def test_a_voided_code_takes_back_what_it_gave_and_refuses_what_waited(db: Database) -> None:
    open_code(db)
    paid, early = ines(db).id, marc(db).id
    refused(db, early, minutes=-1)
    typed(db, paid, minutes=1)
    assert balance(db, paid) == 92
    with at(5):
        for _ in range(2):
            assert void_animation(db, "matinale", actor=ODILE, reason="ouvert par erreur").voided_at is not None
    assert (balance(db, paid), states(db)) == (0, {"recorded": 1, "refused": 1})
    assert isinstance(refused(db, paid, minutes=6), AnimationNotFound)
    with at(7), pytest.raises(AnimationNotFound):
        review.release(db, "matinale", actor=ODILE, reason="x")
    assert "animation.voided" in [each.action for each in trail(db)]


def test_fans_see_what_is_on_now_and_what_they_did_in_it(db: Database) -> None:
    open_code(db)
    open_code(db, slug="soir", starts_at=AIR + timedelta(hours=9))
    fan = ines(db).id
    refused(db, fan, "jonquille 12", minutes=1)
    with at(2):
        (on_now,) = open_animations(db, clock.now(), fan_id=fan)
    assert on_now.animation.slug == "matinale"
    assert on_now.part is not None
    assert (on_now.part.state, on_now.part.attempts) == ("trying", 1)
    words, holes = on_now.how
    assert words.say("en", **holes).startswith("Listen to the show")
    typed(db, fan, minutes=3)
    with at(120):
        assert open_animations(db, clock.now(), fan_id=fan) == []
    (part,) = rows(db, "SELECT state, quantity FROM animation_part")
    assert part == ("recorded", 76)


def test_a_name_in_addresses_and_a_code_are_made_when_none_is_given(db: Database) -> None:
    made = open_code(db, slug=None, solution=None)
    assert made.slug == "la-matinale-2026-11-23-0900"  # as the clocks of the station say
    assert typed(db, ines(db).id, made.solution["code"], slug=made.slug).state == "recorded"
    with pytest.raises(AnimationExists):
        open_code(db, slug=None)


def test_the_trail_says_what_was_opened_and_never_the_code(db: Database) -> None:
    open_code(db)
    (record,) = trail(db)
    assert record.after["settings"]["units_at_air"] == 100
    assert "ournesol" not in str(record.model_dump())


def test_what_makes_no_animation_is_refused(db: Database) -> None:
    for said in ({"kind": "bingo"}, {"settings": {"units": 5}}, {"solution": {"code": "ab"}}, {"solution": {}}):
        with pytest.raises(Invalid) as refusal:
            open_code(db, **said)
        assert list(refusal.value.errors) == list(said)
