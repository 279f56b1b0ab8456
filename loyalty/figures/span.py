"""Which numbers were given within a stretch of time: found on the key, so that no table is read from end to end.

Identifiers ascend with time (`ids.py`), but a transaction takes its number a little before or after it looks at the
clock, and several write at once. So the bounds are found by halving what lies between the first and the last number,
with room on both sides; whoever reads between them still compares the instants.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

ROOM = timedelta(hours=1)  # far more than any transaction lasts


def within(
    session: Session, number: sa.ColumnElement[Any], at: sa.ColumnElement[Any], first: datetime, last: datetime
) -> sa.ColumnElement[bool]:
    """The condition for the rows recorded from `first` on and before `last`.

    Args:
        number: the leading column of the table's key, an identifier.
        at: when a row was recorded.
    """
    ends = (sa.select(end(number)).scalar_subquery() for end in (sa.func.min, sa.func.max))  # one at a time: by the key
    bounds = session.execute(sa.select(*ends)).one()
    if bounds[0] is None:
        return sa.false()
    least = _first_at(session, number, at, first - ROOM, *bounds)
    most = _first_at(session, number, at, last + ROOM, *bounds)
    return sa.and_(number >= least, number <= most, at >= first, at < last)


def _first_at(
    session: Session,
    number: sa.ColumnElement[Any],
    at: sa.ColumnElement[Any],
    instant: datetime,
    least: int,
    most: int,
) -> int:
    """The number from which on rows are of `instant` or later; `most` when none is."""
    probe = sa.select(number, at).where(number >= sa.bindparam("middle")).order_by(number).limit(1)
    while least < most:
        middle = (least + most) // 2
        found = session.execute(probe, {"middle": middle}).one()
        if found[1] >= instant:
            most = middle
        else:
            least = found[0] + 1
    return least
