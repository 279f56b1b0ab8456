"""The journal and the balances of a period are handed out: rows for a file, read page by page, however many they are.

Each page is a short transaction of its own: no connection is held while somebody downloads, and what was recorded never
changes. Of a day that is not over one gets what was written so far.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session

from loyalty.db import Database, one_snapshot
from loyalty.ledger import closing, extract, sums
from loyalty.ledger.journal import POINTS_UNIT
from loyalty.ledger.value import euros
from loyalty.programme.find import the_programme, valuation

JOURNAL = (
    "accounting_date", "entry", "leg", "unit", "debit", "credit", "amount", "eur", "cause", "cause_id", "holder",
    "effective_date", "reverses",
)  # fmt: skip
BALANCE = ("unit", "account", "opening", "debit", "credit", "closing", "closing_eur")
_AT_ONCE = 2_000
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Period:
    """Whole days of the programme, both ends included."""

    first: date
    last: date

    def begins_at(self, zone: ZoneInfo) -> datetime:
        """Its first instant."""
        return datetime.combine(self.first, time(), zone)

    def ends_at(self, zone: ZoneInfo) -> datetime:
        """The first instant that is no longer of it."""
        return datetime.combine(self.last + _DAY, time(), zone)

    def days(self) -> Iterator[Period]:
        """Each day of it."""
        for number in range((self.last - self.first).days + 1):
            day = self.first + number * _DAY
            yield Period(day, day)


def journal(db: Database, period: Period, *, account: str | None = None) -> Iterator[Sequence[Any]]:
    """One row for each leg recorded in the period, in that order, with the columns of `JOURNAL`.

    A holder is a number: no row names a person. Euros are at the value of a point when the month was closed, or now.

    Args:
        account: only legs that debit or credit it.
    """
    zone, valued = db.read(_valued)
    for day in period.days():
        first, last, after = day.begins_at(zone), day.ends_at(zone), None
        value = valued.at(first)
        while True:
            found = db.read(partial(extract.legs, first=first, last=last, limit=_AT_ONCE, after=after, account=account))
            for each in found:
                eur = euros(each.amount, value) if each.unit == POINTS_UNIT else None
                yield (
                    each.recorded_at, each.id, each.leg, each.unit, each.debit, each.credit, each.amount, eur,
                    each.cause, each.cause_id, each.holder_id, each.effective_at, each.reverses,
                )  # fmt: skip
            if len(found) < _AT_ONCE:
                break
            after = extract.place(found[-1])


def trial_balance(db: Database, period: Period) -> list[Sequence[Any]]:
    """One row for each account, with the columns of `BALANCE`; balances are credits less debits."""

    def steps(session: Session) -> list[Sequence[Any]]:
        one_snapshot(session)
        zone, valued = _valued(session)
        first, last = period.begins_at(zone), period.ends_at(zone)
        opening, moved = sums.balances_at(session, first), sums.movements(session, first, last)
        return rows_of(opening, moved, valued.at(last - _DAY))

    return db.read(steps)


def rows_of(opening: sums.Balances, moved: Sequence[sums.Movement], point_value: int | None) -> list[Sequence[Any]]:
    """The same from what is known already."""
    closing_balances = sums.applied(opening, moved)
    rows: list[Sequence[Any]] = []
    for unit, account in sorted(closing_balances):
        debit, credit = (
            sum(each.amount for each in moved if each.unit == unit and getattr(each, side) == account)
            for side in ("debit", "credit")
        )
        stands = closing_balances[unit, account]
        eur = euros(stands, point_value) if unit == POINTS_UNIT else None
        rows.append((unit, account, opening.get((unit, account), 0), debit, credit, stands, eur))
    return rows


@dataclass(frozen=True, slots=True)
class _Values:
    """What a point was valued at: by closed month, and now."""

    months: Sequence[tuple[datetime, int | None]]
    now: int | None

    def at(self, instant: datetime) -> int | None:
        return next((value for ends_at, value in self.months if instant < ends_at), self.now)


def _valued(session: Session) -> tuple[ZoneInfo, _Values]:
    months = [(each.ends_at, each.point_value) for each in closing.every(session)]
    return the_programme(session).zone, _Values(months, valuation(session).point_value)
