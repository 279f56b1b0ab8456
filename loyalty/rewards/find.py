"""The catalogue and the stock, to be looked at."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from loyalty import bulk
from loyalty.ids import bucket_of
from loyalty.partners.tables import Partner
from loyalty.pictures.find import Shown, shown
from loyalty.rewards import stock
from loyalty.rewards.refusals import RedemptionNotFound, RewardNotFound
from loyalty.rewards.tables import Redemption, Reward, StockLot, StockMovement
from loyalty.tiers.tables import Tier


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """One reward as a fan sees it.

    Attributes:
        left: units in stock.
        missing: points the fan still has to earn for it; 0 when there are enough.
        opens_at: when it can be had, if that is still to come.
        open: whether it can be had now, stock and points apart.
        picture: what it looks like, if somebody has shown.
        min_tier: the lowest tier that may have it; None: anybody may.
        reserved: whether the fan who looks does not have that tier.
    """

    reward: Reward
    partner: Partner
    left: int
    missing: int
    open: bool
    opens_at: datetime | None
    picture: Shown | None = None
    min_tier: Tier | None = None
    reserved: bool = False


def catalogue(
    session: Session, *, now: datetime, balance: int = 0, threshold: int = 0, after_id: int = 0, limit: int = 100
) -> list[Offer]:
    """The rewards to be seen now, in the order they came, after the number `after_id`.

    Args:
        balance: the points the fan who looks can spend.
        threshold: what that fan's tier takes; 0: none.
    """
    chosen = (
        select(Reward, Partner)
        .join(Partner, col(Partner.id) == Reward.partner_id)
        .where(_visible(now), col(Reward.id) > after_id)
        .order_by(col(Reward.id))
        .limit(limit)
    )
    return _offers(session, session.exec(chosen).all(), now=now, balance=balance, threshold=threshold)


def to_be_had(session: Session, *, now: datetime) -> Sequence[Any]:
    """What can be had for points now: `slug`, names, `cost_points`, what its tier takes, the cheapest first."""
    return session.execute(_TO_BE_HAD, {"now": now}).all()


def offer(session: Session, slug: str, *, now: datetime, balance: int = 0, threshold: int = 0) -> Offer:
    """One reward of the catalogue as a fan sees it.

    Raises:
        RewardNotFound: there is none, or it is not to be seen now.
    """
    chosen = (
        select(Reward, Partner)
        .join(Partner, col(Partner.id) == Reward.partner_id)
        .where(_visible(now), Reward.slug == slug)
    )
    for found in _offers(session, session.exec(chosen).all(), now=now, balance=balance, threshold=threshold):
        return found
    raise RewardNotFound(slug=slug)


def reward(session: Session, slug: str) -> Reward:
    """The reward called `slug`, whether or not it is to be seen.

    Raises:
        RewardNotFound
    """
    found = session.exec(select(Reward).where(Reward.slug == slug)).one_or_none()
    if found is None:
        raise RewardNotFound(slug=slug)
    return found


def rewards(session: Session, *, after_id: int = 0, limit: int = 100) -> list[Reward]:
    """Every reward in the order they came, after the number `after_id`."""
    chosen = select(Reward).where(col(Reward.id) > after_id).order_by(col(Reward.id)).limit(limit)
    return list(session.exec(chosen))


def of_partner(session: Session, partner_id: int) -> list[Reward]:
    """The rewards that a partner hands out, without those archived."""
    chosen = select(Reward).where(Reward.partner_id == partner_id, col(Reward.archived_at).is_(None))
    return list(session.exec(chosen.order_by(col(Reward.id))))


def is_visible(reward: Reward, now: datetime) -> bool:
    """Whether a reward is in the catalogue now."""
    return (
        reward.archived_at is None
        and (reward.visible_from is None or reward.visible_from <= now)
        and (reward.visible_to is None or now < reward.visible_to)
    )


def redemption(session: Session, redemption_id: int, *, fan_id: int | None = None) -> Redemption:
    """One redemption.

    Args:
        fan_id: whose it must be; None: anybody's.

    Raises:
        RedemptionNotFound: there is none, or it is another fan's: both answer the same.
    """
    chosen = select(Redemption).where(Redemption.id == redemption_id)
    if fan_id is not None:
        chosen = chosen.where(Redemption.fan_id == fan_id, Redemption.bucket == bucket_of(fan_id))
    found = session.exec(chosen).one_or_none()
    if found is None:
        raise RedemptionNotFound
    return found


def names_of_redemptions(session: Session, redemption_ids: Iterable[int], *, fan_id: int) -> dict[int, dict[str, str]]:
    """What a fan got by these redemptions: the reward's name by language, by redemption."""
    rows = session.execute(
        sa.select(col(Redemption.id), col(Reward.name_fr), col(Reward.name_en))
        .join(Reward, col(Reward.id) == Redemption.reward_id)
        .where(bulk.one_of(session, col(Redemption.id), redemption_ids), col(Redemption.bucket) == bucket_of(fan_id))
    )
    return {redemption_id: {"fr": name_fr, "en": name_en} for redemption_id, name_fr, name_en in rows}


