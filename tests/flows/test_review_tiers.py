"""Tiers follow what is earned, taken back and merged; their end comes by a job, at its instant and once."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from unittest import mock

import pytest

from loyalty import clock, ids
from loyalty.activities.fact import WithdrawnFact
from loyalty.db import Database
from loyalty.errors import NotFound
from loyalty.fans.merge import Kept
from loyalty.fans.tables import Fan
from loyalty.flows import review_tiers as flow
from loyalty.flows.adjust import adjust_points
from loyalty.flows.earn import earn
from loyalty.flows.erase import erase_fan
from loyalty.flows.link import link
from loyalty.flows.manage_tiers import archive_tier, change_tier
from loyalty.flows.merge_fans import merge_fans
from loyalty.flows.redeem import redeem
from loyalty.flows.reverse import withdraw
from loyalty.flows.review_tiers import review_tiers
from loyalty.tiers.due import applied, unapplied
from tests.cast import MORNING, ODILE, chat, ines, marc, open_station, rule
from tests.makers.proof import adds_up
from tests.makers.rewards import coffee
from tests.makers.station import rows
from tests.makers.tiers import STATUS, history, ladder, tier_of

END_2027 = datetime(2027, 12, 31, 23, 0, tzinfo=UTC)  # midnight in Paris
END_2028 = datetime(2028, 12, 31, 23, 0, tzinfo=UTC)
A_MOMENT = timedelta(microseconds=1)


@pytest.fixture
def fan(db: Database) -> Iterator[Fan]:
    """Ines, who earns ten status points a message; silver takes 20 a year, gold 40."""
    with clock.running_on(clock.stopped_at(MORNING + timedelta(hours=6))):
        open_station(db)
        rule(db, "rank", **STATUS)
        ladder(db, silver=20, gold=40)
        fan = ines(db)
        link(db, fan_id=fan.id, network="twitch", external_id="tw-ines", actor=ODILE)
        yield fan
    adds_up(db)


def give(db: Database, fan: Fan, amount: int) -> None:
    adjust_points(db, fan_id=fan.id, amount=amount, unit="status", reason="test", actor=ODILE, key=ids.new())


def at(moment: datetime) -> object:
    return clock.running_on(clock.stopped_at(moment))


def test_a_tier_is_reached_with_the_act_that_reaches_it(db: Database, fan: Fan) -> None:
    earn(db, [chat(1)], source="test")
    assert tier_of(db, fan.id) == (None, None)
    earn(db, [chat(2), chat(2)], source="test")
    assert tier_of(db, fan.id) == ("silver", END_2027)
    earn(db, [chat(3), chat(4), chat(5)], source="test")
    assert history(db, fan.id) == [(None, "silver", "reached"), ("silver", "gold", "reached")]


def test_a_batch_without_status_points_asks_nothing_of_tiers(db: Database, fan: Fan) -> None:
    rule(db, "plain", when={"all": [{"kind": {"one_of": ["vote"]}}]})
    with mock.patch("loyalty.tiers.review.ladder") as asked:
        earn(db, [chat(1, kind="vote")], source="test")
    asked.assert_not_called()


def test_an_act_told_late_counts_in_the_year_it_happened_in(db: Database, fan: Fan) -> None:
    with at(datetime(2027, 1, 3, tzinfo=UTC)):
        eve = datetime(2026, 12, 31, 22, 59, tzinfo=UTC)
        earn(db, [chat(1, happened_at=eve), chat(2, happened_at=eve + timedelta(minutes=1))], source="test")
        assert rows(db, "SELECT points FROM status_year ORDER BY ends_at") == [(10,), (10,)]
        assert tier_of(db, fan.id) == (None, None)
        earn(db, [chat(3, happened_at=eve)], source="test")
        assert tier_of(db, fan.id) == ("silver", END_2027), "earned in 2026, so good for 2027"


def test_spending_changes_nothing(db: Database, fan: Fan) -> None:
    give(db, fan, 20)
    adjust_points(db, fan_id=fan.id, amount=500, reason="test", actor=ODILE, key=ids.new())
    coffee(db)
    redeem(db, fan_id=fan.id, reward_slug="coffee")
    review_tiers(db)
    assert tier_of(db, fan.id) == ("silver", END_2027)


def test_a_tier_ends_at_its_instant_and_goes_to_what_the_year_earned(db: Database, fan: Fan) -> None:
    give(db, fan, 40)
    with at(datetime(2027, 6, 1, tzinfo=UTC)):
        give(db, fan, 25)
    with at(END_2027 - A_MOMENT):
        assert review_tiers(db) == 0
        assert tier_of(db, fan.id) == ("gold", END_2027)
    with at(END_2027):
        assert review_tiers(db) == 1
        assert review_tiers(db) == 0
        assert tier_of(db, fan.id) == ("silver", END_2028)
    with at(END_2028):
        review_tiers(db)
        assert tier_of(db, fan.id) == (None, None)
    assert [reason for *_, reason in history(db, fan.id)] == ["reached", "ended", "ended"]


def test_the_job_may_be_killed_anywhere_and_taken_up(db: Database, fan: Fan) -> None:
    fans = [fan, marc(db)]
    for each in fans:
        give(db, each, 20)
    review, killed = flow.review, iter([False, True, *[False] * 9])

    def dies(*arguments: object, **options: object) -> int:
        done = review(*arguments, **options)  # type: ignore[arg-type]
        if next(killed):
            raise KeyboardInterrupt
        return done

    with at(END_2027):
        with mock.patch.object(flow, "review", dies), pytest.raises(KeyboardInterrupt):
            review_tiers(db)
        assert len(rows(db, "SELECT 1 FROM tier_holding WHERE tier_id IS NULL")) == 1
        assert review_tiers(db) == 1
    assert len(rows(db, "SELECT 1 FROM tier_change WHERE reason = 'ended'")) == 2


def test_two_jobs_at_once_end_each_tier_once(db: Database, fan: Fan) -> None:
    give(db, fan, 20)
    give(db, marc(db), 20)
    with at(END_2027):
        jobs = [threading.Thread(target=review_tiers, args=(db,)) for _ in range(4)]
        for job in jobs:
            job.start()
        for job in jobs:
            job.join()
    assert len(rows(db, "SELECT 1 FROM tier_change WHERE reason = 'ended'")) == 2


def test_what_is_taken_back_takes_the_tier_it_had_reached(db: Database, fan: Fan) -> None:
    earn(db, [chat(number) for number in range(1, 5)], source="test")
    assert tier_of(db, fan.id)[0] == "gold"
    withdraw(db, [WithdrawnFact(act_key=chat(1).act_key)], source="test")
    assert tier_of(db, fan.id) == ("silver", END_2027)
    assert history(db, fan.id)[-1] == ("gold", "silver", "withdrawn")


def test_what_is_taken_back_of_another_year_takes_no_tier(db: Database, fan: Fan) -> None:
    earn(db, [chat(1), chat(2)], source="test")
    with at(datetime(2027, 2, 1, tzinfo=UTC)):
        later = chat(9, happened_at=datetime(2027, 1, 20, tzinfo=UTC))
        earn(db, [later], source="test")
        withdraw(db, [WithdrawnFact(act_key=later.act_key)], source="test")
        assert tier_of(db, fan.id) == ("silver", END_2027)
        withdraw(db, [WithdrawnFact(act_key=chat(1).act_key)], source="test")
        assert tier_of(db, fan.id) == (None, None), "it counts in the year of the act, not in that of the reversal"


def test_what_staff_took_before_is_not_taken_back_again(db: Database, fan: Fan) -> None:
    earn(db, [chat(1), chat(2)], source="test")
    give(db, fan, -15)
    withdraw(db, [WithdrawnFact(act_key=chat(1).act_key)], source="test")
    assert rows(db, "SELECT status FROM holder WHERE status <> 0") == []
    assert adds_up(db)


def test_staff_take_from_the_latest_year_first(db: Database, fan: Fan) -> None:
    give(db, fan, 20)
    with at(datetime(2027, 2, 1, tzinfo=UTC)):
        give(db, fan, 10)
        give(db, fan, -12)
        assert rows(db, "SELECT points FROM status_year ORDER BY ends_at") == [(18,), (0,)]
        assert tier_of(db, fan.id) == (None, None)


def test_a_merger_keeps_the_better_promise_and_adds_what_both_earned(db: Database, fan: Fan) -> None:
    other = marc(db)
    give(db, fan, 15)
    give(db, other, 25)
    merge_fans(db, source_id=other.id, target_id=fan.id, kept=Kept(), reason="same", actor=ODILE)
    assert tier_of(db, fan.id) == ("gold", END_2027)
    assert tier_of(db, other.id) == (None, None)
    assert history(db, other.id)[-1] == ("silver", None, "merged")
    assert history(db, fan.id) == [(None, "gold", "merged")]


def test_a_promise_to_the_one_is_kept_for_the_other(db: Database, fan: Fan) -> None:
    other = marc(db)
    give(db, other, 40)
    with at(datetime(2027, 5, 1, tzinfo=UTC)):
        give(db, fan, 20)
        merge_fans(db, source_id=other.id, target_id=fan.id, kept=Kept(), reason="same", actor=ODILE)
        assert tier_of(db, fan.id) == ("gold", END_2027)
    with at(END_2027):
        review_tiers(db)
        assert tier_of(db, fan.id) == ("silver", END_2028), "years stayed apart"


def test_a_linked_account_brings_its_tier(db: Database, fan: Fan) -> None:
    earn(db, [chat(number, actor="tw-other") for number in (1, 2)], source="test")
    link(db, fan_id=fan.id, network="twitch", external_id="tw-other", actor=ODILE)
    assert tier_of(db, fan.id) == ("silver", END_2027)


def test_an_erased_fans_tier_is_a_figure_of_nobody(db: Database, fan: Fan) -> None:
    give(db, fan, 20)
    erase_fan(db, fan_id=fan.id, actor="test")
    with at(END_2027):
        assert review_tiers(db) == 1


def test_a_lower_threshold_raises_by_the_job_and_a_higher_takes_nothing(db: Database, fan: Fan) -> None:
    give(db, fan, 30)
    change_tier(db, slug="gold", said={"threshold": 30}, actor=ODILE, reason="too steep")
    assert tier_of(db, fan.id)[0] == "silver"
    assert (review_tiers(db), review_tiers(db)) == (1, 0)
    assert history(db, fan.id)[-1] == ("silver", "gold", "ladder")
    change_tier(db, slug="gold", said={"threshold": 100}, actor=ODILE, reason="too flat")
    assert review_tiers(db) == 0
    assert tier_of(db, fan.id) == ("gold", END_2027)


def test_a_ladder_changed_while_the_job_runs_is_gone_through_again(db: Database, fan: Fan) -> None:
    give(db, fan, 30)
    change_tier(db, slug="gold", said={"threshold": 35}, actor=ODILE, reason="one")
    seen = db.read(unapplied)
    with at(MORNING + timedelta(hours=7)):
        change_tier(db, slug="gold", said={"threshold": 30}, actor=ODILE, reason="two")
        db.write(lambda session: applied(session, seen))  # a job that began before ends now
        assert review_tiers(db) == 1
    assert tier_of(db, fan.id)[0] == "gold"


def test_an_archived_tier_is_kept_to_its_date(db: Database, fan: Fan) -> None:
    give(db, fan, 40)
    archive_tier(db, slug="gold", actor=ODILE, reason="over")
    assert review_tiers(db) == 0
    assert tier_of(db, fan.id) == ("gold", END_2027)
    with pytest.raises(NotFound):
        archive_tier(db, slug="gold", actor=ODILE, reason="again")


def test_before_the_station_is_set_up_there_is_nothing_to_do(db: Database) -> None:
    assert review_tiers(db) == 0
