"""Rewards are made, changed and archived here."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from loyalty import clock
from loyalty.errors import Invalid
from loyalty.partners import find as partners
from loyalty.rewards import find
from loyalty.rewards.refusals import RewardExists
from loyalty.rewards.tables import Reward
from loyalty.tiers import find as tiers

_WINDOWS = (("visible_from", "visible_to"), ("redeemable_from", "redeemable_to"))


def create(session: Session, said: Mapping[str, Any]) -> Reward:
    """Make a reward.

    Args:
        said: as `RewardSchema` loads it.

    Raises:
        RewardExists: another one has its slug.
        PartnerNotFound, TierNotFound
        Invalid: a window closes before it opens, or a period has no limit.
    """
    reward = Reward(**_columns(session, said), created_at=clock.now())
    _refuse_contradictions(reward)
    try:
        with session.begin_nested():
            session.add(reward)
    except IntegrityError:
        raise RewardExists(slug=reward.slug) from None
    return reward


def hold(session: Session, slug: str) -> Reward:
    """The reward called `slug`, locked until the transaction ends: what is changed is what was read.

    Raises:
        RewardNotFound
    """
    reward = find.reward(session, slug)
    session.refresh(reward, with_for_update={"key_share": True})
    return reward


def change(session: Session, reward: Reward, said: Mapping[str, Any]) -> None:
    """Change what is said about a held reward; vouchers already issued keep their terms.

    Args:
        said: as `RewardChangeSchema` loads it.

    Raises:
        PartnerNotFound, TierNotFound
        Invalid: a window closes before it opens, or a period has no limit.
    """
    for name, value in _columns(session, said).items():
        setattr(reward, name, value)
    _refuse_contradictions(reward)
    session.flush()


def archive(session: Session, reward: Reward) -> bool:
    """Take a held reward out of the catalogue for good; says whether it was in it."""
    if reward.archived_at is not None:
        return False
    reward.archived_at = clock.now()
    session.flush()
    return True


def described(reward: Reward) -> dict[str, Any]:
    """A reward as plain JSON, for the audit trail."""
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in reward.model_dump(exclude={"id", "created_at"}).items()
        if value is not None
    }


def _columns(session: Session, said: Mapping[str, Any]) -> dict[str, Any]:
    columns = {name: value for name, value in said.items() if name not in ("partner", "min_tier")}
    if "min_tier" in said:
        columns["min_tier_id"] = None if said["min_tier"] is None else tiers.tier(session, said["min_tier"]).id
    if "partner" in said:
        columns["partner_id"] = partners.partner(session, said["partner"]).id
    return columns


def _refuse_contradictions(reward: Reward) -> None:
    errors = {}
    for opens, closes in _WINDOWS:
        begins, ends = getattr(reward, opens), getattr(reward, closes)
        if begins is not None and ends is not None and begins >= ends:
            errors[closes] = [f"Must be later than {opens}."]
    if reward.per_fan_limit_days is not None and reward.per_fan_limit is None:
        errors["per_fan_limit_days"] = ["Needs per_fan_limit."]
    if errors:
        raise Invalid(errors)
