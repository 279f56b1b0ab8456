"""Figures by day, to be looked at: those that are kept, and today's as they are now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session

from loyalty.figures.count import DAILY, TO_WALLETS, Figures, count
from loyalty.figures.days import Day, day_of
from loyalty.figures.keep import COUNTED, began_at
from loyalty.figures.tables import DayFigure
from loyalty.ledger.tables import Holder, Lot

_figure = DayFigure.__table__  # type: ignore[attr-defined]
_holder = Holder.__table__  # type: ignore[attr-defined]
_lot = Lot.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """What was counted of one day; `known` is False of a day nobody has counted yet."""

    day: Day
    known: bool
    figures: Mapping[tuple[str, str], int] = field(default_factory=dict)

    def sum(self, measure: str, *, key: str | None = None) -> int:
        """The amount of a measure, of one key or of all."""
        if key is not None:
            return self.figures.get((measure, key), 0)
        return sum(amount for (of, _), amount in self.figures.items() if of == measure)

    def parts(self, measure: str) -> dict[str, int]:
        """The amounts of a measure by key."""
        return {key: amount for (of, key), amount in self.figures.items() if of == measure}


def figures_of(
    session: Session, days: Sequence[Day], *, now: datetime, measures: Sequence[str] = DAILY
) -> list[Counted]:
    """What happened on each of these days, which follow one another; today is counted up to `now`.

    Yesterday is counted too where it is not kept yet: its figures are there from the first minute of today on.

    Args:
        measures: which figures of the days that are kept.
    """
    kept: dict[int, Figures] = {}
    rows = sa.select(_figure.c.day, _figure.c.measure, _figure.c.key, _figure.c.amount)
    for number, measure, key, amount in session.execute(
        rows.where(
            _figure.c.measure.in_((COUNTED, *measures)),
            _figure.c.day >= days[0].number,
            _figure.c.day <= days[-1].number,
        )
    ):
        kept.setdefault(number, {})[measure, key] = amount
    today = day_of(now, days[0].zone)
    live = {today.number, today.before(1).number}
    began = began_at(session) or now
    found = []
    for day in days:
        figures = kept.get(day.number, {})
        known = (COUNTED, "") in figures or day.ends_at <= began
        if not known and day.number in live:
            figures, known = count(session, day.begins_at, day.ends_at), True
        found.append(Counted(day=day, known=known, figures=figures))
    return found


def kept_days(session: Session, days: Iterable[Day], *, measure: str) -> list[Counted]:
    """One measure of some of the days that are over, in their order."""
    days = list(days)
    kept: dict[int, Figures] = {}
    wanted = _figure.c.day.in_([day.number for day in days])
    for each in (measure, COUNTED):
        chosen = sa.select(_figure.c.day, _figure.c.key, _figure.c.amount).where(_figure.c.measure == each, wanted)
        for number, key, amount in session.execute(chosen):
            kept.setdefault(number, {})[each, key] = amount
    return [
        Counted(day=day, known=(COUNTED, "") in kept.get(day.number, {}), figures=kept.get(day.number, {}))
        for day in days
    ]


def outstanding(session: Session) -> int:
    """The points that all holders together can spend, or have set aside, now."""
    theirs = sa.func.sum(_holder.c.balance + _holder.c.held)
    return int(session.execute(sa.select(sa.func.coalesce(theirs, 0))).scalar_one())


def to_wallets(counted: Counted) -> int:
    """By how much a day changed what is outstanding."""
    return sum(sign * counted.sum(measure) for measure, sign in TO_WALLETS.items())


def outstanding_by_day(counted: Sequence[Counted], *, left: int) -> list[int | None]:
    """What was outstanding when each of these days ended, told from what is `left` now back to the first of them.

    Args:
        counted: days that follow one another; the last is today.

    Returns:
        for each day; None before one that nobody has counted yet.
    """
    found: list[int | None] = []
    known: int | None = left
    for each in reversed(counted):
        found.append(known)
        known = known - to_wallets(each) if known is not None and each.known else None
    return found[::-1]


def outstanding_by_expiry(session: Session) -> list[tuple[datetime, int]]:
    """How many points expire when, the soonest first."""
    left = _lot.c.granted - _lot.c.used - _lot.c.expired
    rows = session.execute(
        sa.select(_lot.c.expires_at, sa.func.sum(left))
        .where(left > 0)
        .group_by(_lot.c.expires_at)
        .order_by(_lot.c.expires_at)
    )
    return [(expires_at, int(amount)) for expires_at, amount in rows]
