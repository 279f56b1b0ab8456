"""Many acts at once: caps, budgets and keys hold whoever comes first."""

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from loyalty.activities.fact import WithdrawnFact
from loyalty.db import Database
from loyalty.flows.earn import Outcome, earn
from loyalty.flows.link import link
from loyalty.flows.manage_rules import apply_rule, show_rule
from loyalty.flows.reverse import settle_withdrawals, withdraw
from loyalty.ledger.post import lock
from tests.cast import MORNING, ODILE, chat, ines, rule
from tests.makers.moment import station_at
from tests.races.crowd import answers, at_once, refusals


@pytest.fixture(autouse=True)
def station(db: Database) -> Iterator[None]:
    with station_at(db, MORNING + timedelta(hours=1)):
        yield


def all_answered(calls: Sequence[Callable[[], Any]]) -> list[Any]:
    """Make the calls at once; none may be refused."""
    came = at_once(calls)
    assert refusals(came) == []
    return answers(came)


def total(db: Database) -> int:
    return db.read(lambda session: session.execute(text("SELECT coalesce(sum(balance), 0) FROM holder")).scalar_one())


def test_a_cap_holds_when_one_fan_acts_everywhere_at_once(db: Database) -> None:
    rule(db, limits={"per_day": {"points": 45}})
    all_answered([lambda number=number: earn(db, [chat(number)], source="race") for number in range(60)])
    assert total(db) == 45


def test_a_budget_stops_exactly_at_its_limit_under_a_rush(db: Database) -> None:
    rule(db, limits={"budget_points": 155})
    sent = [[chat(number, actor=f"fan-{number}")] for number in range(80)]
    all_answered([lambda facts=facts: earn(db, facts, source="race") for facts in sent])
    assert total(db) == 155


def test_a_first_budget_given_in_the_middle_of_a_rush_binds_from_then_on(db: Database) -> None:
    rule(db)
    acts = [
        lambda number=number: earn(db, [chat(number, actor=f"fan-{number}", minutes=60)], source="race")
        for number in range(160)
    ]
    body = {**show_rule(db, "chat").latest.body, "limits": {"budget_points": 1_200}}
    now = MORNING + timedelta(hours=1)
    acts.insert(12, lambda: apply_rule(db, slug="chat", body=body, actor=ODILE, in_force_from=now))
    all_answered(acts)
    assert total(db) == 1_200


def test_the_same_act_sent_by_everybody_at_once_is_paid_once(db: Database) -> None:
    rule(db)
    given: list[list[Outcome]] = all_answered([lambda: earn(db, [chat(1)], source="race") for _ in range(40)])
    assert sorted(each.status for (each,) in given) == ["duplicate"] * 39 + ["recorded"]
    assert len({each.activity_id for (each,) in given}) == 1
    assert total(db) == 10


def test_batches_that_share_fans_in_any_order_neither_deadlock_nor_lose(db: Database) -> None:
    rule(db, limits={"per_day": {"points": 100}})
    crowd = [f"fan-{number}" for number in range(40)]
    batches = [
        [chat(turn * 100 + place, actor=actor) for place, actor in enumerate(crowd if turn % 2 else crowd[::-1])]
        for turn in range(12)
    ]
    all_answered([lambda batch=batch: earn(db, batch, source="race") for batch in batches])
    assert total(db) == 40 * 100


def test_nothing_is_lost_between_an_account_and_its_fan(db: Database) -> None:
    rule(db)
    fan = ines(db)
    acts = [lambda number=number: earn(db, [chat(number)], source="race") for number in range(40)]
    acts.insert(20, lambda: link(db, fan_id=fan.id, network="twitch", external_id="tw-ines", actor=ODILE))
    all_answered(acts)
    assert db.read(lambda session: lock(session, [fan.id])[fan.id].balance) == 400


def test_acts_and_their_deletions_crossing_leave_nothing_behind(db: Database) -> None:
    rule(db)
    facts = [chat(number, actor=f"fan-{number % 7}") for number in range(40)]
    moves = [lambda fact=fact: earn(db, [fact], source="race") for fact in facts]
    moves += [lambda fact=fact: withdraw(db, [WithdrawnFact(act_key=fact.act_key)], source="race") for fact in facts]
    all_answered(moves[::2] + moves[1::2])
    settle_withdrawals(db)
    assert total(db) == 0
