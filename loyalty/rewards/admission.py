"""May this fan have this reward now? Windows, the tier it takes, and the limit per fan, each refusal with its why."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlmodel import Session

from loyalty.ids import bucket_of
from loyalty.rewards.find import is_visible
from loyalty.rewards.refusals import (
    LimitReached,
    LimitReachedForGood,
    NoLongerRedeemable,
    NotRedeemableYet,
    RewardNotFound,
    TierNeeded,
)
from loyalty.rewards.tables import Redemption, Reward
from loyalty.tiers import find as tiers
from loyalty.tiers.tables import Tier

_redemption = Redemption.__table__  # type: ignore[attr-defined]


def refuse_outside_windows(reward: Reward, *, now: datetime, zone: ZoneInfo) -> None:
    """Let pass a reward that is visible and can be had now.

    Args:
        zone: in which a refusal says its dates.

    Raises:
        RewardNotFound: it is not in the catalogue.
        NotRedeemableYet
        NoLongerRedeemable
    """
    if not is_visible(reward, now):
        raise RewardNotFound(slug=reward.slug)
    if reward.redeemable_from is not None and now < reward.redeemable_from:
        raise NotRedeemableYet(from_at=reward.redeemable_from.astimezone(zone))
    if reward.redeemable_to is not None and reward.redeemable_to <= now:
        raise NoLongerRedeemable(until_at=reward.redeemable_to.astimezone(zone))


def refuse_below_tier(session: Session, reward: Reward, *, holder_id: int, now: datetime) -> None:
    """Let pass a fan who has the reward's tier, or a higher one.

    Raises:
        TierNeeded
    """
    if reward.min_tier_id is None:
        return
    least = session.get_one(Tier, reward.min_tier_id)
    if tiers.threshold_of(session, holder_id, now=now) < least.threshold:
        raise TierNeeded(tier_fr=least.name_fr, tier_en=least.name_en)


def refuse_beyond_limit(session: Session, reward: Reward, *, holder_id: int, now: datetime, zone: ZoneInfo) -> None:
    """Let pass a fan below the reward's limit per fan; cancelled redemptions do not count.

    The period slides: "2 in 7 days" looks back 7 times 24 hours. The holder's bucket must be locked, or two
    redemptions at once would both pass.

    Raises:
        LimitReached: with the instant the oldest that counts stops counting, if it ever does.
    """
    limit, days = reward.per_fan_limit, reward.per_fan_limit_days
    if limit is None:
        return
    counted = sa.select(_redemption.c.created_at).where(
        _redemption.c.holder_id == holder_id,
        _redemption.c.bucket == bucket_of(holder_id),
        _redemption.c.reward_id == reward.id,
        _redemption.c.cancelled_at.is_(None),
    )
    if days is not None:
        counted = counted.where(_redemption.c.created_at > now - timedelta(days=days))
    latest = session.scalars(counted.order_by(_redemption.c.created_at.desc()).limit(limit)).all()
    if len(latest) < limit:
        return
    if days is None:
        raise LimitReachedForGood(count=limit)
    next_at = latest[-1] + timedelta(days=days)
    raise LimitReached(count=limit, days=days, next_at=next_at.astimezone(zone))
