"""Which rules award how much for one activity, and why the others do not.

Pure: no database, no clock. The very same code judges a live activity, a dry run and a backtest; only the
`Standing` behind it differs.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from loyalty.rules.condition import Reason, Test
from loyalty.rules.periods import period_key
from loyalty.rules.situation import Situation

REDEEMABLE, STATUS_ONLY, MEASURE_ONLY = "redeemable", "status_only", "measure_only"
ADD, BEST, EXCLUSIVE = "add", "best", "exclusive"


@dataclass(slots=True)
class Tally:
    """What a rule already gave a holder in a period."""

    points: int = 0
    times: int = 0


class Standing(Protocol):
    """What the limits of rules are compared with."""

    def tally(self, rule_id: int, period: str) -> Tally:
        """What the rule gave this activity's holder in the period."""

    def nearest(self, rule_id: int, at: datetime) -> datetime | None:
        """When, before or after an instant, the rule's nearest award to this holder was; None: far enough."""

    def issued(self, rule_id: int) -> int:
        """What the rule gave everybody, ever."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Earn:
    """How much: `fixed`, plus `points` for every whole `per` units, or (alone) a multiplier.

    A multiplier gives on top of the awards of the rules of its own class, as they are after their limits; two
    multipliers add their extra points up, neither multiplies the other.
    """

    fixed: int = 0
    points: int = 0
    per: int = 1
    multiply_percent: int | None = None

    def base(self, quantity: int) -> int:
        """Points before stacking and limits."""
        return self.fixed + (quantity // self.per) * self.points


@dataclass(frozen=True, slots=True, kw_only=True)
class Cap:
    """At most so many points, or awards, for one fan in one period ("day", "week", "ever")."""

    period: str
    points: int | None = None
    times: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Where a rule stops."""

    caps: tuple[Cap, ...] = ()
    cooldown_seconds: int = 0
    budget_points: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """One revision, compiled: what `evaluate` judges with."""

    id: int
    rule_id: int
    slug: str
    number: int
    enabled: bool
    points_class: str
    test: Test
    earn: Earn
    limits: Limits = field(default_factory=Limits)
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    priority: int = 0
    stacking: str = ADD
    pending_hours: int | None = None  # before what it gives can be spent; None: as the programme has it
    in_force_from: datetime


AWARDED = Reason("awarded")
MEASURED = Reason("measured")
PAUSED = Reason("rule_paused")
NOTHING_TO_MULTIPLY = Reason("nothing_to_multiply")


@dataclass(slots=True)
class Verdict:
    """The answer of one revision to one activity. `kept` is how it is kept with the activity, `text` that as JSON."""

    revision: Revision
    points: int
    reason: Reason
    kept: dict[str, Any] = field(init=False)
    text: str = field(init=False)

    def __post_init__(self) -> None:
        self.kept = {
            "rule": self.revision.slug,
            "revision": self.revision.number,
            "points": self.points,
            "class": self.revision.points_class,
            "reason": self.reason.code,
        }
        if self.reason.holes:
            self.kept["holes"] = dict(self.reason.holes)
        self.text = _encode(self.kept)

    @property
    def awarded(self) -> bool:
        """Whether points or status points are posted."""
        return self.points > 0


_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_COMMON = 10_000
_common: dict[tuple[int, int, int], Verdict] = {}


def _common_verdict(revision: Revision, points: int, reason: Reason) -> Verdict:
    """A verdict that is given over and over: most activities concern few rules, and the others always say the same.

    Remembered by identity; each remembered verdict holds its revision and reason, so no number is used anew.
    """
    key = (id(revision), points, id(reason))
    verdict = _common.get(key)
    if verdict is None:
        if len(_common) >= _COMMON:
            _common.clear()
        verdict = _common[key] = Verdict(revision, points, reason)
    return verdict


@dataclass(slots=True)
class _Candidate:
    revision: Revision
    points: int
    clamp: Reason | None
    place: int = -1


