"""What the limits of rules are compared with, read once for a whole batch and kept up to date through it."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

import sqlalchemy as sa
from sqlmodel import Session

from loyalty import bulk
from loyalty.activities.tables import Activity
from loyalty.db import TryAgain
from loyalty.ids import bucket_of
from loyalty.rules import issued
from loyalty.rules.evaluate import Revision, Tally, Verdict
from loyalty.rules.periods import day_periods, days_around, days_of_week
from loyalty.rules.situation import Situation
from loyalty.rules.tables import RuleTally

_activity = Activity.__table__  # type: ignore[attr-defined]
_entry = sa.table(  # the ledger's own, looked at without knowing the ledger
    "entry",
    sa.column("bucket", sa.SmallInteger),
    sa.column("cause_id", sa.BigInteger),
    sa.column("cause", sa.String),
    sa.column("debit", sa.String),
    sa.column("rule_revision_id", sa.Integer),
)
_tally = RuleTally.__table__  # type: ignore[attr-defined]
_DAY, _WEEK, _EVER = range(3)  # how far from the day of an activity its rules' limits look
_REACHES = {"day": _DAY, "week": _WEEK, "ever": _EVER}
_DAY_SECONDS = 86_400
_DAYS_ONE_BY_ONE = 7  # a longer cool-down reads all of a holder's acts
_NOTHING = Tally()


class BatchStanding:
    """The standing of all holders of a batch; `of` gives one holder's, as `evaluate` wants it."""

    def __init__(self) -> None:
        self._tallies: dict[tuple[int, int, str], Tally] = {}
        self._issued: dict[int, int] = {}
        self._new: dict[tuple[int, int, int], Tally] = {}
        self._moments: dict[tuple[int, int], list[datetime]] = {}  # of awards, by holder and rule with a cool-down
        self._budgets: dict[int, int | None] = {}
        self._budgeted: set[int] = set()
        self._periods: dict[int, set[str]] = {}
        self._before: int | None = None

    def read(
        self,
        session: Session,
        acts: Iterable[tuple[int, int]],
        revisions: Sequence[Revision],
        *,
        former: Mapping[int, int] = MappingProxyType({}),
        before: int | None = None,
    ) -> None:
        """Read what the limits of `revisions` need for activities of these (holder, local day).

        Args:
            former: holders that were merged into one of these, each with it: their tallies moved, their acts did not.
            before: count only what was given for days before this one: the standing from which a past is replayed.
        """
        acts = set(acts)
        self._before = before
        for each in revisions:
            self._periods.setdefault(each.rule_id, set()).update(_periods_of(each))
        reach: dict[int, int] = {}
        for each in revisions:
            reach[each.rule_id] = max(reach.get(each.rule_id, _DAY), _reach_of(each))
        for wanted in (_DAY, _WEEK, _EVER):
            rule_ids = {rule for rule, periods in self._periods.items() if periods and reach[rule] == wanted}
            if rule_ids and acts:
                for row in self._rows(session, acts, rule_ids, wanted):
                    self._add(*row)
        cooling = [each for each in revisions if each.limits.cooldown_seconds]
        if cooling and acts:
            self._read_moments(session, acts, cooling, former)
        self._budgeted = {each.rule_id for each in revisions if each.limits.budget_points is not None}
        if self._budgeted:
            self._issued.update(issued.of_rules(session, self._budgeted))
            if before is not None:
                self._take_off_since(session, self._budgeted, before)

    def _rows(
        self, session: Session, acts: set[tuple[int, int]], rule_ids: set[int], reach: int
    ) -> Iterable[tuple[int, int, int, int, int]]:
        if reach == _EVER:
            of_acts = bulk.one_of(session, _tally.c.holder_id, {holder_id for holder_id, _ in acts})
        else:
            if reach == _WEEK:
                acts = {(holder_id, day) for holder_id, on in acts for day in days_of_week(on)}
            of_acts = bulk.one_of_pairs(session, _tally.c.holder_id, _tally.c.local_day, acts)
        query = sa.select(
            _tally.c.holder_id,
            _tally.c.rule_id,
            _tally.c.local_day,
            _tally.c.points,
            _tally.c.times,
        )
        query = query.where(
            of_acts,
            bulk.one_of(session, _tally.c.rule_id, rule_ids),
            bulk.of_holders(session, _tally.c.bucket, (holder_id for holder_id, _ in acts)),
        )
        return session.execute(query if self._before is None else query.where(_tally.c.local_day < self._before)).all()

    def _take_off_since(self, session: Session, rule_ids: set[int], day: int) -> None:
        """Budgets as they were before a day."""
        rows = session.execute(
            sa.select(_tally.c.rule_id, sa.func.sum(_tally.c.points).label("points"))
            .where(_tally.c.local_day >= day, bulk.one_of(session, _tally.c.rule_id, rule_ids))
            .group_by(_tally.c.rule_id)
        )
        for row in rows:
            self._issued[row.rule_id] -= int(row.points)

    def _add(self, holder_id: int, rule_id: int, day: int, points: int, times: int) -> None:
        periods = day_periods(day)
        for period in self._periods[rule_id]:
            tally = self._tallies.setdefault((holder_id, rule_id, periods[period]), Tally())
            tally.points += points
            tally.times += times

    def _read_moments(
        self,
        session: Session,
        acts: set[tuple[int, int]],
        cooling: Sequence[Revision],
        former: Mapping[int, int],
    ) -> None:
        """When these rules awarded these holders, around the days of the acts."""
        rules = {each.id: each.rule_id for each in cooling}
        acts = acts | {(old, day) for old, now in former.items() for holder_id, day in acts if holder_id == now}
        days = 1 + max(each.limits.cooldown_seconds for each in cooling) // _DAY_SECONDS
        if days > _DAYS_ONE_BY_ONE:
            of_acts = bulk.one_of(session, _activity.c.holder_id, {holder_id for holder_id, _ in acts})
        else:
            near = {(holder_id, day) for holder_id, on in acts for day in days_around(on, days)}
            of_acts = bulk.one_of_pairs(session, _activity.c.holder_id, _activity.c.local_day, near)
        awards = (
            sa.select(_activity.c.holder_id, _entry.c.rule_revision_id, _activity.c.happened_at)
            .join(
                _entry,
                sa.and_(
                    _entry.c.cause_id == _activity.c.id,
                    _entry.c.cause == "activity",
                    _entry.c.bucket == _activity.c.bucket,
                ),
            )
            .where(
                of_acts,
                bulk.of_holders(session, _activity.c.bucket, (holder_id for holder_id, _ in acts)),
                bulk.one_of(session, _entry.c.rule_revision_id, rules),
                _entry.c.debit == "issued",
                _activity.c.outcome == "awarded",
            )
        )
        if self._before is not None:
            awards = awards.where(_activity.c.local_day < self._before)
        rows = session.execute(awards)
        for holder_id, revision_id, happened_at in rows:
            key = (former.get(holder_id, holder_id), rules[revision_id])
            insort(self._moments.setdefault(key, []), happened_at)

    def of(self, holder_id: int) -> HolderStanding:
        """The standing of one holder."""
        return HolderStanding(self, holder_id)

    def note(self, holder_id: int, situation: Situation, verdict: Verdict, *, had: int = 0) -> None:
        """Count an award, so that the next activity of the batch is judged after it.

        Args:
            had: the points of it that were counted before, with the award itself.
        """
        rule_id, day = verdict.revision.rule_id, situation.local_day
        points, times = verdict.points - had, 0 if had else 1
        self._add(holder_id, rule_id, day, points, times)
        if verdict.revision.limits.cooldown_seconds and not had:
            insort(self._moments.setdefault((holder_id, rule_id), []), situation.happened_at)
        new = self._new.setdefault((holder_id, rule_id, day), Tally())
        new.points += points
        new.times += times
        self._issued[rule_id] = self._issued.get(rule_id, 0) + points
        self._budgets[rule_id] = verdict.revision.limits.budget_points

    @contextmanager
    def without(self, holder_id: int, situation: Situation, gave: Mapping[int, int]) -> Iterator[None]:
        """The standing as if one act, which is on record, had not come.

        Args:
            gave: points by rule that gave it any.
        """
        day, at = situation.local_day, situation.happened_at
        for rule_id, points in gave.items():
            self._add(holder_id, rule_id, day, -points, -1)
            self._issued[rule_id] = self._issued.get(rule_id, 0) - points
        cooling = [each for rule_id in gave if at in (each := self._moments.get((holder_id, rule_id), []))]
        for moments in cooling:
            moments.remove(at)
        yield
        for moments in cooling:
            insort(moments, at)
        for rule_id, points in gave.items():
            self._add(holder_id, rule_id, day, points, 1)
            self._issued[rule_id] += points

    def write(self, session: Session) -> None:
        """Write what was noted; the rows of rules with a budget come last, for every batch touches them.

        Raises:
            TryAgain: another batch spent of a budget since it was read; judge again.
        """
        bulk.upsert(
            session,
            _tally,
            ("holder_id", "rule_id", "local_day", "bucket", "points", "times"),
            [(*key, bucket_of(key[0]), new.points, new.times) for key, new in self._new.items()],
            keys=("holder_id", "rule_id", "local_day", "bucket"),
            adds=("points", "times"),
        )
        spent: dict[int, int] = {}
        for (_, rule_id, _), new in self._new.items():
            spent[rule_id] = spent.get(rule_id, 0) + new.points
        free = {rule_id: points for rule_id, points in spent.items() if rule_id not in self._budgeted}
        if free:
            issued.add(session, free, bucket=min(bucket_of(holder_id) for holder_id, _, _ in self._new))
        for rule_id in sorted(spent.keys() - free):
            if not issued.spend(session, rule_id, spent[rule_id], budget=self._budgets[rule_id]):
                raise TryAgain


@dataclass(frozen=True, slots=True)
class HolderStanding:
    """`evaluate.Standing` of one holder."""

    batch: BatchStanding
    holder_id: int

    def tally(self, rule_id: int, period: str) -> Tally:
        """What the rule gave this holder in the period."""
        return self.batch._tallies.get((self.holder_id, rule_id, period), _NOTHING)

    def nearest(self, rule_id: int, at: datetime) -> datetime | None:
        """When the rule's award to this holder that is nearest to an instant was."""
        moments = self.batch._moments.get((self.holder_id, rule_id), [])
        place = bisect_left(moments, at)
        return min(moments[max(place - 1, 0) : place + 1], key=lambda each: abs(each - at), default=None)

    def issued(self, rule_id: int) -> int:
        """What the rule gave everybody."""
        return self.batch._issued.get(rule_id, 0)


def _periods_of(revision: Revision) -> set[str]:
    return {cap.period for cap in revision.limits.caps}


def _reach_of(revision: Revision) -> int:
    return max((_REACHES[cap.period] for cap in revision.limits.caps), default=_DAY)
