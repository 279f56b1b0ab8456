"""The past judged again: as it was it comes out as it was; under a draft it says who gains; it writes nothing."""

import random
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import Session

from loyalty import clock
from loyalty.activities.fact import WithdrawnFact
from loyalty.db import Database
from loyalty.errors import Invalid
from loyalty.flows.backtest import Backtest, backtest
from loyalty.flows.earn import earn
from loyalty.flows.link import link
from loyalty.flows.manage_rules import apply_rule
from loyalty.flows.reverse import withdraw
from tests.cast import MORNING, ODILE, chat, ines, open_station, rule
from tests.makers.judging import body

TONIGHT = MORNING + timedelta(hours=12)
CHAT = {"kind": {"one_of": ["live_chat"]}}


@pytest.fixture(autouse=True)
def station(db: Database) -> Iterator[None]:
    open_station(db)
    with clock.running_on(clock.stopped_at(TONIGHT)):
        yield


def say(db: Database, *numbers: int, days: float = 0, **facts: Any) -> list[Any]:
    """Chat messages, a minute apart, that arrive when they are said."""
    told = [chat(number, minutes=number + days * 1440, **facts) for number in numbers]
    with clock.running_on(clock.stopped_at(min(TONIGHT, told[-1].happened_at + timedelta(minutes=1)))):
        return earn(db, told, source="api")


def chats(points: int, **parts: Any) -> dict[str, Any]:
    return body(when={"all": [CHAT]}, earn={"fixed": points}, **parts)


def given(db: Database) -> tuple[int, int]:
    """What was really awarded, in points and status points."""
    sums = "SELECT coalesce(sum(points), 0), coalesce(sum(status_points), 0) FROM activity WHERE outcome <> 'withdrawn'"
    row = db.read(lambda session: session.execute(sa.text(sums)).one())
    return int(row[0]), int(row[1])


def rows(db: Database) -> dict[str, int | None]:
    def count(session: Session) -> dict[str, int | None]:
        names = sa.inspect(session.connection()).get_table_names()
        return {name: session.scalar(sa.select(sa.func.count()).select_from(sa.table(name))) for name in names}

    return db.read(count)


def gains(told: Backtest) -> tuple[tuple[int, int], tuple[int, int]]:
    return told.before, told.after


def test_without_caps_it_comes_out_as_it_was_and_a_draft_changes_it(db: Database) -> None:
    rule(db)
    say(db, 1, 2, 3)
    say(db, 4, actor="tw-marc")
    told = backtest(db, {"chat": chats(25)})
    assert told.recorded == given(db) == told.before == (40, 0)
    assert told.after == (100, 0)
    assert (told.judged, told.cut, told.first_day) == (4, None, 20261117)
    assert told.how_many == (2, 0)
    assert [each.change for each in told.gaining] == [(45, 0), (15, 0)]
    assert [(each.day, each.acts, each.before, each.after) for each in told.days] == [(20261123, 4, (40, 0), (100, 0))]


def test_it_writes_nothing(db: Database) -> None:
    rule(db, limits={"budget_points": 100})
    say(db, 1, 2)
    before = rows(db)
    backtest(db, {"chat": chats(25), "new": chats(1)})
    assert rows(db) == before


HISTORIES: dict[str, dict[str, Any]] = {
    "caps of the day": {"limits": {"per_day": {"points": 35, "times": 5}}},
    "caps of the week and ever": {"limits": {"per_week": {"points": 60}, "ever": {"times": 9}}},
    "a cool-down": {"limits": {"cooldown_seconds": 150}},
    "a budget": {"limits": {"budget_points": 305}},
    "the first of the day": {"when": {"all": [CHAT, {"first_of_day": {"of": "kind"}}]}},
    "an effort": {"when": {"all": [CHAT, {"effort": {"min_words": 4}}]}},
    "status points": {"class": "status_only"},
}


@pytest.mark.parametrize("parts", HISTORIES.values(), ids=HISTORIES)
def test_a_backtest_of_the_rules_in_force_is_what_was_really_awarded(db: Database, parts: dict[str, Any]) -> None:
    """Over three weeks, in the order in which acts came, some of them late, through a change of the rule."""
    chance = random.Random(len(str(parts)))
    rule(db, **parts)
    rule(db, "best", earn={"points": 3, "per": 2}, stacking="best")
    rule(db, "match", earn={"multiply_percent": 250}, when={"hours": {"from": "08:00", "to": "08:30"}})
    texts = ("Allez", "Allez les Bleus, quel match !")
    numbers = iter(range(1, 1_000))
    for day in range(-16, 1):
        for actor in ("tw-ines", "tw-marc"):
            told = [next(numbers) for _ in range(chance.randint(1, 5))]
            late = chance.choice((0, 0, 0, -1)) if day else 0
            for number in told:
                minutes = (day + late) * 1440 + chance.randint(0, 60)
                with clock.running_on(clock.stopped_at(MORNING + timedelta(days=day, hours=2))):
                    fact = chat(
                        number, actor=actor, minutes=minutes, text=chance.choice(texts), quantity=number % 5 + 1
                    )
                    earn(db, [fact], source="api")
        if day == -4:
            with clock.running_on(clock.stopped_at(MORNING + timedelta(days=day, hours=3))):
                apply_rule(db, slug="best", body=chats(4, stacking="best"), actor=ODILE)
    for days in (1, 7, 28):
        told = backtest(db, {}, days=days)
        assert told.before == told.after == told.recorded, days
        assert told.judged > 0
    assert backtest(db, {}, days=28).recorded == given(db) != (0, 0)


