"""What fans have not spent yet: by account, by the age of the lots, by the month in which it expires."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlmodel import Session

from loyalty.clock import NEVER
from loyalty.db import UTCDateTime
from loyalty.ledger import sums
from loyalty.ledger.journal import PENDING, WALLET
from loyalty.ledger.months import Month, month_of, months_before
from loyalty.ledger.tables import Lot, PendingAward

_lot = Lot.__table__  # type: ignore[attr-defined]
_pending = PendingAward.__table__  # type: ignore[attr-defined]

AGES = (3, 6, 12, 24)  # months: below the first, between one and the next, from the last on

# A lot says when its points expire, not when they were given: that is told by the entries which granted to it. Within
# a lot the oldest points are taken to be used first, so what is left is of the latest grants. Points that moved with
# their holder keep their age: the lots of one expiry of all holders that became one are read as one. Points that were
# given to another fan, or another expiry, count as given then. The journal is read once, and summed by lot and age
# before anything is ranked.
_BY_AGE = """
    WITH merged AS MATERIALIZED (SELECT id, merged_into FROM holder WHERE merged_into IS NOT NULL),
    became AS MATERIALIZED (
        WITH RECURSIVE ends (id, top) AS (
            SELECT merged.id, merged.merged_into
            FROM merged LEFT JOIN merged AS further ON further.id = merged.merged_into WHERE further.id IS NULL
            UNION ALL SELECT merged.id, ends.top FROM merged JOIN ends ON merged.merged_into = ends.id
        )
        SELECT id, top FROM ends
    ),
    remains AS (
        SELECT coalesce(became.top, lot.holder_id) AS top, lot.expires_at,
            sum(lot.granted - lot.used - lot.expired) AS points
        FROM lot LEFT JOIN became ON became.id = lot.holder_id
        WHERE lot.granted - lot.used - lot.expired > 0 GROUP BY 1, 2
    ),
    given AS (
        SELECT holder_id, expires_at, CASE
            WHEN effective_at > :age_0 THEN 0 WHEN effective_at > :age_1 THEN 1
            WHEN effective_at > :age_2 THEN 2 WHEN effective_at > :age_3 THEN 3 ELSE 4 END AS band,
            sum(amount) AS points
        FROM entry
        WHERE credit = 'wallet' AND expires_at IS NOT NULL
            AND (debit <> 'moved' OR cause IN ('transfer', 'renewal', 'expiry_policy'))
        GROUP BY 1, 2, 3
    ),
    given_to AS (
        SELECT coalesce(became.top, given.holder_id) AS top, given.expires_at, given.band, sum(given.points) AS points
        FROM given LEFT JOIN became ON became.id = given.holder_id GROUP BY 1, 2, 3
    ),
    ranked AS (
        SELECT given_to.band, given_to.points AS amount, remains.points, sum(given_to.points) OVER (
            PARTITION BY given_to.top, given_to.expires_at ORDER BY given_to.band
        ) - given_to.points AS later
        FROM given_to JOIN remains ON remains.top = given_to.top AND remains.expires_at = given_to.expires_at
    )
    SELECT band, sum(CASE WHEN points - later < amount THEN points - later ELSE amount END)
    FROM ranked WHERE later < points GROUP BY band
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outstanding:
    """Everything fans have, told three ways that must agree to the point.

    Attributes:
        accounts: as the journal says, by account.
        debt: what fans owe; it is not subtracted.
        ages: what is left in lots by age, one more than `AGES`.
        waiting: awards that cannot be spent yet, as they are kept.
        expiring: by the month at whose end it expires, what waits too; None: never.
    """

    accounts: Mapping[str, int]
    debt: int
    ages: tuple[int, ...]
    waiting: int
    expiring: Mapping[Month | None, int]

    @property
    def points(self) -> int:
        """The sum of the entries."""
        return sum(self.accounts.values())

    @property
    def set_aside(self) -> int:
        """Neither in the wallet nor waiting: held for something, and of no lot meanwhile."""
        return sum(points for account, points in self.accounts.items() if account not in (WALLET, PENDING))

    @property
    def counted(self) -> int:
        """The same from the other side: what is left in the lots, what waits, what is set aside."""
        return sum(self.ages) + self.waiting + self.set_aside

    @property
    def reconciles(self) -> bool:
        """Whether lots and entries say the same, by age as by expiry."""
        return self.points == self.counted == sum(self.expiring.values()) + self.set_aside


def outstanding(session: Session, *, now: datetime, zone: ZoneInfo) -> Outstanding:
    """What fans have now. To be asked on one snapshot, see `db.one_snapshot`."""
    balances = sums.balances_at(session, None)
    waiting = session.execute(sa.select(sa.func.coalesce(sa.func.sum(_pending.c.pending), 0))).scalar_one()
    return Outstanding(
        accounts=sums.owed_to_fans(balances),
        debt=sums.owed_by_fans(balances),
        ages=by_age(session, now=now, zone=zone),
        waiting=int(waiting),
        expiring=by_expiry(session, zone=zone),
    )


def by_age(session: Session, *, now: datetime, zone: ZoneInfo) -> tuple[int, ...]:
    """What is left in all lots, by how long ago it was given; see `AGES`."""
    names = [f"age_{at}" for at in range(len(AGES))]
    query = sa.text(_BY_AGE).bindparams(*(sa.bindparam(name, type_=UTCDateTime) for name in names))
    since = {name: months_before(now, months, zone) for name, months in zip(names, AGES, strict=True)}
    found = {band: int(points) for band, points in session.execute(query, since)}
    return tuple(found.get(band, 0) for band in range(len(AGES) + 1))


def by_expiry(session: Session, *, zone: ZoneInfo) -> dict[Month | None, int]:
    """What is left and what waits, by the month at whose end it expires, the soonest first, never last."""
    left = _lot.c.granted - _lot.c.used - _lot.c.expired
    found: dict[datetime, int] = {}
    for table, points in ((_lot, left), (_pending, _pending.c.pending)):
        chosen = sa.select(table.c.expires_at, sa.func.sum(points)).where(points > 0).group_by(table.c.expires_at)
        for expires_at, amount in session.execute(chosen):
            found[expires_at] = found.get(expires_at, 0) + int(amount)
    by_month: dict[Month | None, int] = {}
    for expires_at in sorted(found):
        # A lot ends with the first instant that is no longer of its month.
        month = None if expires_at == NEVER else month_of(expires_at - timedelta(microseconds=1), zone)
        by_month[month] = by_month.get(month, 0) + found[expires_at]
    return by_month
