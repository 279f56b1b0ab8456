"""Breakage: which share of the points that fans have will never be spent, judged by what became of earlier ones.

IFRS 15, B44 to B47, and ASC 606-10-55-46 to 55-49: where an entity expects that some rights are not exercised, it may
count on that share in proportion to the pattern of those that are; where it cannot tell, it counts on none until the
chance is remote.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlmodel import Session

from loyalty.ledger.journal import DEBT, ISSUED, MOVED
from loyalty.ledger.months import month_of, months_before
from loyalty.ledger.tables import Entry, Lot, LotUse

WHOLE = 10_000  # shares are in ten-thousandths
MONTHS = 12  # how far back lots are looked at that have expired
LEAST_MONTHS = 3  # with fewer, history is too short to say anything

_entry = Entry.__table__  # type: ignore[attr-defined]
_lot = Lot.__table__  # type: ignore[attr-defined]
_lot_use = LotUse.__table__  # type: ignore[attr-defined]
_NOT_A_USE = (ISSUED, MOVED, DEBT)  # taken back, gone to another holder, or pays for what was spent before


@dataclass(frozen=True, slots=True, kw_only=True)
class Breakage:
    """A share of the points outstanding, in ten-thousandths, with what it was told from.

    Attributes:
        least, expected, most: of the months looked at: the lowest, that of all their points together, the highest.
        months: how many months of expiry were looked at.
        expired, settled: of their points, those that expired unused, and those that expired or were spent.
        is_declared: history was too short, so the station's own figure stands, 0 where it gave none.
    """

    least: int
    expected: int
    most: int
    months: int
    expired: int
    settled: int
    is_declared: bool


def breakage(session: Session, *, now: datetime, zone: ZoneInfo, declared: int | None) -> Breakage:
    """What may be expected of the points that are outstanding.

    Args:
        declared: what the station expects as long as history is too short; None: nothing.
    """
    since = months_before(now, MONTHS, zone)
    expired, used = _expired(session, since, now), _used(session, since, now)
    months: dict[int, list[int]] = {}
    for at in expired.keys() | used.keys():
        month = months.setdefault(month_of(at, zone).number, [0, 0])
        month[0] += expired.get(at, 0)
        month[1] += expired.get(at, 0) + used.get(at, 0)
    known = [(gone, settled) for gone, settled in months.values() if settled > 0]
    gone, settled = (sum(each[part] for each in known) for part in (0, 1))
    told = {"months": len(known), "expired": gone, "settled": settled}
    if len(known) < LEAST_MONTHS:
        share = declared or 0
        return Breakage(least=share, expected=share, most=share, is_declared=True, **told)
    shares = [_share(*each) for each in known]
    return Breakage(least=min(shares), expected=_share(gone, settled), most=max(shares), is_declared=False, **told)


def expected_points(points: int, share: int) -> int:
    """How many of these points will be spent, if such a share is not."""
    return points - points * share // WHOLE


def _share(part: int, whole: int) -> int:
    return part * WHOLE // whole


def _expired(session: Session, since: datetime, now: datetime) -> dict[datetime, int]:
    """Points of lots that are over, by expiry: expired, or left and about to be swept."""
    gone = sa.func.sum(_lot.c.granted - _lot.c.used)
    chosen = sa.select(_lot.c.expires_at, gone).where(_lot.c.expires_at > since, _lot.c.expires_at <= now)
    return {at: int(points) for at, points in session.execute(chosen.group_by(_lot.c.expires_at))}


def _used(session: Session, since: datetime, now: datetime) -> dict[datetime, int]:
    """Points of the same lots that were spent, less those given back."""
    same = [_entry.c[name] == _lot_use.c[name] for name in ("holder_id", "leg", "bucket")]
    chosen = (
        sa.select(_lot_use.c.expires_at, sa.func.sum(_lot_use.c.amount))
        .join(_entry, sa.and_(_entry.c.id == _lot_use.c.entry_id, *same))
        .where(
            _lot_use.c.expires_at > since,
            _lot_use.c.expires_at <= now,
            _entry.c.debit.not_in(_NOT_A_USE),
            _entry.c.credit.not_in(_NOT_A_USE),
        )
        .group_by(_lot_use.c.expires_at)
    )
    return {at: int(points) for at, points in session.execute(chosen)}
