"""Participation arrives and earns."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import text

from loyalty import clock
from loyalty.activities.fact import ActivityFact, WithdrawnFact
from loyalty.db import Database
from loyalty.flows.earn import earn
from loyalty.flows.link import link
from loyalty.flows.manage_rules import apply_rule, show_rule
from loyalty.flows.reverse import withdraw
from loyalty.ledger.post import lock
from tests.cast import MORNING, chat, ines, rule
from tests.makers.moment import station_at


@pytest.fixture(autouse=True)
def station(db: Database) -> Iterator[None]:
    with station_at(db, MORNING + timedelta(hours=1)):
        yield


def balance(db: Database, holder_id: int) -> int:
    return db.read(lambda session: lock(session, [holder_id])[holder_id].balance)


def total(db: Database) -> int:
    return db.read(lambda session: session.execute(text("SELECT coalesce(sum(balance), 0) FROM holder")).scalar_one())


def test_an_activity_is_recorded_judged_and_posted(db: Database) -> None:
    rule(db)
    (outcome,) = earn(db, [chat()], source="api")
    assert (outcome.status, outcome.outcome, outcome.reason, outcome.points) == ("recorded", "awarded", "awarded", 10)
    assert outcome.verdicts == [
        {"rule": "chat", "revision": 1, "points": 10, "class": "redeemable", "reason": "awarded"}
    ]
    assert total(db) == 10


def test_the_same_act_again_gets_the_same_answer_and_changes_nothing(db: Database) -> None:
    rule(db)
    (first,) = earn(db, [chat()], source="api")
    (again,) = earn(db, [chat()], source="api")
    assert again.status == "duplicate"
    assert (again.activity_id, again.points, again.verdicts) == (first.activity_id, 10, first.verdicts)
    assert total(db) == 10


def test_the_same_act_twice_in_one_batch_pays_once(db: Database) -> None:
    rule(db)
    outcomes = earn(db, [chat(1), chat(2), chat(1)], source="api")
    assert [each.status for each in outcomes] == ["recorded", "recorded", "duplicate"]
    assert outcomes[0].activity_id == outcomes[2].activity_id
    assert total(db) == 20


def test_the_same_key_with_another_content_is_a_conflict(db: Database) -> None:
    rule(db)
    outcomes = earn(db, [chat(1), chat(1, actor="tw-marc")], source="api")
    assert [each.status for each in outcomes] == ["recorded", "conflict"]
    (later,) = earn(db, [chat(1, quantity=9)], source="api")
    assert later.status == "conflict" and later.problem is not None and later.problem.code == "activity_conflict"
    assert total(db) == 10


def test_without_a_number_the_act_itself_is_the_key(db: Database) -> None:
    rule(db, when={"all": []})
    like = ActivityFact(network="mastodon", actor="ines", kind="like", object="post:1")
    assert [each.status for each in earn(db, [like], source="api")] == ["recorded"]
    assert [each.status for each in earn(db, [like], source="api")] == ["duplicate"]


def test_an_act_of_tomorrow_is_refused_and_spoils_only_itself(db: Database) -> None:
    rule(db)
    outcomes = earn(db, [chat(1, minutes=24 * 60), chat(2)], source="api")
    assert [each.status for each in outcomes] == ["refused", "recorded"]
    assert outcomes[0].problem is not None and outcomes[0].problem.code == "in_the_future"


def test_the_station_knows_its_fans_by_number(db: Database) -> None:
    rule(db, when={"all": []})
    fan = ines(db)
    quiz = {"network": "station", "kind": "quiz_answer", "object": "quiz:7"}
    outcomes = earn(
        db, [ActivityFact(actor=str(fan.id), **quiz), ActivityFact(actor="404", **quiz)], source="animation"
    )
    assert [each.status for each in outcomes] == ["recorded", "refused"]
    assert outcomes[1].problem is not None and outcomes[1].problem.code == "unknown_fan"
    assert balance(db, fan.id) == 10


def test_nothing_concerns_it_says_so(db: Database) -> None:
    (outcome,) = earn(db, [chat()], source="api")
    assert (outcome.outcome, outcome.reason, outcome.points) == ("refused", "no_rule", 0)


def test_a_daily_cap_gives_what_is_left_then_nothing_and_opens_again_at_midnight_in_paris(db: Database) -> None:
    rule(db, limits={"per_day": {"points": 25}})
    outcomes = earn(db, [chat(number) for number in range(5)], source="api")
    assert [each.points for each in outcomes] == [10, 10, 5, 0, 0]
    assert [each.reason for each in outcomes[2:]] == ["awarded", "cap_reached_day", "cap_reached_day"]
    (later,) = earn(db, [chat(9)], source="api")
    assert later.points == 0
    with clock.running_on(clock.stopped_at(MORNING + timedelta(days=1))):
        late, early = earn(db, [chat(10, minutes=15 * 60 + 59), chat(11, minutes=16 * 60)], source="api")
    assert (late.points, early.points) == (0, 10)


def test_a_weekly_cap_added_later_counts_what_came_before(db: Database) -> None:
    rule(db)
    earn(db, [chat(1), chat(2)], source="api")
    body = show_rule(db, "chat").latest.body | {"limits": {"per_week": {"points": 25}}}
    apply_rule(db, slug="chat", body=body, actor="cli:odile")
    (outcome,) = earn(db, [chat(3, minutes=60)], source="api")
    assert outcome.points == 5


def test_a_budget_stops_exactly_at_its_limit(db: Database) -> None:
    rule(db, limits={"budget_points": 35})
    first = earn(db, [chat(number, actor=f"fan-{number}") for number in range(3)], source="api")
    then = earn(db, [chat(number, actor=f"fan-{number}") for number in range(3, 6)], source="api")
    assert [each.points for each in first + then] == [10, 10, 10, 5, 0, 0]
    assert then[1].reason == "budget_exhausted"


def test_a_cooldown_counts_from_the_last_award(db: Database) -> None:
    rule(db, limits={"cooldown_seconds": 60})
    outcomes = earn(db, [chat(1), chat(2, minutes=0.5), chat(3, minutes=1), chat(4, minutes=1.5)], source="api")
    assert [each.points for each in outcomes] == [10, 0, 10, 0]
    assert outcomes[1].reason == "cooling_down"


def test_a_cooldown_holds_whatever_the_order_of_arrival(db: Database) -> None:
    rule(db, limits={"cooldown_seconds": 60})
    sent = [chat(1, minutes=5), chat(2, minutes=0), chat(3, minutes=0.3), chat(4, minutes=4.5), chat(5, minutes=2)]
    assert [each.points for each in earn(db, sent, source="api")] == [10, 10, 0, 0, 10]
    late = [chat(6, minutes=1.5), chat(7, minutes=3.5), chat(8, minutes=3)]
    assert [each.points for each in earn(db, late, source="api")] == [0, 10, 0]


def test_each_rule_cools_down_on_its_own(db: Database) -> None:
    rule(db, limits={"cooldown_seconds": 60})
    rule(db, "slow", earn={"fixed": 3}, limits={"cooldown_seconds": 600})
    assert [each.points for each in earn(db, [chat(1), chat(2, minutes=2)], source="api")] == [13, 10]
    assert [each.points for each in earn(db, [chat(3, minutes=4), chat(4, minutes=10)], source="api")] == [10, 13]


def test_a_cooldown_of_days_looks_days_back_and_through_a_link(db: Database) -> None:
    rule(db, limits={"cooldown_seconds": 3 * 24 * 3600})
    fan = ines(db)
    earn(db, [chat(1, minutes=-2 * 24 * 60)], source="api")
    link(db, fan_id=fan.id, network="twitch", external_id="tw-ines", actor="cli:odile")
    outcomes = earn(db, [chat(2), chat(3, minutes=-5 * 24 * 60)], source="api")
    assert [each.points for each in outcomes] == [0, 10]


def test_a_withdrawn_award_no_longer_cools_down(db: Database) -> None:
    rule(db, limits={"cooldown_seconds": 60})
    earn(db, [chat(1)], source="api")
    withdraw(db, [WithdrawnFact(act_key=chat(1).act_key)], source="api")
    (outcome,) = earn(db, [chat(2, minutes=0.5)], source="api")
    assert outcome.points == 10


def test_the_first_of_the_day_is_the_first_of_the_day(db: Database) -> None:
    rule(db, when={"all": [{"first_of_day": {"of": "kind"}}]})
    outcomes = earn(db, [chat(1), chat(2)], source="api")
    assert [each.points for each in outcomes] == [10, 0]
    (later,) = earn(db, [chat(3)], source="api")
    assert later.points == 0


def test_a_late_activity_is_judged_by_the_revision_in_force_when_it_happened(db: Database) -> None:
    rule(db)
    body = show_rule(db, "chat").latest.body | {"earn": {"fixed": 99}}
    apply_rule(db, slug="chat", body=body, actor="cli:odile")
    before, after = earn(db, [chat(1, minutes=59), chat(2, minutes=61)], source="api")
    assert (before.points, before.verdicts[0]["revision"]) == (10, 1)
    assert (after.points, after.verdicts[0]["revision"]) == (99, 2)


def test_status_points_are_a_wallet_of_their_own(db: Database) -> None:
    rule(db, **{"class": "status_only"})
    (outcome,) = earn(db, [chat()], source="api")
    assert (outcome.points, outcome.status_points) == (0, 10)
    assert total(db) == 0


def test_a_thousand_acts_and_one_more_arrive_whole(db: Database) -> None:
    rule(db)
    outcomes = earn(db, [chat(number, actor=f"fan-{number % 300}") for number in range(1001)], source="api")
    assert {each.status for each in outcomes} == {"recorded"}
    assert total(db) == 10_010
