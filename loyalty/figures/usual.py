"""Today beside a usual day: what the last four of this weekday had brought when the clock showed the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from statistics import median

from sqlmodel import Session

from loyalty.figures.count import ACTIVITIES, BY_HOUR, FANS, GIVEN, POINTS_SPENT, SCANS
from loyalty.figures.days import HOUR
from loyalty.figures.find import Counted, kept_days

WHAT = (ACTIVITIES, FANS, GIVEN, POINTS_SPENT, SCANS)
WEEKS = 4
_FEW, _MANY = 0.8, 1.25  # beside the usual: within them it is as usual


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """One figure of today; `usual` is None where no such day is on record yet.

    Attributes:
        compared: "more", "less", "as_usual", or "unknown".
    """

    what: str
    today: int
    usual: int | None
    compared: str


def beside_usual(session: Session, today: Counted, *, now: datetime) -> list[Beside]:
    """Each of the figures of today so far beside the usual ones.

    Args:
        today: as it was counted, by hours.
    """
    former = [today.day.before(7 * week) for week in range(1, WEEKS + 1)]
    known = [each for each in kept_days(session, former, measure=BY_HOUR) if each.known]
    found = []
    for what in WHAT:
        so_far = sum(_hours(today, what).values())
        usual = round(median(_until(each, what, now) for each in known)) if known else None
        found.append(Beside(what=what, today=so_far, usual=usual, compared=_compared(so_far, usual)))
    return found


def _until(counted: Counted, what: str, now: datetime) -> float:
    """What a day had brought by this time of day; the hour that is under way counts by its share."""
    passed = (counted.day.at_the_time_of(now) - counted.day.begins_at) / HOUR
    return sum(amount * min(1.0, max(0.0, passed - hour)) for hour, amount in _hours(counted, what).items())


def _hours(counted: Counted, what: str) -> Mapping[int, int]:
    parts = counted.parts(BY_HOUR)
    return {int(key.partition(":")[2]): parts[key] for key in parts if key.partition(":")[0] == what}


def _compared(today: int, usual: int | None) -> str:
    if usual is None:
        return "unknown"
    if today > usual * _MANY:
        return "more"
    return "less" if today < usual * _FEW else "as_usual"
