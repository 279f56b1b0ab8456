"""Pairs of small bars, before and after, as widths that a drawing takes: pages may carry no style of their own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from loyalty.day import date_of
from loyalty.flows.backtest import Backtest

WIDEST = 100


@dataclass(frozen=True, slots=True)
class DayBars:
    """One day: how many acts, what they gave and would have given, and how wide that is drawn."""

    day: date
    acts: int
    before: int
    after: int
    width_before: int
    width_after: int


def of_days(found: Backtest) -> list[DayBars]:
    """A pair for every day, in points of whatever class."""
    sums = [(each, sum(each.before), sum(each.after)) for each in found.days]
    most = max((max(before, after) for _, before, after in sums), default=0) or 1
    return [
        DayBars(
            day=date_of(each.day),
            acts=each.acts,
            before=before,
            after=after,
            width_before=WIDEST * before // most,
            width_after=WIDEST * after // most,
        )
        for each, before, after in sums
    ]
