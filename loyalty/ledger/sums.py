"""What moved between accounts, and what stands on each: the journal, summed over all holders."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from loyalty.ledger.journal import DEBT, EXPIRED, ISSUED, MOVED, POINTS_UNIT, SPENT
from loyalty.ledger.tables import Closing, Entry

_closing = Closing.__table__  # type: ignore[attr-defined]
_entry = Entry.__table__  # type: ignore[attr-defined]

OF_THE_STATION = frozenset({ISSUED, SPENT, EXPIRED, MOVED})  # every other account of points is what fans have, or owe
Balances = dict[tuple[str, str], int]  # credits less debits, by unit and account


@dataclass(frozen=True, slots=True, order=True)
class Movement:
    """All that went from one account to another in a stretch of time: how much, in how many legs."""

    unit: str
    debit: str
    credit: str
    amount: int
    legs: int


def movements(session: Session, first: datetime | None, last: datetime | None) -> list[Movement]:
    """What was recorded from `first` on and before `last`; None: from the beginning, until now."""
    key = (_entry.c.unit, _entry.c.debit, _entry.c.credit)
    chosen = sa.select(*key, sa.func.sum(_entry.c.amount), sa.func.count()).group_by(*key)
    if first is not None:
        chosen = chosen.where(_entry.c.recorded_at >= first)
    if last is not None:
        chosen = chosen.where(_entry.c.recorded_at < last)
    return sorted(Movement(unit, debit, credit, int(amount), int(legs))
                  for unit, debit, credit, amount, legs in session.execute(chosen))  # fmt: skip


def applied(opening: Balances, moved: Iterable[Movement]) -> Balances:
    """The balances after these movements."""
    found = dict(opening)
    for each in moved:
        for account, change in ((each.debit, -each.amount), (each.credit, each.amount)):
            found[each.unit, account] = found.get((each.unit, account), 0) + change
    return found


def balances_at(session: Session, at: datetime | None) -> Balances:
    """What stands on each account just before an instant, or now.

    Closed months are not summed again: `verify` proves each of them equal to its entries.
    """
    known = sa.select(_closing.c.ends_at, _closing.c.balances).order_by(_closing.c.month.desc()).limit(1)
    row = session.execute(known if at is None else known.where(_closing.c.ends_at <= at)).one_or_none()
    opening = {} if row is None else kept(row.balances)
    return applied(opening, movements(session, None if row is None else row.ends_at, at))


def kept(balances: Iterable[Sequence[Any]]) -> Balances:
    """Balances as a closing keeps them."""
    return {(unit, account): points for unit, account, points in balances}


def owed_to_fans(balances: Balances) -> dict[str, int]:
    """The points that fans have, by account: in the wallet, waiting, set aside."""
    return {
        account: points
        for (unit, account), points in sorted(balances.items())
        if unit == POINTS_UNIT and account not in OF_THE_STATION and account != DEBT
    }


def owed_by_fans(balances: Balances) -> int:
    """The points that were taken back after they were spent: they are paid from what is earned next."""
    return -balances.get((POINTS_UNIT, DEBT), 0)
