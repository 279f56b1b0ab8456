"""What another policy of expiry would do to the points fans have, before anything is changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from sqlmodel import Session

from loyalty import clock
from loyalty.clock import NEVER
from loyalty.db import Writer
from loyalty.ids import BUCKETS
from loyalty.ledger import earned
from loyalty.ledger.earned import EarnedLot
from loyalty.ledger.post import Redated
from loyalty.programme.expiry import Policy, applied
from loyalty.programme.find import the_programme

MOST_LOTS = 50_000  # a page reads; of more, a sample of the fans stands for all


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """What expires at the end of a month or within it, as things are and as they would be.

    Attributes:
        first: its first day; None: what never expires.
    """

    first: date | None
    fans_before: int = 0
    points_before: int = 0
    fans_after: int = 0
    points_after: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What a policy would do, if it were applied to the points there are.

    Attributes:
        months: in their order, those without a change too.
        fans, points: all that have points, and their points.
        fans_sooner, points_sooner: those whose points would expire sooner than they were promised.
        fans_later, points_later: those whose points would last longer.
        one_in: how many fans each fan that was counted stands for; 1: every fan was counted.
    """

    months: tuple[Month, ...]
    fans: int
    points: int
    fans_sooner: int
    points_sooner: int
    fans_later: int
    points_later: int
    one_in: int


def preview_expiry(db: Writer, policy: Policy, *, exactly: bool = False) -> Preview:
    """Work out what a policy would do to the points there are.

    Args:
        exactly: count every fan, however many.
    """

    def steps(session: Session) -> Preview:
        now, zone = clock.now(), the_programme(session).zone
        one_in = 1 if exactly else min(BUCKETS, -(-earned.how_many(session, now=now) // MOST_LOTS) or 1)
        counted = _Counted(zone)
        for change in planned(earned.sample(session, now=now, one_in=one_in), policy, now=now, zone=zone):
            counted.add(change)
        return counted.told(one_in)

    return db.read(steps)


def planned(lots: Iterable[EarnedLot], policy: Policy, *, now: datetime, zone: ZoneInfo) -> Iterator[Redated]:
    """What becomes of each lot, changed or not.

    Args:
        lots: by holder, all of a holder's together.
    """
    for _, theirs in groupby(lots, key=lambda each: each.lot.holder_id):
        of_holder = list(theirs)
        latest = max(each.earned_at for each in of_holder)
        for each in of_holder:
            earned_at = latest if policy.slides else each.earned_at
            end = applied(policy, earned_at=earned_at, expires_at=each.lot.expires_at, now=now, zone=zone)
            yield Redated(lot=each.lot, expires_at=end, slides=policy.slides, earned_at=earned_at)


class _Counted:
    def __init__(self, zone: ZoneInfo) -> None:
        self.zone = zone
        self.points: dict[tuple[str, date | None], int] = {}
        self.fans: dict[tuple[str, date | None], int] = {}
        self._latest: dict[tuple[str, date | None], int] = {}  # holders come one after the other

    def add(self, change: Redated) -> None:
        before, after, lot = change.lot.expires_at, change.expires_at, change.lot
        self._count("before", self._month(before), lot.holder_id, lot.left)
        self._count("after", self._month(after), lot.holder_id, lot.left)
        self._count("all", None, lot.holder_id, lot.left)
        if after != before:
            self._count("sooner" if after < before else "later", None, lot.holder_id, lot.left)

    def told(self, one_in: int) -> Preview:
        points = {key: value * one_in for key, value in self.points.items()}
        fans = {key: value * one_in for key, value in self.fans.items()}
        months = {month for which, month in points if which in ("before", "after")}
        return Preview(
            months=tuple(
                Month(
                    first=month,
                    fans_before=fans.get(("before", month), 0),
                    points_before=points.get(("before", month), 0),
                    fans_after=fans.get(("after", month), 0),
                    points_after=points.get(("after", month), 0),
                )
                for month in sorted(months, key=lambda each: each or date.max)
            ),
            fans=fans.get(("all", None), 0),
            points=points.get(("all", None), 0),
            fans_sooner=fans.get(("sooner", None), 0),
            points_sooner=points.get(("sooner", None), 0),
            fans_later=fans.get(("later", None), 0),
            points_later=points.get(("later", None), 0),
            one_in=one_in,
        )

    def _count(self, which: str, month: date | None, holder_id: int, points: int) -> None:
        key = (which, month)
        self.points[key] = self.points.get(key, 0) + points
        if self._latest.get(key) != holder_id:
            self._latest[key] = holder_id
            self.fans[key] = self.fans.get(key, 0) + 1

    def _month(self, expires_at: datetime) -> date | None:
        if expires_at == NEVER:
            return None
        return (expires_at - timedelta(seconds=1)).astimezone(self.zone).date().replace(day=1)
