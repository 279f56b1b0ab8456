"""The catalogue."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlmodel import select

from loyalty import clock
from loyalty.db import Database
from loyalty.errors import Invalid
from loyalty.flows.manage_rewards import archive_reward, change_reward, create_reward
from loyalty.partners.refusals import PartnerNotFound
from loyalty.rewards import find
from loyalty.rewards.refusals import RewardExists, RewardNotFound
from loyalty.rewards.schema import RewardChangeSchema
from loyalty.staff.tables import AuditRecord
from tests.cast import MORNING, ODILE, open_station
from tests.makers.rewards import coffee

HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def monday_morning(db: Database) -> Iterator[None]:
    open_station(db)
    with clock.running_on(clock.stopped_at(MORNING)):
        yield


def audited(db: Database, action: str) -> list[AuditRecord]:
    chosen = select(AuditRecord).where(AuditRecord.action == action)
    return list(db.read(lambda session: session.exec(chosen).all()))


def test_a_reward_is_made_once(db: Database) -> None:
    reward = coffee(db, units=0)
    assert (reward.valid_days, reward.max_uses, reward.per_fan_limit) == (30, 1, None)
    with pytest.raises(RewardExists):
        coffee(db, units=0)
    assert [each.slug for each in db.read(find.rewards)] == ["coffee"]


def test_a_reward_needs_a_partner(db: Database) -> None:
    coffee(db, units=0)
    with pytest.raises(PartnerNotFound):
        create_reward(
            db,
            {"slug": "tea", "name_fr": "Thé", "name_en": "Tea", "cost_points": 1, "partner": "nobody"},
            actor=ODILE,
        )


def test_a_change_leaves_the_rest_and_a_trace(db: Database) -> None:
    coffee(db, units=0, visible_from="2026-11-01T00:00:00+01:00")
    said = RewardChangeSchema().load({"cost_points": 120})
    changed = change_reward(db, slug="coffee", said=said, actor=ODILE)
    assert (changed.cost_points, changed.name_fr) == (120, "Un café")
    change_reward(db, slug="coffee", said=said, actor=ODILE)
    (record,) = audited(db, "reward.changed")
    assert record.before is not None
    assert record.after is not None
    assert (record.before["cost_points"], record.after["cost_points"]) == (100, 120)


def test_a_window_never_closes_before_it_opens(db: Database) -> None:
    coffee(db, units=0, visible_from="2026-11-20T00:00:00+01:00")
    said = RewardChangeSchema().load({"visible_to": "2026-11-19T00:00:00+01:00"})
    with pytest.raises(Invalid) as refused:
        change_reward(db, slug="coffee", said=said, actor=ODILE)
    assert set(refused.value.errors) == {"visible_to"}
    assert db.read(lambda session: find.reward(session, "coffee")).visible_to is None


def test_a_period_needs_a_limit(db: Database) -> None:
    with pytest.raises(Invalid):
        coffee(db, units=0, per_fan_limit_days=7)


def test_an_archived_reward_leaves_the_catalogue(db: Database) -> None:
    coffee(db)
    archive_reward(db, slug="coffee", actor=ODILE, reason="fin de saison")
    archive_reward(db, slug="coffee", actor=ODILE, reason="fin de saison")
    assert len(audited(db, "reward.archived")) == 1
    assert db.read(lambda session: find.catalogue(session, now=MORNING)) == []
    with pytest.raises(RewardNotFound):
        db.read(lambda session: find.offer(session, "coffee", now=MORNING))


def test_the_catalogue_says_what_is_left_and_what_is_missing(db: Database) -> None:
    coffee(db, units=3)
    coffee(db, slug="lunch", cost_points=1500, units=0)
    offers = db.read(lambda session: find.catalogue(session, now=MORNING, balance=100))
    assert [(each.reward.slug, each.left, each.missing) for each in offers] == [
        ("coffee", 3, 0),
        ("lunch", 0, 1400),
    ]
    rest = db.read(lambda session: find.catalogue(session, now=MORNING, after_id=offers[0].reward.id or 0))
    assert [each.reward.slug for each in rest] == ["lunch"]


@pytest.mark.parametrize(("hours", "seen"), [(-1, False), (0, True), (1.99, True), (2, False)])
def test_a_reward_is_seen_within_its_window(db: Database, hours: float, seen: bool) -> None:
    coffee(db, visible_from=MORNING.isoformat(), visible_to=(MORNING + 2 * HOUR).isoformat())
    at = MORNING + hours * HOUR
    assert bool(db.read(lambda session: find.catalogue(session, now=at))) is seen
    assert find.is_visible(db.read(lambda session: find.reward(session, "coffee")), at) is seen


def test_an_offer_says_when_it_opens(db: Database) -> None:
    opens = MORNING + HOUR
    coffee(db, redeemable_from=opens.isoformat(), redeemable_to=(opens + HOUR).isoformat())

    def at(hours: float) -> tuple[bool, object]:
        offer = db.read(lambda session: find.offer(session, "coffee", now=MORNING + hours * HOUR))
        return offer.open, offer.opens_at

    assert [at(hours) for hours in (0, 1, 2)] == [(False, opens), (True, None), (False, None)]
