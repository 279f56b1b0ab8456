"""Brings the tiers of locked holders in line with what they earned: set by set, a change only where there is one."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session

from loyalty import bulk
from loyalty.ids import bucket_of
from loyalty.ledger.tables import StatusYear
from loyalty.programme.find import TheProgramme
from loyalty.tiers.decide import Change, Claim, Step, Years, decide
from loyalty.tiers.tables import Tier, TierChange, TierHolding

_tier = Tier.__table__  # type: ignore[attr-defined]
_change = TierChange.__table__  # type: ignore[attr-defined]
_holding = TierHolding.__table__  # type: ignore[attr-defined]
_year = StatusYear.__table__  # type: ignore[attr-defined]

_LADDER = sa.select(_tier.c.id, _tier.c.threshold, _tier.c.archived_at.is_(None).label("is_open"))
_CHANGE_COLUMNS = (
    "holder_id",
    "number",
    "bucket",
    "from_tier_id",
    "to_tier_id",
    "reason",
    "points",
    "threshold",
    "year_starts_at",
    "year_ends_at",
    "holds_until",
    "at",
)


def review(
    session: Session,
    holder_ids: Collection[int],
    *,
    programme: TheProgramme,
    now: datetime,
    inherited: Mapping[int, Claim] | None = None,
    why: str | None = None,
) -> int:
    """Give each of these locked holders the tier that is theirs now.

    Args:
        holder_ids: of whom the status points, the promise or the ladder changed; none costs nothing.
        inherited: what was promised to others who turned out to be one of them.
        why: the reason of every change, where it is not for the figures to tell.

    Returns:
        how many changed.
    """
    if not holder_ids:
        return 0
    steps = ladder(session)
    if not steps:
        return 0
    years = years_of(programme, now)
    earned, had = _earned(session, holder_ids), held(session, holder_ids, steps)
    changes = {}
    for holder_id in sorted(holder_ids):
        number, claim = had.get(holder_id, (0, None))
        change = decide(
            list(steps.values()),
            claim,
            earned.get(holder_id, {}),
            years,
            now=now,
            one_step=programme.tier_one_step,
            inherited=(inherited or {}).get(holder_id),
            why=why,
        )
        if change is not None:
            changes[holder_id] = (number, claim, change)
    write(session, changes, now=now)
    return len(changes)


def years_of(programme: TheProgramme, now: datetime) -> Years:
    """The programme's years around an instant."""
    return Years.at(now, first_month=programme.tier_year_starts, zone=programme.zone)


def ladder(session: Session) -> dict[int, Step]:
    """Every tier by number, archived ones too."""
    return {row.id: Step(row.id, row.threshold, bool(row.is_open)) for row in session.execute(_LADDER)}


def held(session: Session, holder_ids: Collection[int], steps: Mapping[int, Step]) -> dict[int, tuple[int, Claim]]:
    """What holders have, as it was given to them, with the number of that change; who never had any is missing."""
    rows = session.execute(
        sa.select(_change)
        .join(
            _holding,
            sa.and_(
                _holding.c.holder_id == _change.c.holder_id,
                _holding.c.bucket == _change.c.bucket,
                _holding.c.number == _change.c.number,
            ),
        )
        .where(
            bulk.one_of(session, _holding.c.holder_id, holder_ids),
            bulk.of_holders(session, _holding.c.bucket, holder_ids),
            bulk.of_holders(session, _change.c.bucket, holder_ids),
        )
    )
    return {
        row.holder_id: (
            row.number,
            Claim(
                step=None if row.to_tier_id is None else steps[row.to_tier_id],
                holds_until=row.holds_until,
                year_starts_at=row.year_starts_at,
                year_ends_at=row.year_ends_at,
                points=row.points,
                threshold=row.threshold,
            ),
        )
        for row in rows
    }


def _earned(session: Session, holder_ids: Iterable[int]) -> dict[int, dict[datetime, int]]:
    holder_ids = list(holder_ids)
    rows = session.execute(
        sa.select(_year.c.holder_id, _year.c.ends_at, _year.c.points).where(
            bulk.one_of(session, _year.c.holder_id, holder_ids), bulk.of_holders(session, _year.c.bucket, holder_ids)
        )
    )
    earned: dict[int, dict[datetime, int]] = {}
    for holder_id, ends_at, points in rows:
        earned.setdefault(holder_id, {})[ends_at] = points
    return earned


def write(session: Session, changes: Mapping[int, tuple[int, Claim | None, Change]], *, now: datetime) -> None:
    """Write changes of locked holders, each with the number and the claim of the one before it."""
    rows: list[bulk.Row] = []
    new: list[bulk.Row] = []
    known: list[bulk.Row] = []
    for holder_id, (number, before, change) in changes.items():
        after, bucket = change.claim, bucket_of(holder_id)
        tier_id = after.step and after.step.id
        rows.append(
            (
                holder_id,
                number + 1,
                bucket,
                before and before.step and before.step.id,
                tier_id,
                change.reason,
                after.points,
                after.threshold,
                after.year_starts_at,
                after.year_ends_at,
                after.holds_until,
                now,
            )
        )
        (known if number else new).append((number + 1, tier_id, after.holds_until, holder_id, bucket))
    bulk.insert(session, _change, _CHANGE_COLUMNS, rows)
    columns = ("number", "tier_id", "holds_until", "holder_id", "bucket")
    bulk.insert(session, _holding, columns, new)
    bulk.update(session, _holding, known, keys=columns[3:], sets=columns[:3])
