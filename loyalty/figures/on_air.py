"""Which show is on air, as far as can be told: the one that people have just been taking part in."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import Session

from loyalty.activities.tables import Activity
from loyalty.figures.span import within

_activity = Activity.__table__  # type: ignore[attr-defined]
_HOUR, _WEEK = timedelta(hours=1), timedelta(days=7)


def show_on_air(session: Session, now: datetime) -> str | None:
    """The slug of the show most acts of the last hour were about; if none was, of the same hour a week ago."""
    for first, last in ((now - _HOUR, now + timedelta(seconds=1)), (now - _WEEK - _HOUR / 2, now - _WEEK + _HOUR / 2)):
        these = within(session, _activity.c.id, _activity.c.recorded_at, first, last)
        counted = sa.select(_activity.c.show).where(these, _activity.c.show.is_not(None))
        row = session.execute(
            counted.group_by(_activity.c.show).order_by(sa.func.count().desc(), _activity.c.show).limit(1)
        ).one_or_none()
        if row is not None:
            return str(row.show)
    return None
