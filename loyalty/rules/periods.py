"""The periods of caps: which a local day (20261123) falls in, and which days they are made of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from functools import lru_cache
from types import MappingProxyType

from loyalty.day import date_of, day_number
from loyalty.rules.situation import Situation


def period_key(period: str, situation: Situation) -> str:
    """The key of the period an activity falls in: "day:20261123", "week:202648" or "ever"."""
    return day_periods(situation.local_day)[period]


@lru_cache(maxsize=4096)
def day_periods(day: int) -> Mapping[str, str]:
    """The keys of the periods that a day falls in."""
    year, week, _ = date_of(day).isocalendar()
    return MappingProxyType({"day": f"day:{day}", "week": f"week:{year}{week:02}", "ever": "ever"})


@lru_cache(maxsize=4096)
def days_of_week(day: int) -> Sequence[int]:
    """The days of the week that a day falls in."""
    return _days(day, range(-date_of(day).weekday(), 7 - date_of(day).weekday()))


@lru_cache(maxsize=4096)
def days_around(day: int, count: int) -> Sequence[int]:
    """A day, and so many before and after it."""
    return _days(day, range(-count, count + 1))


def _days(day: int, steps: Iterable[int]) -> Sequence[int]:
    return [day_number(date_of(day) + timedelta(days=step)) for step in steps]
