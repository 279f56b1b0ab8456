"""Days that are over are counted, each once, and kept; what a day was when nobody counted is caught up with."""

from __future__ import annotations

from loyalty import clock
from loyalty.db import Database
from loyalty.errors import NotFound
from loyalty.figures import keep
from loyalty.figures.count import count
from loyalty.programme.find import the_programme

AT_ONCE = 31  # days of one run


def count_days(db: Database, *, at_most: int = AT_ONCE) -> int:
    """Count what is missing, the latest day first, each day by itself: cut off, it goes on where it was.

    Returns:
        how many days were counted.
    """
    now = clock.now()
    try:
        zone = db.read(the_programme).zone
    except NotFound:
        return 0  # not set up yet
    days = db.read(lambda session: keep.missing(session, zone, now=now, at_most=at_most))
    for day in days:
        figures = db.read(lambda session: count(session, day.begins_at, day.ends_at))  # noqa: B023
        db.write(lambda session: keep.keep(session, day, figures))  # noqa: B023
    return len(days)
