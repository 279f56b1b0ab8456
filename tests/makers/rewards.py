"""Rewards with stock, and fans who can afford them."""

from typing import Any

from sqlmodel import Session

from loyalty import clock, ids
from loyalty.clock import NEVER
from loyalty.db import Database
from loyalty.flows import manage_rewards, move_stock
from loyalty.ledger import post
from loyalty.rewards import stock
from loyalty.rewards.schema import RewardSchema
from loyalty.rewards.tables import Reward
from tests.cast import ODILE
from tests.makers.partners import known_partner


def coffee(
    db: Database, *, units: int = 10, slug: str = "coffee", partner: str = "cafe-lumiere", **said: Any
) -> Reward:
    """A coffee at the Cafe Lumiere for 100 points, unless said otherwise."""
    known_partner(db, partner)
    whole = {
        "slug": slug,
        "name_fr": "Un café",
        "name_en": "A coffee",
        "cost_points": 100,
        "partner": partner,
        **said,
    }
    reward = manage_rewards.create_reward(db, RewardSchema().load(whole), actor=ODILE)
    if units:
        receive(db, units, slug=slug)
    return reward


def receive(db: Database, units: int, *, slug: str = "coffee") -> int:
    """More stock; returns its lot."""
    moved = move_stock.receive(
        db, reward_slug=slug, quantity=units, donor="Torréfaction Lumière", actor=ODILE, reason="livraison"
    )
    assert moved.lot is not None
    return moved.lot.id


def left(db: Database, reward: Reward) -> int:
    """Units left."""
    assert reward.id is not None
    reward_id = reward.id
    return db.read(lambda session: stock.left(session, reward_id))


def give_points(db: Database, fan_id: int, points: int) -> None:
    """Points out of nowhere, that never expire."""

    def steps(session: Session) -> None:
        award = post.Award(
            holder_id=fan_id,
            unit="points",
            amount=points,
            cause="activity",
            cause_id=ids.new(),
            effective_at=clock.now(),
            expires_at=NEVER,
            rule_revision_id=1,
        )
        post.award(session, post.lock(session, [fan_id]), [award])

    db.write(steps)


def balance(db: Database, fan_id: int) -> int:
    """The points a fan has."""
    return db.read(lambda session: post.lock(session, [fan_id])[fan_id].balance)
