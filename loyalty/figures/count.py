"""Counts one stretch of time: points by what moved them, participation by where it came from, redemptions, scans.

By when it was recorded, so that what is over does not change any more: an act of last week that a file brings today
is of today.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from loyalty.activities.tables import Activity
from loyalty.db import is_sqlite, to_microseconds
from loyalty.figures.origin import origin_of
from loyalty.figures.span import within
from loyalty.ledger.journal import DEBT, EXPIRED, HELD, ISSUED, SPENT, STATUS, WALLET
from loyalty.ledger.tables import Entry
from loyalty.rewards.tables import Redemption
from loyalty.vouchers.tables import Scan

_activity = Activity.__table__  # type: ignore[attr-defined]
_entry = Entry.__table__  # type: ignore[attr-defined]
_redemption = Redemption.__table__  # type: ignore[attr-defined]
_scan = Scan.__table__  # type: ignore[attr-defined]

# What is counted; `key` says of which slice.
GIVEN, TAKEN_BACK, OWED, POINTS_SPENT, RETURNED, GONE, REPAID = (
    "issued", "reversed", "owed", "spent", "returned", "expired", "repaid",
)  # fmt: skip
STATUS_GIVEN, STATUS_TAKEN_BACK = "status", "status_reversed"
ACTIVITIES, FANS, REDEMPTIONS, SCANS, BY_HOUR = "activities", "fans", "redemptions", "scans", "by_hour"

# Points by what a leg moved, each by its cause. What moves between two holders is no figure of the programme.
MOVES: Mapping[tuple[str, str], str] = {
    (ISSUED, WALLET): GIVEN,
    (WALLET, ISSUED): TAKEN_BACK,
    (DEBT, ISSUED): OWED,  # taken back though it was spent: what is earned next pays it
    (WALLET, SPENT): POINTS_SPENT,
    (HELD, SPENT): POINTS_SPENT,
    (SPENT, WALLET): RETURNED,
    (WALLET, EXPIRED): GONE,
    (WALLET, DEBT): REPAID,
    (ISSUED, STATUS): STATUS_GIVEN,
    (STATUS, ISSUED): STATUS_TAKEN_BACK,
}
TO_WALLETS = {GIVEN: 1, RETURNED: 1, TAKEN_BACK: -1, POINTS_SPENT: -1, GONE: -1, REPAID: -1}
DAILY = (*dict.fromkeys(MOVES.values()), ACTIVITIES, FANS, REDEMPTIONS, SCANS)  # all but the parts of a day
ALL = ""  # the key of a figure of everything

Figures = dict[tuple[str, str], int]  # by measure and key


def count(session: Session, first: datetime, last: datetime) -> Figures:
    """Everything recorded from `first` on and before `last`; what is not there is 0."""
    figures: Figures = {}
    for measure, key, amount in (
        *_points(session, first, last),
        *_participation(session, first, last),
        *_rewards(session, first, last),
    ):
        figures[measure, key] = figures.get((measure, key), 0) + int(amount)
    return figures


def _points(session: Session, first: datetime, last: datetime) -> Iterator[tuple[str, str, int]]:
    hour = _hour(session, _entry.c.recorded_at, first)
    rows = session.execute(
        sa.select(hour, _entry.c.debit, _entry.c.credit, _entry.c.cause, sa.func.sum(_entry.c.amount))
        .where(_entry.c.recorded_at >= first, _entry.c.recorded_at < last)
        .group_by(hour, _entry.c.debit, _entry.c.credit, _entry.c.cause)
    )
    for at, debit, credit, cause, amount in rows:
        measure = MOVES.get((debit, credit))
        if measure is not None:
            yield measure, cause, amount
            if measure in (GIVEN, POINTS_SPENT):
                yield BY_HOUR, f"{measure}:{at}", amount


def _participation(session: Session, first: datetime, last: datetime) -> Iterator[tuple[str, str, int]]:
    these = within(session, _activity.c.id, _activity.c.recorded_at, first, last)
    hour, origin = _hour(session, _activity.c.recorded_at, first), origin_of(_activity)
    counted = sa.select(hour, _activity.c.network, origin, _activity.c.outcome, sa.func.count()).where(these)
    for at, network, where, outcome, number in session.execute(
        counted.group_by(hour, _activity.c.network, origin, _activity.c.outcome)
    ):
        yield ACTIVITIES, f"{network}:{where}:{outcome}", number
        yield BY_HOUR, f"{ACTIVITIES}:{at}", number
    came = sa.select(sa.func.min(hour).label("came")).where(these).group_by(_activity.c.holder_id).subquery()
    for at, number in session.execute(sa.select(came.c.came, sa.func.count()).group_by(came.c.came)):
        yield FANS, ALL, number
        yield BY_HOUR, f"{FANS}:{at}", number
    for slice_ in (_activity.c.network, origin):
        once = sa.select(slice_.label("slice"), _activity.c.holder_id).where(these).distinct().subquery()
        for of, number in session.execute(sa.select(once.c.slice, sa.func.count()).group_by(once.c.slice)):
            yield FANS, f"{'network' if slice_ is _activity.c.network else 'origin'}:{of}", number


def _rewards(session: Session, first: datetime, last: datetime) -> Iterator[tuple[str, str, int]]:
    redeemed = within(session, _redemption.c.id, _redemption.c.created_at, first, last)
    for reward_id, number in session.execute(
        sa.select(_redemption.c.reward_id, sa.func.count()).where(redeemed).group_by(_redemption.c.reward_id)
    ):
        yield REDEMPTIONS, str(reward_id), number
    scanned = within(session, _scan.c.id, _scan.c.recorded_at, first, last)
    hour = _hour(session, _scan.c.recorded_at, first)
    for at, result, number in session.execute(
        sa.select(hour, _scan.c.result, sa.func.count()).where(scanned).group_by(hour, _scan.c.result)
    ):
        yield SCANS, result, number
        yield BY_HOUR, f"{SCANS}:{at}", number


def _hour(session: Session, at: sa.ColumnElement[Any], first: datetime) -> sa.ColumnElement[int]:
    """How many whole hours after `first` it was."""
    if is_sqlite(session):
        hours: Any = (sa.type_coerce(at, sa.BigInteger) - to_microseconds(first)) // sa.literal(
            3_600_000_000, sa.BigInteger
        )
    else:
        hours = sa.func.floor(sa.extract("epoch", at - first) / 3_600)
    return sa.cast(hours, sa.Integer)
