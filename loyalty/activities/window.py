"""What happened in the last days, as it is on record: read from the newest back, so many at most."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlmodel import Session

from loyalty.activities.tables import Activity
from loyalty.fans.tables import Identity

_activity = Activity.__table__  # type: ignore[attr-defined]
_identity = Identity.__table__  # type: ignore[attr-defined]
_PAGE = 5_000
_SKEW = timedelta(hours=1)  # an act is recorded after it happened, but for clocks that differ
_COLUMNS = (
    "id", "holder_id", "identity_id", "network", "kind", "object", "campaign", "show", "quantity", "words",
    "text_digest", "happened_at", "recorded_at", "local_day", "outcome", "points", "status_points",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Recorded acts of whole local days.

    Attributes:
        acts: in the order in which they were recorded, which is that in which they were judged; each with
            `now_holder` and `fan_id`, whose it is by now.
        first_day: the first local day (20261123) of which every act is here.
        cut: whether there were more: the first day is later than asked for.
        part_of_a_day: whether not even one whole day is here.
    """

    acts: list[sa.Row[Any]]
    first_day: int
    cut: bool
    part_of_a_day: bool = False


def window(session: Session, *, since: date, zone: ZoneInfo, most: int) -> Window:
    """The acts that happened on `since` or later.

    Args:
        most: how many acts are read; beyond, the window begins later.
    """
    first = datetime(since.year, since.month, since.day, tzinfo=zone)
    first_day = _day(since)
    found: list[sa.Row[Any]] = []
    below: int | None = None
    while True:
        rows = _page(session, below, min(_PAGE, most + 1 - len(found)))
        found += [row for row in rows if row.local_day >= first_day]
        if len(found) > most:
            return _cut(found[:most], zone)
        if not rows or rows[-1].recorded_at < first - _SKEW:
            return Window(acts=found[::-1], first_day=first_day, cut=False)
        below = rows[-1].id


def _cut(found: list[sa.Row[Any]], zone: ZoneInfo) -> Window:
    """Those of the days that are whole: all that was recorded since the oldest we have is here."""
    oldest, newest = found[-1].recorded_at.astimezone(zone), found[0].recorded_at.astimezone(zone)
    whole = (oldest + _SKEW).date() + timedelta(days=1)
    begins = min(whole, newest.date())
    first_day = _day(begins)
    acts = [row for row in reversed(found) if row.local_day >= first_day]
    return Window(acts=acts, first_day=first_day, cut=True, part_of_a_day=begins < whole)


def _page(session: Session, below: int | None, most: int) -> list[sa.Row[Any]]:
    whose = (_identity.c.holder_id.label("now_holder"), _identity.c.fan_id)
    chosen = (
        sa.select(*(_activity.c[name] for name in _COLUMNS), *whose)
        .join(_identity, _identity.c.id == _activity.c.identity_id)
        .order_by(_activity.c.id.desc())
        .limit(most)
    )
    return list(session.execute(chosen if below is None else chosen.where(_activity.c.id < below)))


def _day(day: date) -> int:
    return day.year * 10_000 + day.month * 100 + day.day
