"""Whose tier time, or a change of the ladder, has something to say about."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session

from loyalty.ledger.tables import Bucket, StatusYear
from loyalty.tiers.tables import Tier, TierHolding

_tier = Tier.__table__  # type: ignore[attr-defined]
_holding = TierHolding.__table__  # type: ignore[attr-defined]
_bucket = Bucket.__table__  # type: ignore[attr-defined]
_year = StatusYear.__table__  # type: ignore[attr-defined]


def ended_buckets(session: Session, at: datetime) -> list[int]:
    """The buckets in which a tier's date has come."""
    return sorted(
        session.execute(sa.select(_holding.c.bucket).where(_holding.c.holds_until <= at).distinct()).scalars()
    )


def ended(session: Session, bucket: int, *, at: datetime, limit: int) -> list[int]:
    """The holders of a locked bucket whose tier's date has come."""
    chosen = sa.select(_holding.c.holder_id).where(_holding.c.bucket == bucket, _holding.c.holds_until <= at)
    return list(session.execute(chosen.order_by(_holding.c.holder_id).limit(limit)).scalars())


def every_bucket(session: Session) -> list[int]:
    """All buckets."""
    return list(session.execute(sa.select(_bucket.c.id).order_by(_bucket.c.id)).scalars())


def unapplied(session: Session) -> dict[int, int]:
    """The tiers that changed since everybody was reviewed, with their version."""
    chosen = sa.select(_tier.c.id, _tier.c.version).where(_tier.c.applied < _tier.c.version)
    return {row.id: row.version for row in session.execute(chosen)}


def applied(session: Session, versions: Mapping[int, int]) -> None:
    """Note that everybody was reviewed for these versions; a change that came meanwhile is still to be."""
    for tier_id, version in sorted(versions.items()):
        session.execute(sa.update(_tier).where(_tier.c.id == tier_id).values(applied=version))


def with_status(session: Session, bucket: int, *, after_id: int, limit: int) -> list[int]:
    """The holders of a locked bucket who ever earned status points, from one number on."""
    chosen = sa.select(_year.c.holder_id).where(_year.c.bucket == bucket, _year.c.holder_id > after_id).distinct()
    return list(session.execute(chosen.order_by(_year.c.holder_id).limit(limit)).scalars())
