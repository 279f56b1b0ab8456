"""Tiers are added to the ladder, changed and archived here; who stands where is for `review` to say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, select

from loyalty import clock
from loyalty.tiers.refusals import ThresholdTaken, TierExists, TierNotFound
from loyalty.tiers.tables import Tier

CHANGEABLE = ("name_fr", "name_en", "perks_fr", "perks_en", "threshold")


def add(session: Session, said: Mapping[str, Any]) -> Tier:
    """Add a tier.

    Args:
        said: as `TierSchema` loads it.

    Raises:
        TierExists
        ThresholdTaken
    """
    if session.exec(select(Tier.id).where(Tier.slug == said["slug"])).one_or_none() is not None:
        raise TierExists(slug=said["slug"])
    tier = Tier(**said, created_at=clock.now())
    _write(session, tier)
    return tier


def hold(session: Session, slug: str) -> Tier:
    """A tier that is on the ladder, locked until the transaction ends.

    Raises:
        TierNotFound
    """
    tier = session.exec(select(Tier).where(Tier.slug == slug)).one_or_none()
    if tier is None:
        raise TierNotFound(slug=slug)
    session.refresh(tier, with_for_update={"key_share": True})
    if tier.archived_at is not None:
        raise TierNotFound(slug=slug)
    return tier


def change(session: Session, tier: Tier, said: Mapping[str, Any]) -> None:
    """Change what is said about a held tier.

    Raises:
        ThresholdTaken
    """
    if said.get("threshold", tier.threshold) != tier.threshold:
        tier.version += 1
    for name, value in said.items():
        assert name in CHANGEABLE, "checked where it came in"
        setattr(tier, name, value)
    _write(session, tier)


def archive(session: Session, tier: Tier) -> None:
    """Give a held tier to nobody any more; who has it keeps it to the promised date."""
    tier.archived_at = clock.now()
    tier.version += 1
    _write(session, tier)


def described(tier: Tier) -> dict[str, Any]:
    """A tier as plain JSON, for the audit trail."""
    return {name: getattr(tier, name) for name in ("slug", *CHANGEABLE)}


def _write(session: Session, tier: Tier) -> None:
    try:
        with session.begin_nested():
            session.add(tier)
    except IntegrityError:
        raise ThresholdTaken(threshold=tier.threshold) from None
