"""Keeps the figures of days that are over, and knows which days are missing."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlmodel import Session

from loyalty import bulk
from loyalty.activities.tables import Activity
from loyalty.figures.count import Figures
from loyalty.figures.days import Day, backwards, day_of
from loyalty.figures.tables import DayFigure
from loyalty.ledger.tables import Holder

_activity = Activity.__table__  # type: ignore[attr-defined]
_figure = DayFigure.__table__  # type: ignore[attr-defined]
_holder = Holder.__table__  # type: ignore[attr-defined]
COUNTED = "counted"  # the measure that says a day was counted, also one on which nothing happened
GRACE = timedelta(hours=1)  # after a day has ended: what was under way at midnight is written by then


def missing(session: Session, zone: ZoneInfo, *, now: datetime, at_most: int) -> list[Day]:
    """Days that are over and not counted yet, the latest first."""
    began = began_at(session)
    if began is None:
        return []
    last = day_of(now - GRACE, zone).before(1)
    known: Collection[int] = set(
        session.execute(sa.select(_figure.c.day).where(_figure.c.measure == COUNTED)).scalars()
    )
    found: list[Day] = []
    for day in backwards(day_of(began, zone), last):
        if len(found) == at_most:
            break
        if day.number not in known:
            found.append(day)
    return found


def keep(session: Session, day: Day, figures: Figures) -> None:
    """Keep what was counted; a day that was kept meanwhile stays as it is."""
    rows = [(day.number, measure, key, amount) for (measure, key), amount in sorted(figures.items())]
    bulk.insert_missing(
        session,
        _figure,
        ("day", "measure", "key", "amount"),
        [*rows, (day.number, COUNTED, "", 1)],
        keys=("day", "measure", "key"),
    )


def began_at(session: Session) -> datetime | None:
    """When the first thing happened that is counted: nothing comes before the first holder and the first activity."""
    firsts = [
        session.execute(sa.select(at).order_by(number).limit(1)).scalar_one_or_none()
        for at, number in (
            (_activity.c.recorded_at, _activity.c.id),
            (_holder.c.created_at, _holder.c.id),
        )
    ]
    return min((each for each in firsts if each is not None), default=None)