def evaluate(situation: Situation, revisions: Sequence[Revision], standing: Standing) -> list[Verdict]:
    """Judge one activity.

    Args:
        revisions: those in force when it happened, highest priority first (ties by slug).
        standing: of the activity's holder.

    Returns:
        one verdict for each revision, in the same order.
    """
    verdicts: list[Verdict | None] = []
    candidates: list[_Candidate] = []
    for place, revision in enumerate(revisions):
        missed = revision.test(situation)  # first: that a rule is over is news only to those it would concern
        if missed is not None:
            verdicts.append(_common_verdict(revision, 0, missed))
            continue
        answer = _weigh(revision, situation, standing)
        if isinstance(answer, Reason):
            verdicts.append(Verdict(revision, 0, answer))
        else:
            answer.place = place
            candidates.append(answer)
            verdicts.append(None)
    winners = _stack(candidates, verdicts)
    base: dict[str, int] = {}
    for each in winners:
        base[each.revision.points_class] = base.get(each.revision.points_class, 0) + each.points
    for each in winners:
        verdicts[each.place] = _award(each, base[each.revision.points_class], situation, standing)
    assert None not in verdicts, "every revision has one verdict"
    return verdicts  # type: ignore[return-value]


def _weigh(revision: Revision, situation: Situation, standing: Standing) -> Reason | _Candidate:
    if not revision.enabled:
        return PAUSED
    if revision.starts_at is not None and situation.happened_at < revision.starts_at:
        return Reason("not_started", {"date": revision.starts_at.isoformat()})
    if revision.ends_at is not None and situation.happened_at >= revision.ends_at:
        return Reason("ended", {"date": revision.ends_at.isoformat()})
    if revision.points_class == MEASURE_ONLY:
        return MEASURED
    if revision.earn.multiply_percent is not None:
        return _Candidate(revision, 0, None)
    points = revision.earn.base(situation.quantity)
    if points == 0:
        return Reason("too_little", {"per": revision.earn.per})
    return _clamped(revision, points, situation, standing)


def _clamped(revision: Revision, points: int, situation: Situation, standing: Standing) -> Reason | _Candidate:
    limits, wanted, clamp = revision.limits, points, None
    if limits.cooldown_seconds:
        nearest = standing.nearest(revision.rule_id, situation.happened_at)  # acts may come late, in any order
        if nearest is not None:
            apart = abs((situation.happened_at - nearest).total_seconds())
            if apart < limits.cooldown_seconds:
                return Reason("cooling_down", {"seconds": limits.cooldown_seconds})
    for cap in limits.caps:
        tally = standing.tally(revision.rule_id, period_key(cap.period, situation))
        if cap.times is not None and tally.times >= cap.times:
            return Reason(f"cap_reached_{cap.period}", {"cap": cap.times, "counted": "times"})
        if cap.points is not None and tally.points + points > cap.points:
            points = cap.points - tally.points
            clamp = Reason(f"cap_reached_{cap.period}", {"cap": cap.points, "counted": "points"})
            if points <= 0:
                return clamp
    if limits.budget_points is not None:
        left = limits.budget_points - standing.issued(revision.rule_id)
        if points > left:
            points, clamp = left, Reason("budget_exhausted", {"budget": limits.budget_points})
            if points <= 0:
                return clamp
    partly = None if clamp is None else Reason("awarded_partly", {"wanted": wanted, "because": clamp.code})
    return _Candidate(revision, points, partly)


def _stack(candidates: list[_Candidate], verdicts: list[Verdict | None]) -> list[_Candidate]:
    """Keep those that add up; say of the others who beat them. Candidates come highest priority first."""
    if all(each.revision.stacking == ADD for each in candidates):
        return candidates
    exclusive = next((each for each in candidates if each.revision.stacking == EXCLUSIVE), None)
    if exclusive is not None:
        for each in candidates:
            if each is not exclusive:
                verdicts[each.place] = Verdict(each.revision, 0, Reason("excluded", {"by": exclusive.revision.slug}))
        return [exclusive]
    rivals = [each for each in candidates if each.revision.stacking == BEST]
    best = max(rivals, key=lambda each: each.points, default=None)
    for each in rivals:
        if each is not best and best is not None:
            verdicts[each.place] = Verdict(each.revision, 0, Reason("not_the_best", {"by": best.revision.slug}))
    return [each for each in candidates if each.revision.stacking != BEST or each is best]


def _award(candidate: _Candidate, base: int, situation: Situation, standing: Standing) -> Verdict:
    revision, percent = candidate.revision, candidate.revision.earn.multiply_percent
    if percent is not None:
        extra = base * (percent - 100) // 100
        if extra <= 0:
            return _common_verdict(revision, 0, NOTHING_TO_MULTIPLY)
        answer = _clamped(revision, extra, situation, standing)
        if isinstance(answer, Reason):
            return Verdict(revision, 0, answer)
        candidate = answer
    if candidate.clamp is not None:
        return Verdict(revision, candidate.points, candidate.clamp)
    return _common_verdict(revision, candidate.points, AWARDED)
