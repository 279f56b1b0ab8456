"""A local day as it is kept: 20261123."""

from datetime import date


def day_number(day: date) -> int:
    """The day (of a moment, where it is one) as it is kept."""
    return day.year * 10_000 + day.month * 100 + day.day


def date_of(number: int) -> date:
    """The day that is kept so."""
    return date(number // 10_000, number // 100 % 100, number % 100)