def stock_lots(session: Session, reward_id: int) -> list[StockLot]:
    """The stock lots of a reward, the oldest first."""
    chosen = select(StockLot).where(StockLot.reward_id == reward_id).order_by(col(StockLot.id))
    return list(session.exec(chosen))


def movements(
    session: Session, reward_id: int, *, below_id: int | None = None, limit: int = 100
) -> list[StockMovement]:
    """What staff did to the stock of a reward, the latest first, before the movement `below_id`."""
    chosen = select(StockMovement).where(StockMovement.reward_id == reward_id)
    if below_id is not None:
        chosen = chosen.where(col(StockMovement.id) < below_id)
    return list(session.exec(chosen.order_by(col(StockMovement.id).desc()).limit(limit)))


def _visible(now: Any) -> sa.ColumnElement[bool]:
    return sa.and_(col(Reward.archived_at).is_(None), _within(Reward.visible_from, Reward.visible_to, now))


def _within(first: Any, last: Any, now: Any) -> sa.ColumnElement[bool]:
    begins, ends = col(first), col(last)
    return sa.and_(sa.or_(begins.is_(None), begins <= now), sa.or_(ends.is_(None), ends > now))


_now: sa.BindParameter[datetime] = sa.bindparam("now")
_TO_BE_HAD = (
    sa.select(
        col(Reward.slug),
        col(Reward.name_fr),
        col(Reward.name_en),
        col(Reward.cost_points),
        sa.func.coalesce(col(Tier.threshold), 0).label("threshold"),
    )
    .outerjoin(Tier, col(Tier.id) == col(Reward.min_tier_id))
    .where(
        _visible(_now),
        _within(Reward.redeemable_from, Reward.redeemable_to, _now),
        stock.is_left(col(Reward.id)),
    )
    .order_by(col(Reward.cost_points), col(Reward.id))
)


def _offers(
    session: Session, found: Iterable[tuple[Reward, Partner]], *, now: datetime, balance: int, threshold: int
) -> list[Offer]:
    found = list(found)
    left = stock.left_of(session, [reward.id for reward, _ in found if reward.id is not None])
    pictures = shown(session, [reward.picture_id for reward, _ in found])
    least = {reward.min_tier_id for reward, _ in found if reward.min_tier_id is not None}
    tiers = {each: session.get_one(Tier, each) for each in sorted(least)}
    return [
        Offer(
            reward=reward,
            partner=partner,
            left=left.get(reward.id or 0, 0),
            missing=max(0, reward.cost_points - balance),
            open=(reward.redeemable_from is None or reward.redeemable_from <= now)
            and (reward.redeemable_to is None or now < reward.redeemable_to),
            opens_at=reward.redeemable_from
            if reward.redeemable_from is not None and reward.redeemable_from > now
            else None,
            picture=pictures.get(reward.picture_id or 0),
            min_tier=tiers.get(reward.min_tier_id or 0),
            reserved=reward.min_tier_id is not None and threshold < tiers[reward.min_tier_id].threshold,
        )
        for reward, partner in found
    ]
