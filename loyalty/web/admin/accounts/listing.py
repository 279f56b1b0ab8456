"""The months of the books, closed and open, each with what moved in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session

from loyalty import clock
from loyalty.ledger import closing, sums
from loyalty.ledger.journal import EXPIRED, ISSUED, POINTS_UNIT, SPENT
from loyalty.ledger.months import Month, month_of, numbered
from loyalty.ledger.sums import Balances, Movement
from loyalty.ledger.tables import Closing

MOST_OPEN = 36  # months shown that nobody has closed


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthTold:
    """One month.

    Attributes:
        kept: its closing; None: it is open.
        is_next: the first that is open, and over: it can be closed.
        opening: the balances at its beginning.
    """

    month: Month
    kept: Closing | None
    is_next: bool
    ends_at: datetime
    opening: Balances
    moved: Sequence[Movement]

    @property
    def outstanding(self) -> int:
        """What fans had at its end, or have."""
        return sum(sums.owed_to_fans(sums.applied(self.opening, self.moved)).values())

    @property
    def entries(self) -> int:
        """Legs recorded in it."""
        return sum(each.legs for each in self.moved)

    @property
    def given(self) -> int:
        """Points given, less those taken back."""
        return -self._change(ISSUED)

    @property
    def spent(self) -> int:
        """Points spent, less those given back."""
        return self._change(SPENT)

    @property
    def expired(self) -> int:
        """Points that expired."""
        return self._change(EXPIRED)

    def _change(self, account: str) -> int:
        return sums.applied({}, self.moved).get((POINTS_UNIT, account), 0)


def months(session: Session, zone: ZoneInfo) -> list[MonthTold]:
    """Every month, the latest first."""
    found: list[MonthTold] = []
    balances: Balances = {}
    for each in closing.every(session):
        moved = closing.movements_of(each)
        found.append(
            MonthTold(
                month=numbered(each.month),
                kept=each,
                is_next=False,
                ends_at=each.ends_at,
                opening=balances,
                moved=moved,
            )
        )
        balances = sums.kept(each.balances)
    return [*_open(session, zone, balances, found[-1].ends_at if found else None), *reversed(found)]


def _open(session: Session, zone: ZoneInfo, balances: Balances, began: datetime | None) -> list[MonthTold]:
    first, now = closing.first_open(session, zone), clock.now()
    found: list[MonthTold] = []
    month = first
    while month is not None and month <= month_of(now, zone) and len(found) < MOST_OPEN:
        ends_at = month.ends_at(zone)
        moved = sums.movements(session, began, ends_at)
        over = month == first and now >= ends_at + closing.MARGIN
        found.append(MonthTold(month=month, kept=None, is_next=over, ends_at=ends_at, opening=balances, moved=moved))
        balances, began, month = sums.applied(balances, moved), ends_at, month.later(1)
    return found[::-1]
