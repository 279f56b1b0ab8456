"""What would the last days have given under other rules? Judged again by the very engine, and nothing is written.

Both runs, under the rules that were in force and under the drafts, begin from what had been given before the first
day, and see the same acts in the order in which they were judged. The first equals what was really awarded, unless:

- an act was withdrawn since: it is left out of both, and what it had taken of a cap meanwhile is not missing;
- an account was linked, or two fans became one, since: their acts count as one fan's from the start;
- a draft brings a cool-down to a rule that had none: awards from before the first day are not looked at.

It cannot know what people would have done under other rules, nor acts that were never sent to us.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlmodel import Session

from loyalty import bulk, clock
from loyalty.activities.window import Window, window
from loyalty.db import Writer
from loyalty.fans.tables import Fan
from loyalty.flows.try_rule import with_drafts
from loyalty.programme.find import the_programme
from loyalty.rules.compared import (
    BudgetChange,
    DayChange,
    HolderChange,
    RuleChange,
    budgets_changed,
    days_changed,
    holders_changed,
    rules_changed,
)
from loyalty.rules.find import History, current_history
from loyalty.rules.replay import Gain, Replay
from loyalty.rules.schema import checked_slug
from loyalty.rules.situation import situation_of
from loyalty.rules.standing import BatchStanding

DAYS = (1, 7, 28)
MOST_ACTS = 40_000
MOST_SECONDS = 6.0
TOP = 20
_LOOKS_AT_THE_CLOCK = 256  # acts
_fan = Fan.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True, kw_only=True)
class FanChange:
    """What one fan, or an account nobody has linked, would have gained instead."""

    fan_id: int | None
    name: str | None
    before: Gain
    after: Gain

    @property
    def change(self) -> Gain:
        """After less before."""
        return self.after[0] - self.before[0], self.after[1] - self.before[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Backtest:
    """Two runs compared.

    Attributes:
        first_day: the first local day that was judged; later than asked for where `cut` says so.
        judged: acts that were judged; `withdrawn` more were left out.
        cut: "acts" or "seconds" where not all was judged, and which.
        part_of_a_day: whether not even a whole day was judged: caps of the day begin empty then.
        recorded: what these acts were really given, and keep.
    """

    first_day: int
    judged: int
    withdrawn: int
    cut: str | None
    part_of_a_day: bool
    recorded: Gain
    before: Gain
    after: Gain
    awarded: tuple[int, int]
    fans: tuple[int, int]
    gaining: list[FanChange]
    losing: list[FanChange]
    how_many: tuple[int, int]  # gain, lose: the lists above are only the first of them
    days: list[DayChange]
    rules: list[RuleChange]
    budgets: list[BudgetChange]


def backtest(
    db: Writer,
    drafts: Mapping[str, Any],
    *,
    days: int = 7,
    most_acts: int = MOST_ACTS,
    most_seconds: float = MOST_SECONDS,
) -> Backtest:
    """Judge the last days again, once as it was and once with these drafts in force all along.

    Args:
        drafts: bodies of rules by slug, that take the place of all their revisions, or stand beside.
        days: local days, today included.
        most_acts, most_seconds: where it stops; the answer says so.

    Raises:
        Invalid: a draft is not valid, by path.
        NotFound: the programme is not set up.
    """
    given = {checked_slug(slug): body for slug, body in drafts.items()}

    def steps(session: Session) -> Backtest:
        zone, now = the_programme(session).zone, clock.now()
        since = now.astimezone(zone).date() - timedelta(days=days - 1)
        seen = window(session, since=since, zone=zone, most=most_acts)
        history = current_history(session)
        tried = with_drafts(history, given)
        runs = tuple(_run(session, each, history, tried, seen) for each in (history, tried))
        judged = _judge(seen, runs, zone, until=time.monotonic() + most_seconds)
        return _compared(session, seen, judged, *runs, drafts=given)

    return db.read(steps)


def _run(session: Session, rules: History, history: History, tried: History, seen: Window) -> Replay:
    """A run that begins from what was given before the first day."""
    revisions = [revision for each in (*history.values(), *tried.values()) for revision in each]
    standing = BatchStanding()
    standing.read(
        session,
        {(act.now_holder, seen.first_day) for act in seen.acts},
        revisions,
        former={act.identity_id: act.now_holder for act in seen.acts if act.identity_id != act.now_holder},
        before=seen.first_day,
    )
    return Replay(rules, standing)


def _judge(seen: Window, runs: Iterable[Replay], zone: ZoneInfo, *, until: float) -> int:
    """Let each run see each act; how many acts were seen."""
    earlier: Counter[tuple[int, int, str | None]] = Counter()  # as the holder was then
    for place, act in enumerate(seen.acts):
        if place % _LOOKS_AT_THE_CLOCK == 0 and time.monotonic() > until:
            return place
        if act.outcome != "withdrawn":
            situation = situation_of(act, zone=zone, earlier_today=partial(_earlier_today, earlier, act))
            for run in runs:
                run.judge(situation, act.now_holder)
        earlier[act.holder_id, act.local_day, act.kind] += 1
        earlier[act.holder_id, act.local_day, None] += 1
    return len(seen.acts)


def _earlier_today(earlier: Counter[tuple[int, int, str | None]], act: sa.Row[Any], kind: str | None) -> int:
    return earlier[act.holder_id, act.local_day, kind]


def _compared(
    session: Session,
    seen: Window,
    judged: int,
    before: Replay,
    after: Replay,
    *,
    drafts: Mapping[str, Any],
) -> Backtest:
    acts = seen.acts[:judged]
    kept = [act for act in acts if act.outcome != "withdrawn"]
    gaining, losing, how_many = _fans(session, acts, before, after)
    return Backtest(
        first_day=seen.first_day,
        judged=len(kept),
        withdrawn=len(acts) - len(kept),
        cut="seconds" if judged < len(seen.acts) else "acts" if seen.cut else None,
        part_of_a_day=seen.part_of_a_day,
        recorded=(sum(act.points for act in kept), sum(act.status_points for act in kept)),
        before=before.gained,
        after=after.gained,
        awarded=(before.awarded, after.awarded),
        fans=(len(before.by_holder), len(after.by_holder)),
        gaining=gaining,
        losing=losing,
        how_many=how_many,
        days=days_changed(Counter(act.local_day for act in kept), before, after),
        rules=rules_changed(before, after, drafts),
        budgets=budgets_changed(before, after),
    )


def _fans(
    session: Session, acts: Sequence[sa.Row[Any]], before: Replay, after: Replay
) -> tuple[list[FanChange], list[FanChange], tuple[int, int]]:
    """Who gains and who loses most, by name, and how many do in all."""
    fans = {act.now_holder: act.fan_id for act in acts}
    winners, losers = holders_changed(before, after)
    shown = [*winners[:TOP], *losers[:TOP]]
    wanted = [fan_id for each in shown if (fan_id := fans[each.holder_id]) is not None]
    chosen = sa.select(_fan.c.id, _fan.c.display_name).where(bulk.one_of(session, _fan.c.id, wanted))
    names = {row.id: row.display_name for row in session.execute(chosen)} if wanted else {}

    def told(changes: Sequence[HolderChange]) -> list[FanChange]:
        return [
            FanChange(
                fan_id=fans[each.holder_id],
                name=names.get(fans[each.holder_id]),
                before=each.before,
                after=each.after,
            )
            for each in changes[:TOP]
        ]

    return told(winners), told(losers), (len(winners), len(losers))
