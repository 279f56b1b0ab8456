"""When each of some holders last took part: their fan is still there, or not any more."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import sqlalchemy as sa
from sqlmodel import Session

from loyalty import bulk
from loyalty.activities.tables import Activity
from loyalty.fans.tables import Identity

_activity = Activity.__table__  # type: ignore[attr-defined]
_identity = Identity.__table__  # type: ignore[attr-defined]


def last_days(session: Session, fan_ids: Iterable[int]) -> dict[int, date]:
    """The day of the latest act of each fan, in the programme's zone; who never did anything is missing.

    Read from the index of days alone: what accounts did before they were linked counts too.
    """
    fans = {each: each for each in fan_ids}
    linked = sa.select(_identity.c.id, _identity.c.fan_id).where(bulk.one_of(session, _identity.c.fan_id, fans))
    fans |= {row.id: row.fan_id for row in session.execute(linked)}
    rows = session.execute(
        sa.select(_activity.c.holder_id, sa.func.max(_activity.c.local_day))
        .where(bulk.one_of(session, _activity.c.holder_id, fans))
        .group_by(_activity.c.holder_id)
    )
    latest: dict[int, int] = {}
    for holder_id, day in rows:
        latest[fans[holder_id]] = max(latest.get(fans[holder_id], 0), day)
    return {fan_id: date(day // 10_000, day // 100 % 100, day % 100) for fan_id, day in latest.items()}
