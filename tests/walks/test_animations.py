"""Every kind of animation walks the same way: what it takes, what it refuses, what it tells, and down the river."""

import string
from datetime import timedelta
from typing import Any

import pytest

from loyalty import clock
from loyalty.activities.fact import KINDS
from loyalty.animation import Accepted, AnimationKind, Curve, Opened, Standing
from loyalty.animations.kinds import known_kinds
from loyalty.animations.refusals import AlreadyAnswered
from loyalty.animations.schema import OpenSchema
from loyalty.db import Database
from loyalty.errors import Invalid, Refused
from loyalty.flows.animate import open_animation, open_animations
from loyalty.flows.answer import answer
from loyalty.i18n import LANGUAGES, Words
from loyalty.ledger.post import lock
from tests.cast import MORNING, ODILE, ines, open_station, rule
from tests.makers.proof import adds_up

every_kind = pytest.mark.parametrize("kind", known_kinds().values(), ids=lambda kind: kind.name)
GARBAGE = [None, 0, 1.5, True, "text", [], [{}], {"": 1}, {"unknown": []}]


def opened(kind: AnimationKind) -> Opened:
    return Opened(
        slug="walked",
        starts_at=MORNING,
        ends_at=MORNING + timedelta(hours=1),
        settings=kind.load_settings(dict(kind.example)),
        solution=kind.load_solution(dict(kind.example_solution)),
    )


def said_by(kind: AnimationKind) -> list[Words]:
    """Every sentence of the kind itself, and of the refusals beside it."""
    module = __import__(type(kind).__module__, fromlist=["_"])
    refusals = [each for each in vars(module).values() if isinstance(each, type) and issubclass(each, Refused)]
    return [kind.title, kind.waiting, *(each.words for each in refusals), kind.how(opened(kind))[0]]


def holes_of(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_the_kinds_are_found() -> None:
    assert "on_air_code" in known_kinds()


@every_kind
def test_it_says_who_it_is_and_what_it_makes(kind: AnimationKind) -> None:
    assert kind.activity_kind in KINDS
    assert kind.title.fr != kind.title.en
    for words in said_by(kind):
        assert holes_of(words.fr) == holes_of(words.en)


@every_kind
def test_its_settings_have_defaults_and_are_json(kind: AnimationKind) -> None:
    defaults = kind.load_settings({})
    assert kind.load_settings(defaults) == defaults
    assert kind.load_settings(kind.load_settings(dict(kind.example))) == kind.load_settings(dict(kind.example))


@every_kind
@pytest.mark.parametrize("garbage", GARBAGE, ids=repr)
def test_it_refuses_garbage(kind: AnimationKind, garbage: Any) -> None:
    for load in (kind.load_settings, kind.load_solution, kind.load_answer):
        with pytest.raises(Invalid):
            load(garbage)
    for name in kind.example:
        for wrong in (None, -1, 1.5, True, "", "\x00", "\ud800", [], {}, 10**30):
            with pytest.raises(Invalid):
                kind.load_settings({**kind.example, name: wrong})


@every_kind
def test_the_right_answer_is_accepted_and_worth_something(kind: AnimationKind) -> None:
    accepted = kind.check(opened(kind), kind.load_answer(dict(kind.example_answer)), Standing(), MORNING)
    assert isinstance(accepted, Accepted)
    assert accepted.quantity >= 1
    assert accepted.hidden is None


@every_kind
def test_a_solution_it_makes_is_one(kind: AnimationKind) -> None:
    kind.load_solution(dict(kind.new_solution()))


@every_kind
@pytest.mark.parametrize("language", LANGUAGES)
def test_fans_are_told_what_to_do_and_nothing_of_the_solution(kind: AnimationKind, language: str) -> None:
    words, holes = kind.how(opened(kind))
    told = words.say(language, **holes)
    assert told.endswith(".")
    assert "{" not in told
    for secret in kind.example_solution.values():
        assert str(secret).casefold() not in told.casefold()


@every_kind
def test_nothing_strange_raises_no_alarm(kind: AnimationKind) -> None:
    assert kind.alarm(opened(kind), Curve()) is None


@every_kind
def test_it_goes_down_the_whole_river(db: Database, kind: AnimationKind) -> None:
    with clock.running_on(clock.stopped_at(MORNING)):
        open_station(db)
        rule(db, "any", when={"kind": {"one_of": [kind.activity_kind]}}, earn={"fixed": 10})
        fan = ines(db)
        whole = {
            "kind": kind.name,
            "slug": "walked",
            "starts_at": MORNING.isoformat(),
            "minutes": 5,
            "settings": dict(kind.example),
            "solution": dict(kind.example_solution),
        }
        open_animation(db, OpenSchema().load(whole), actor=ODILE)
        assert [each.animation.slug for each in open_animations(db, MORNING)] == ["walked"]
        taken = answer(db, "walked", fan_id=fan.id, said=dict(kind.example_answer))
        assert taken.state == ("in_review" if kind.settled_later else "recorded")
        with pytest.raises(AlreadyAnswered):
            answer(db, "walked", fan_id=fan.id, said=dict(kind.example_answer))
        balance = db.read(lambda session: lock(session, [fan.id])[fan.id].balance)
        assert balance == (0 if kind.settled_later else 10)
        assert adds_up(db)
