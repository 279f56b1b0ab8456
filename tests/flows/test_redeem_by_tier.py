"""A reward for a tier is for those who have it, or a higher one, to the last instant of what they were promised."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from loyalty import clock, ids
from loyalty.db import Database
from loyalty.fans.tables import Fan
from loyalty.flows.adjust import adjust_points
from loyalty.flows.manage_rewards import change_reward
from loyalty.flows.manage_tiers import archive_tier
from loyalty.flows.redeem import redeem
from loyalty.rewards import find
from loyalty.rewards.refusals import TierNeeded
from loyalty.tiers import find as tiers
from loyalty.tiers.refusals import TierNotFound
from tests.cast import MORNING, ODILE, ines, open_station
from tests.makers.proof import adds_up
from tests.makers.rewards import coffee
from tests.makers.tiers import ladder

END_2027 = datetime(2027, 12, 31, 23, 0, tzinfo=UTC)


def give(db: Database, fan: Fan, amount: int, unit: str) -> None:
    adjust_points(db, fan_id=fan.id, amount=amount, unit=unit, reason="test", actor=ODILE, key=ids.new())


@pytest.fixture
def fan(db: Database) -> Iterator[Fan]:
    """Ines, with points enough for a coffee that is for silver and above."""
    with clock.running_on(clock.stopped_at(MORNING)):
        open_station(db)
        ladder(db, bronze=10, silver=20, gold=40)
        coffee(db)
        change_reward(db, slug="coffee", said={"min_tier": "silver"}, actor=ODILE)
        fan = ines(db)
        give(db, fan, 1_000, "points")
        yield fan
    assert adds_up(db)


@pytest.mark.parametrize("status", [0, 19])
def test_whoever_stands_lower_is_told_and_pays_nothing(db: Database, fan: Fan, status: int) -> None:
    if status:
        give(db, fan, status, "status")
    with pytest.raises(TierNeeded) as refused:
        redeem(db, fan_id=fan.id, reward_slug="coffee")
    assert "niveau Silver" in refused.value.say("fr")


def test_what_is_to_be_had_says_what_its_tier_takes(db: Database, fan: Fan) -> None:
    assert [each.threshold for each in db.read(lambda session: find.to_be_had(session, now=MORNING))] == [20]
    give(db, fan, 20, "status")
    has, threshold = db.read(lambda session: tiers.balance_and_threshold(session, fan.id, now=MORNING))
    assert (has.points, has.status_points, threshold) == (1_000, 20, 20)
    with clock.running_on(clock.stopped_at(END_2027)):
        assert db.read(lambda session: tiers.balance_and_threshold(session, fan.id, now=END_2027))[1] == 0


@pytest.mark.parametrize("status", [20, 40])
def test_whoever_has_the_tier_or_a_higher_one_gets_it(db: Database, fan: Fan, status: int) -> None:
    give(db, fan, status, "status")
    assert redeem(db, fan_id=fan.id, reward_slug="coffee").balance < 1_000


def test_what_was_promised_is_good_to_the_last_instant(db: Database, fan: Fan) -> None:
    give(db, fan, 20, "status")
    with clock.running_on(clock.stopped_at(END_2027 - timedelta(seconds=1))):
        redeem(db, fan_id=fan.id, reward_slug="coffee")
    with clock.running_on(clock.stopped_at(END_2027)), pytest.raises(TierNeeded):
        redeem(db, fan_id=fan.id, reward_slug="coffee")


def test_a_reward_is_for_a_tier_of_the_ladder(db: Database, fan: Fan) -> None:
    with pytest.raises(TierNotFound):
        change_reward(db, slug="coffee", said={"min_tier": "platinum"}, actor=ODILE)
    archive_tier(db, slug="silver", actor=ODILE, reason="over")
    give(db, fan, 40, "status")
    redeem(db, fan_id=fan.id, reward_slug="coffee")
    change_reward(db, slug="coffee", said={"min_tier": None}, actor=ODILE)
    assert db.read(lambda session: find.reward(session, "coffee")).min_tier_id is None
