"""Many batches raise the same fan at once: each tier is reached once."""

from datetime import timedelta

from loyalty import clock
from loyalty.activities.fact import WithdrawnFact
from loyalty.db import Database
from loyalty.flows.earn import earn
from loyalty.flows.reverse import withdraw
from tests.cast import MORNING, chat, open_station, rule
from tests.makers.proof import adds_up
from tests.makers.station import rows
from tests.makers.tiers import STATUS, ladder
from tests.races.crowd import at_once, refusals


def test_a_tier_is_reached_once_however_many_batches_reach_it(db: Database) -> None:
    open_station(db)
    rule(db, "rank", **STATUS)
    ladder(db, silver=50, gold=200)
    with clock.running_on(clock.stopped_at(MORNING + timedelta(hours=1))):
        came = at_once([lambda number=number: earn(db, [chat(number)], source="race") for number in range(32)])
    assert refusals(came) == []
    assert rows(db, "SELECT number, reason, threshold FROM tier_change ORDER BY number") == [
        (1, "reached", 50),
        (2, "reached", 200),
    ]
    assert rows(db, "SELECT points FROM status_year") == [(320,)]
    assert adds_up(db)


def test_what_comes_and_goes_at_once_leaves_no_tier_unearned(db: Database) -> None:
    open_station(db)
    rule(db, "rank", **STATUS)
    ladder(db, silver=30)
    with clock.running_on(clock.stopped_at(MORNING + timedelta(hours=1))):
        calls = []
        for number in range(12):
            act = chat(number)
            calls.append(lambda act=act: earn(db, [act], source="race"))
            calls.append(lambda act=act: withdraw(db, [WithdrawnFact(act_key=act.act_key)], source="race"))
        assert refusals(at_once(calls)) == []
    assert rows(db, "SELECT tier_id FROM tier_holding WHERE tier_id IS NOT NULL") == []
    assert rows(db, "SELECT sum(points) FROM status_year") in ([(0,)], [(None,)])
    assert adds_up(db)
