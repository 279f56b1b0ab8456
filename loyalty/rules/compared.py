"""Two replays of the same acts side by side: what changes by day, by rule, by budget and by holder."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from loyalty.rules.replay import Gain, Replay

_NOTHING: Gain = (0, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class DayChange:
    """One local day (20261123)."""

    day: int
    acts: int
    before: Gain
    after: Gain


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleChange:
    """One rule, in points of its class; how often it gave which reason to acts it is about."""

    slug: str
    is_draft: bool
    before: Gain
    after: Gain
    reasons: list[tuple[dict[str, Any], int, int]]  # a verdict that tells it, before, after


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetChange:
    """The budget of a rule at the end of the window; when it was used up in either run."""

    slug: str
    budget: int
    spent_before: int
    spent_after: int
    exhausted_before: datetime | None
    exhausted_after: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class HolderChange:
    """What one holder would have gained instead."""

    holder_id: int
    before: Gain
    after: Gain

    @property
    def change(self) -> Gain:
        """After less before."""
        return self.after[0] - self.before[0], self.after[1] - self.before[1]


def days_changed(acts: Mapping[int, int], before: Replay, after: Replay) -> list[DayChange]:
    """Every day on which something happened, the first first.

    Args:
        acts: how many, by day.
    """
    return [
        DayChange(day=day, acts=count, before=before.by_day.get(day, _NOTHING), after=after.by_day.get(day, _NOTHING))
        for day, count in sorted(acts.items())
    ]


def holders_changed(before: Replay, after: Replay) -> tuple[list[HolderChange], list[HolderChange]]:
    """Who gains, the most first, and who loses, the most first."""
    changes = [
        HolderChange(
            holder_id=holder_id,
            before=before.by_holder.get(holder_id, _NOTHING),
            after=after.by_holder.get(holder_id, _NOTHING),
        )
        for holder_id in sorted(before.by_holder.keys() | after.by_holder.keys())
    ]
    changes.sort(key=lambda each: each.change)
    return [each for each in reversed(changes) if each.change > _NOTHING], [
        each for each in changes if each.change < _NOTHING
    ]


def rules_changed(before: Replay, after: Replay, drafts: Collection[str]) -> list[RuleChange]:
    """The drafts, then every other rule that gives more or less because of them."""
    found = []
    for slug in sorted({*before.by_rule, *after.by_rule, *drafts}, key=lambda each: (each not in drafts, each)):
        had, has = before.by_rule.get(slug, _NOTHING), after.by_rule.get(slug, _NOTHING)
        if slug in drafts or had != has:
            reasons = _reasons(slug, before, after)
            found.append(RuleChange(slug=slug, is_draft=slug in drafts, before=had, after=has, reasons=reasons))
    return found


def budgets_changed(before: Replay, after: Replay) -> list[BudgetChange]:
    """Every budget that the acts drew on, as the drafts have it."""
    found = []
    for rule_id, revisions in sorted(after.history.items()):
        last = revisions[-1]
        if last.limits.budget_points is None or not {last.slug} & (before.by_rule.keys() | after.by_rule.keys()):
            continue
        found.append(
            BudgetChange(
                slug=last.slug,
                budget=last.limits.budget_points,
                spent_before=before.issued(rule_id),
                spent_after=after.issued(rule_id),
                exhausted_before=before.exhausted_at.get(last.slug),
                exhausted_after=after.exhausted_at.get(last.slug),
            )
        )
    return found


def _reasons(slug: str, before: Replay, after: Replay) -> list[tuple[dict[str, Any], int, int]]:
    """Each reason once, as one verdict tells it, and how often it was given, the most frequent first."""
    counts = before.reasons.get(slug, Counter()), after.reasons.get(slug, Counter())
    told = {code: verdict for run in (before, after) for (of, code), verdict in run.told.items() if of == slug}
    reasons = [(verdict, counts[0][code], counts[1][code]) for code, verdict in told.items()]
    return sorted(reasons, key=lambda each: -max(each[1:]))
