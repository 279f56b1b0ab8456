"""Days of the programme: where each begins and ends, in its own time zone, also when a clock is put back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from loyalty.day import date_of, day_number

HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Day:
    """One day of the programme; 23 or 25 hours long twice a year."""

    date: date
    zone: ZoneInfo

    @property
    def number(self) -> int:
        """20261123: how it is kept."""
        return day_number(self.date)

    @property
    def begins_at(self) -> datetime:
        """Its first instant."""
        return _first_instant(self.date, self.zone)

    @property
    def ends_at(self) -> datetime:
        """The first instant that is no longer of it."""
        return _first_instant(self.date + timedelta(days=1), self.zone)

    def before(self, days: int) -> Day:
        """The day so many days earlier."""
        return Day(self.date - timedelta(days=days), self.zone)

    def at_the_time_of(self, instant: datetime) -> datetime:
        """When the clock shows on this day what it shows at `instant`."""
        shown = instant.astimezone(self.zone).time()
        return datetime.combine(self.date, shown, self.zone).astimezone(UTC)


def day_of(instant: datetime, zone: ZoneInfo) -> Day:
    """The day that an instant falls on."""
    return Day(instant.astimezone(zone).date(), zone)


def numbered(number: int, zone: ZoneInfo) -> Day:
    """The day kept as 20261123."""
    return Day(date_of(number), zone)


def last_days(count: int, *, until: Day) -> list[Day]:
    """So many days, the earliest first; `until` is the last."""
    return [until.before(back) for back in reversed(range(count))]


def backwards(first: Day, last: Day) -> Iterator[Day]:
    """From `last` back to `first`."""
    day = last
    while day.date >= first.date:
        yield day
        day = day.before(1)


def _first_instant(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)
