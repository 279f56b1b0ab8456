"""Where a holder stands on the ladder, what is next, and how that came to be: to be looked at."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from loyalty import bulk
from loyalty.ids import bucket_of
from loyalty.ledger import find as ledger
from loyalty.ledger.find import Balance
from loyalty.ledger.tables import StatusYear
from loyalty.programme.find import TheProgramme
from loyalty.tiers.decide import counted
from loyalty.tiers.refusals import TierNotFound
from loyalty.tiers.review import years_of
from loyalty.tiers.tables import Tier, TierChange, TierHolding

_tier = Tier.__table__  # type: ignore[attr-defined]
_change = TierChange.__table__  # type: ignore[attr-defined]
_holding = TierHolding.__table__  # type: ignore[attr-defined]
_year = StatusYear.__table__  # type: ignore[attr-defined]

_THRESHOLD = (
    sa.select(_tier.c.threshold)
    .join(_holding, _holding.c.tier_id == _tier.c.id)
    .where(
        _holding.c.holder_id == sa.bindparam("holder"),
        _holding.c.bucket == sa.bindparam("bucket"),
        _holding.c.holds_until > sa.bindparam("now"),
    )
)
_FIGURES_AND_THRESHOLD = ledger.FIGURES.add_columns(_THRESHOLD.scalar_subquery().label("threshold"))

_SAID = ("holder_id", "number", "reason", "points", "threshold", "year_starts_at", "year_ends_at", "holds_until", "at")


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where one holder stands.

    Attributes:
        tier: None: on no step yet.
        holds_until: until when it is promised, that instant not included.
        points: status points earned in the year that ends at `year_ends_at`.
        next: the tier above, None at the top.
    """

    tier: Tier | None
    holds_until: datetime | None
    points: int
    year_ends_at: datetime
    next: Tier | None

    @property
    def to_next(self) -> int:
        """The status points still to earn this year for the next tier."""
        return max(0, self.next.threshold - self.points) if self.next else 0

    @property
    def to_keep(self) -> int:
        """The status points still to earn this year to keep the tier beyond its date; 0: nothing this year."""
        if self.tier is None or self.holds_until is None or self.holds_until > self.year_ends_at:
            return 0
        return max(0, self.tier.threshold - self.points)


def open_ladder(session: Session) -> list[Tier]:
    """The tiers that can be reached, the lowest first."""
    return list(session.exec(select(Tier).where(col(Tier.archived_at).is_(None)).order_by(col(Tier.threshold))))


def every_tier(session: Session) -> list[Tier]:
    """Every tier ever, the lowest first."""
    return list(session.exec(select(Tier).order_by(col(Tier.threshold), col(Tier.id))))


def tier(session: Session, slug: str) -> Tier:
    """One tier, also when archived.

    Raises:
        TierNotFound
    """
    found = session.exec(select(Tier).where(Tier.slug == slug)).one_or_none()
    if found is None:
        raise TierNotFound(slug=slug)
    return found


def standing(session: Session, holder_id: int, *, programme: TheProgramme, now: datetime) -> Standing:
    """Where a holder stands."""
    tiers, bucket = every_tier(session), bucket_of(holder_id)
    row = session.execute(
        sa.select(_holding.c.tier_id, _holding.c.holds_until).where(
            _holding.c.holder_id == holder_id, _holding.c.bucket == bucket
        )
    ).one_or_none()
    earned = session.execute(
        sa.select(_year.c.ends_at, _year.c.points).where(_year.c.holder_id == holder_id, _year.c.bucket == bucket)
    )
    years = years_of(programme, now)
    has = next((each for each in tiers if row is not None and each.id == row.tier_id), None)
    above = [each for each in tiers if each.archived_at is None and (has is None or each.threshold > has.threshold)]
    return Standing(
        tier=has,
        holds_until=row.holds_until if row else None,
        points=counted({each.ends_at: each.points for each in earned}, years.last, years.this),
        year_ends_at=years.this,
        next=above[0] if above else None,
    )


def tier_of(session: Session, holder_id: int) -> str | None:
    """The slug of a holder's tier."""
    has = sa.select(_tier.c.slug).join(_holding, _holding.c.tier_id == _tier.c.id)
    mine = has.where(_holding.c.holder_id == holder_id, _holding.c.bucket == bucket_of(holder_id))
    return session.execute(mine).scalar_one_or_none()


def threshold_of(session: Session, holder_id: int, *, now: datetime) -> int:
    """What a holder's tier takes: comparable with any other; 0 without one, also when its date has just come."""
    where = {"holder": holder_id, "bucket": bucket_of(holder_id), "now": now}
    return session.execute(_THRESHOLD, where).scalar_one_or_none() or 0


def balance_and_threshold(session: Session, holder_id: int, *, now: datetime) -> tuple[Balance, int]:
    """What decides which rewards a holder can have, in one statement: the balance, and `threshold_of`."""
    where = {"holder": holder_id, "bucket": bucket_of(holder_id), "now": now}
    rows = session.execute(_FIGURES_AND_THRESHOLD, where).all()
    return ledger.balance_of(session, holder_id, rows), (rows[0].threshold or 0) if rows else 0


def changes(session: Session, holder_ids: Iterable[int], *, limit: int) -> list[Any]:
    """How the tiers of holders changed, the latest first: `from_tier` and `to_tier` by slug, None for no tier."""
    holder_ids, left, came = list(holder_ids), _tier.alias("left_tier"), _tier.alias("new_tier")
    said = [_change.c[name] for name in _SAID]
    chosen = (
        sa.select(left.c.slug.label("from_tier"), came.c.slug.label("to_tier"), *said)
        .select_from(
            _change.outerjoin(left, left.c.id == _change.c.from_tier_id).outerjoin(
                came, came.c.id == _change.c.to_tier_id
            )
        )
        .where(
            bulk.one_of(session, _change.c.holder_id, holder_ids),
            bulk.of_holders(session, _change.c.bucket, holder_ids),
        )
    )
    latest = chosen.order_by(_change.c.at.desc(), _change.c.holder_id.desc(), _change.c.number.desc()).limit(limit)
    return list(session.execute(latest))


def how_many(session: Session) -> dict[int, int]:
    """How many holders have each tier now, by its number."""
    counted_by_tier = sa.select(_holding.c.tier_id, sa.func.count()).where(_holding.c.tier_id.is_not(None))
    return {tier_id: int(many) for tier_id, many in session.execute(counted_by_tier.group_by(_holding.c.tier_id))}
