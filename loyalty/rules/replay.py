"""Recorded acts judged once more, one after the other, and what each rule gave, to whom, on which day."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from loyalty.rules.evaluate import STATUS_ONLY, Revision, Verdict, evaluate
from loyalty.rules.situation import Situation
from loyalty.rules.standing import BatchStanding
from loyalty.rules.timeline import Timeline

Gain = tuple[int, int]  # points, status points


@dataclass
class Replay:
    """One run: rules, where they stood before, and what came of it.

    Attributes:
        by_holder, by_day, by_rule: what was gained.
        awarded: how many acts gained anything.
        reasons: by rule, how often each reason was given by those the act concerned.
        told: one verdict for each rule and reason, as verdicts are kept, to tell the reason in words.
        exhausted_at: when the budget of a rule was used up.
    """

    history: Mapping[int, Sequence[Revision]]
    standing: BatchStanding
    by_holder: dict[int, Gain] = field(default_factory=dict)
    by_day: dict[int, Gain] = field(default_factory=dict)
    by_rule: dict[str, Gain] = field(default_factory=dict)
    awarded: int = 0
    reasons: dict[str, Counter[str]] = field(default_factory=dict)
    told: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    exhausted_at: dict[str, datetime] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._timeline = Timeline(self.history)

    @property
    def gained(self) -> Gain:
        """By everybody, in all."""
        total: Gain = (0, 0)
        for each in self.by_holder.values():
            total = _plus(total, *each)
        return total

    def judge(self, situation: Situation, holder_id: int) -> None:
        """Judge one act after the ones before it."""
        standing = self.standing.of(holder_id)
        gained = False
        for verdict in evaluate(situation, self._timeline.at(situation.happened_at), standing):
            if verdict.awarded:
                gained = True
                self.standing.note(holder_id, situation, verdict)
                self._count(situation.local_day, holder_id, verdict)
            if not verdict.reason.elsewhere:
                self._tell(situation, verdict)
        self.awarded += gained

    def issued(self, rule_id: int) -> int:
        """What a rule has given everybody, ever, at the end of this run."""
        return self.standing.of(0).issued(rule_id)

    def _count(self, day: int, holder_id: int, verdict: Verdict) -> None:
        to_rank = verdict.revision.points_class == STATUS_ONLY
        points, status = (0, verdict.points) if to_rank else (verdict.points, 0)
        slug = verdict.revision.slug
        self.by_holder[holder_id] = _plus(self.by_holder.get(holder_id), points, status)
        self.by_day[day] = _plus(self.by_day.get(day), points, status)
        self.by_rule[slug] = _plus(self.by_rule.get(slug), points, status)

    def _tell(self, situation: Situation, verdict: Verdict) -> None:
        slug, code = verdict.revision.slug, verdict.reason.code
        self.reasons.setdefault(slug, Counter())[code] += 1
        self.told.setdefault((slug, code), verdict.kept)
        if "budget_exhausted" in (code, verdict.reason.holes.get("because")):
            self.exhausted_at.setdefault(slug, situation.happened_at)


def _plus(gain: Gain | None, points: int, status: int) -> Gain:
    had = gain or (0, 0)
    return had[0] + points, had[1] + status
