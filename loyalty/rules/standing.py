"""What the limits of rules are compared with, read once for a whole batch and kept up to date through it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache

import sqlalchemy as sa
from sqlmodel import Session

from loyalty import bulk
from loyalty.db import TryAgain
from loyalty.ids import bucket_of
from loyalty.rules.evaluate import Revision, Tally, Verdict, day_periods
from loyalty.rules.situation import Situation
from loyalty.rules.tables import Rule, RuleRevision, RuleTally

_rule = Rule.__table__  # type: ignore[attr-defined]
_tally = RuleTally.__table__  # type: ignore[attr-defined]
_revision = RuleRevision.__table__  # type: ignore[attr-defined]
_DAY, _WEEK, _EVER = range(3)  # how far from the day of an activity its rules' limits look
_DAY_SECONDS = 86_400
_NOTHING = Tally()


@dataclass(slots=True)
class _Count:
    last_at: datetime
    points: int = 0
    times: int = 0


class BatchStanding:
    """The standing of all holders of a batch; `of` gives one holder's, as `evaluate` wants it."""

    def __init__(self) -> None:
        self._tallies: dict[tuple[int, int, str], Tally] = {}
        self._issued: dict[int, int] = {}
        self._new: dict[tuple[int, int, int], _Count] = {}
        self._budgets: dict[int, int | None] = {}
        self._periods: dict[int, set[str]] = {}

    def read(self, session: Session, acts: Iterable[tuple[int, int]], revisions: Sequence[Revision]) -> None:
        """Read what the limits of `revisions` need for activities of these (holder, local day)."""
        acts = set(acts)
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
        budgeted = {each.rule_id for each in revisions if each.limits.budget_points is not None}
        if budgeted:
            rows = session.execute(
                sa.select(_rule.c.id, _rule.c.points_issued).where(bulk.one_of(session, _rule.c.id, budgeted))
            )
            self._issued.update((row.id, row.points_issued) for row in rows)

    def _rows(
        self, session: Session, acts: set[tuple[int, int]], rule_ids: set[int], reach: int
    ) -> Iterable[tuple[int, int, int, int, int, datetime]]:
        if reach == _EVER:
            of_acts = bulk.one_of(session, _tally.c.holder_id, {holder_id for holder_id, _ in acts})
        else:
            if reach == _WEEK:
                acts = {(holder_id, day) for holder_id, on in acts for day in _week_around(on)}
            of_acts = bulk.one_of_pairs(session, _tally.c.holder_id, _tally.c.local_day, acts)
        query = sa.select(
            _tally.c.holder_id,
            _tally.c.rule_id,
            _tally.c.local_day,
            _tally.c.points,
            _tally.c.times,
            _tally.c.last_at,
        )
        return session.execute(query.where(of_acts, bulk.one_of(session, _tally.c.rule_id, rule_ids))).all()

    def _add(self, holder_id: int, rule_id: int, day: int, points: int, times: int, last_at: datetime) -> None:
        periods = day_periods(day)
        for period in self._periods[rule_id]:
            key = (holder_id, rule_id, periods[period])
            known = self._tallies.get(key)
            if known is None:
                known = self._tallies[key] = Tally()
            known.points += points
            known.times += times
            if times and (known.last_at is None or known.last_at < last_at):
                known.last_at = last_at

    def of(self, holder_id: int) -> HolderStanding:
        """The standing of one holder."""
        return HolderStanding(self, holder_id)

    def note(self, holder_id: int, situation: Situation, verdict: Verdict) -> None:
        """Count an award, so that the next activity of the batch is judged after it."""
        rule_id, day = verdict.revision.rule_id, situation.local_day
        self._add(holder_id, rule_id, day, verdict.points, 1, situation.happened_at)
        new = self._new.setdefault((holder_id, rule_id, day), _Count(situation.happened_at))
        new.points += verdict.points
        new.times += 1
        new.last_at = max(new.last_at, situation.happened_at)
        self._issued[rule_id] = self._issued.get(rule_id, 0) + verdict.points
        self._budgets[rule_id] = verdict.revision.limits.budget_points

    def write(self, session: Session) -> None:
        """Write what was noted; the rules' rows come last, for every batch touches them.

        Raises:
            TryAgain: another batch spent of a budget since it was read; judge again.
        """
        bulk.upsert(
            session,
            _tally,
            ("holder_id", "rule_id", "local_day", "bucket", "points", "times", "last_at"),
            [(*key, bucket_of(key[0]), new.points, new.times, new.last_at) for key, new in self._new.items()],
            keys=("holder_id", "rule_id", "local_day", "bucket"),
            adds=("points", "times"),
            tops=("last_at",),
        )
        spent: dict[int, int] = {}
        for (_, rule_id, _), new in self._new.items():
            spent[rule_id] = spent.get(rule_id, 0) + new.points
        for rule_id, points in sorted(spent.items()):
            change = sa.update(_rule).where(_rule.c.id == rule_id).values(points_issued=_rule.c.points_issued + points)
            budget = self._budgets[rule_id]
            if budget is not None:
                change = change.where(_rule.c.points_issued + points <= budget)
            if session.execute(change).rowcount != 1:  # type: ignore[attr-defined]
                raise TryAgain