def test_caps_begin_from_what_was_given_before_the_window(db: Database) -> None:
    rule(db, limits={"ever": {"points": 35}})
    say(db, 1, 2, 3, days=-10)
    say(db, 4, 5)
    told = backtest(db, {"chat": chats(10, limits={"ever": {"points": 45}})})
    assert gains(told) == ((5, 0), (15, 0))
    assert [(each["reason"], was, is_now) for each, was, is_now in told.rules[0].reasons] == [
        ("awarded_partly", 1, 1), ("cap_reached_ever", 1, 0), ("awarded", 0, 1)
    ]  # fmt: skip


def test_it_says_when_a_budget_would_be_used_up(db: Database) -> None:
    rule(db, limits={"budget_points": 1_000})
    say(db, 1, days=-10)
    said = say(db, 2, 3, 4)
    told = backtest(db, {"chat": chats(10, limits={"budget_points": 35})})
    assert [each.points for each in said] == [10, 10, 10]
    (budget,) = told.budgets
    assert (budget.budget, budget.spent_before, budget.spent_after) == (35, 40, 35)
    assert budget.exhausted_before is None
    assert budget.exhausted_after == MORNING + timedelta(minutes=4)
    assert gains(told) == ((30, 0), (25, 0))


def test_it_names_who_would_gain_and_who_would_lose(db: Database) -> None:
    fan = ines(db)
    rule(db)
    say(db, 1, days=-20)
    link(db, fan_id=fan.id, network="twitch", external_id="tw-ines", actor=ODILE)
    say(db, 2, 3)
    say(db, 4, actor="tw-marc", text="Allez")
    told = backtest(db, {"chat": body(when={"all": [CHAT, {"effort": {"min_words": 3}}]}, earn={"fixed": 11})})
    assert [(each.name, each.change) for each in told.gaining] == [("Inès", (2, 0))]
    assert [(each.name, each.fan_id, each.change) for each in told.losing] == [(None, None, (-10, 0))]


def test_a_condition_on_a_linked_account_sees_what_was_then(db: Database) -> None:
    fan = ines(db)
    rule(db, when={"all": [CHAT, {"linked": {}}]})
    say(db, 1, days=-2)
    link(db, fan_id=fan.id, network="twitch", external_id="tw-ines", actor=ODILE)
    say(db, 2)
    told = backtest(db, {})
    assert gains(told) == ((10, 0), (10, 0)) and told.recorded == (10, 0)


def test_what_was_withdrawn_is_left_out(db: Database) -> None:
    rule(db)
    say(db, 1, 2)
    withdraw(db, [WithdrawnFact(act_key=chat(1).act_key)], source="api")
    told = backtest(db, {"chat": chats(20)})
    assert (told.judged, told.withdrawn, told.recorded, *gains(told)) == (1, 1, (10, 0), (10, 0), (20, 0))


def test_a_new_rule_and_a_multiplier_change_what_others_give(db: Database) -> None:
    rule(db)
    say(db, 1, 2)
    alone = backtest(db, {"alone": chats(4, stacking="exclusive")})
    assert [(each.slug, each.is_draft, each.before, each.after) for each in alone.rules] == [
        ("alone", True, (0, 0), (8, 0)), ("chat", False, (20, 0), (0, 0))
    ]  # fmt: skip
    tripled = backtest(db, {"match": body(earn={"multiply_percent": 300})})
    assert tripled.after == (60, 0)


def test_beyond_so_many_acts_it_judges_whole_days_only_and_says_so(db: Database) -> None:
    rule(db, limits={"per_day": {"points": 25}})
    for day in range(-5, 1):
        say(db, *range(100 + day * 10, 104 + day * 10), days=day)
    whole = backtest(db, {}, most_acts=24)
    assert (whole.judged, whole.cut, whole.before) == (24, None, whole.recorded)
    told = backtest(db, {}, most_acts=11)
    assert (told.judged, told.cut, told.part_of_a_day, told.first_day) == (8, "acts", False, 20261122)
    assert told.before == told.recorded == (50, 0)
    part = backtest(db, {}, most_acts=3)
    assert (part.judged, part.cut, part.part_of_a_day) == (3, "acts", True)


def test_when_its_time_is_over_it_stops_and_says_so(db: Database) -> None:
    rule(db)
    say(db, 1, 2)
    told = backtest(db, {}, most_seconds=-1)
    assert (told.judged, told.cut) == (0, "seconds")


def test_nothing_happened_and_nonsense(db: Database) -> None:
    rule(db)
    told = backtest(db, {"chat": chats(9)}, days=28)
    assert (told.judged, *gains(told), told.days, told.gaining) == (0, (0, 0), (0, 0), [], [])
    with pytest.raises(Invalid):
        backtest(db, {"chat": {}})