@dataclass(frozen=True, slots=True)
class HolderStanding:
    """`evaluate.Standing` of one holder."""

    batch: BatchStanding
    holder_id: int

    def tally(self, rule_id: int, period: str) -> Tally:
        """What the rule gave this holder in the period."""
        return self.batch._tallies.get((self.holder_id, rule_id, period), _NOTHING)

    def issued(self, rule_id: int) -> int:
        """What the rule gave everybody."""
        return self.batch._issued.get(rule_id, 0)


def take_off(
    session: Session, *, holder_id: int, rule_revision_id: int, local_day: int, points: int, times: int
) -> None:
    """Give room back under the caps and the budget of a rule: an award of that day was reversed."""
    rule_id = sa.select(_revision.c.rule_id).where(_revision.c.id == rule_revision_id).scalar_subquery()
    session.execute(
        sa.update(_tally)
        .where(
            _tally.c.holder_id == holder_id,
            _tally.c.rule_id == rule_id,
            _tally.c.local_day == local_day,
            _tally.c.bucket == bucket_of(holder_id),
        )
        .values(points=_tally.c.points - points, times=_tally.c.times - times)
    )
    session.execute(sa.update(_rule).where(_rule.c.id == rule_id).values(points_issued=_rule.c.points_issued - points))


def move_tallies(session: Session, *, source_id: int, target_id: int) -> None:
    """Count under the new holder what the old one earned, so that linking never doubles a cap."""
    rows = session.execute(
        sa.delete(_tally)
        .where(_tally.c.holder_id == source_id, _tally.c.bucket == bucket_of(source_id))
        .returning(_tally.c.rule_id, _tally.c.local_day, _tally.c.points, _tally.c.times, _tally.c.last_at)
    ).all()
    bulk.upsert(
        session,
        _tally,
        ("holder_id", "rule_id", "local_day", "bucket", "points", "times", "last_at"),
        [(target_id, row[0], row[1], bucket_of(target_id), *row[2:]) for row in rows],
        keys=("holder_id", "rule_id", "local_day", "bucket"),
        adds=("points", "times"),
        tops=("last_at",),
    )


def _periods_of(revision: Revision) -> set[str]:
    periods = {cap.period for cap in revision.limits.caps}
    return periods | {"ever"} if revision.limits.cooldown_seconds else periods


@lru_cache(maxsize=4096)
def _week_around(day: int) -> Sequence[int]:
    """The days of the week that a day falls in, and the day before and after it."""
    on = _date_of(day)
    days = {on + timedelta(days=step - on.weekday()) for step in range(7)}
    days |= {on - timedelta(days=1), on + timedelta(days=1)}
    return sorted(each.year * 10_000 + each.month * 100 + each.day for each in days)


def _reach_of(revision: Revision) -> int:
    limits = revision.limits
    if any(cap.period == "ever" for cap in limits.caps) or limits.cooldown_seconds > _DAY_SECONDS:
        return _EVER
    return _WEEK if limits.cooldown_seconds or any(cap.period == "week" for cap in limits.caps) else _DAY


def _date_of(day: int) -> date:
    return date(day // 10_000, day // 100 % 100, day % 100)
