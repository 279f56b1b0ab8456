"""Which tier a holder has: a pure answer from the ladder, what was earned in two years, and what was promised.

Who earns a tier's threshold within a year has that tier until the end of the next, whatever happens to the balance. So
there are three claims at any time: by the year before, by this year, and by what was promised and still stands.
The best of them wins; asked twice, it says the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from loyalty.programme.years import end_of_year

# Why a tier changed.
REACHED = "reached"  # enough was earned
KEPT = "kept"  # the same tier, longer
ENDED = "ended"  # its date came, and less was earned since
WITHDRAWN = "withdrawn"  # what had earned it was taken back
MERGED = "merged"  # two holders turned out to be one
LADDER = "ladder"  # the ladder was changed
REASONS = (REACHED, KEPT, ENDED, WITHDRAWN, MERGED, LADDER)


@dataclass(frozen=True, slots=True)
class Step:
    """One tier, as far as deciding goes; a tier that was archived is kept to its date and given to nobody."""

    id: int
    threshold: int
    is_open: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Years:
    """Two years of status points by where they begin and end, and the end of the year that follows."""

    before: datetime
    last: datetime
    this: datetime
    next: datetime

    @classmethod
    def at(cls, now: datetime, *, first_month: int, zone: ZoneInfo) -> Years:
        """The years around an instant: it is in the one that ends at `this`."""
        before, last, this, following = (end_of_year(now, first_month, zone, later=each) for each in (-2, -1, 0, 1))
        return cls(before=before, last=last, this=this, next=following)


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A tier somebody has, or might have.

    Attributes:
        step: None: no tier, and then `holds_until` is None.
        points: earned within the year.
        threshold: what it took when it was given; 0: nothing, by way of a soft landing.
    """

    step: Step | None
    holds_until: datetime | None
    year_starts_at: datetime
    year_ends_at: datetime
    points: int
    threshold: int

    @property
    def rank(self) -> tuple[int, float]:
        """Higher is better: the tier first, then how long it holds."""
        if self.step is None or self.holds_until is None:
            return (0, 0.0)
        return (self.step.threshold, self.holds_until.timestamp())


@dataclass(frozen=True, slots=True)
class Change:
    """What a holder's tier becomes, and why."""

    claim: Claim
    reason: str


def counted(earned: Mapping[datetime, int], starts_at: datetime, ends_at: datetime) -> int:
    """The status points earned within a year.

    Args:
        earned: by the end of the year they count in, as it was when they were earned: the station may have moved its
            years since, and what would have counted until an instant between two ends counts until the later.
    """
    return sum(points for until, points in earned.items() if starts_at < until <= ends_at)


def no_tier(earned: Mapping[datetime, int], years: Years) -> Claim:
    """What anybody may claim."""
    return Claim(
        step=None,
        holds_until=None,
        year_starts_at=years.before,
        year_ends_at=years.last,
        points=counted(earned, years.before, years.last),
        threshold=0,
    )


def decide(
    ladder: Sequence[Step],
    held: Claim | None,
    earned: Mapping[datetime, int],
    years: Years,
    *,
    now: datetime,
    one_step: bool,
    inherited: Claim | None = None,
    why: str | None = None,
) -> Change | None:
    """What a holder's tier becomes now; None: it stays as it is.

    Args:
        ladder: every tier, archived ones too, in any order.
        held: what the holder has, None if it never had any.
        earned: status points by the end of the year they count in.
        one_step: who loses a tier at its date has the one below for a year, whatever was earned.
        inherited: what was promised to another who turned out to be this holder.
        why: the reason, where it is not for the figures to tell.
    """
    promised = [
        each
        for each in (held, inherited)
        if each is not None
        and each.holds_until is not None
        and now < each.holds_until
        and counted(earned, each.year_starts_at, each.year_ends_at) >= each.threshold
    ]
    spans = ((years.before, years.last, years.this), (years.last, years.this, years.next))
    by_year = [_claim(ladder, counted(earned, start, end), start, end, until) for start, end, until in spans]
    nothing = no_tier(earned, years)
    before = held or nothing
    best = max((*promised, *(each for each in by_year if each), nothing), key=lambda each: each.rank)
    is_over = before.holds_until is not None and before.holds_until <= now
    if one_step and is_over and before.step is not None:
        below = _highest(ladder, under=before.step.threshold)
        if below is not None and best.rank[0] < below.threshold:
            best = Claim(
                step=below,
                holds_until=years.this,
                year_starts_at=years.before,
                year_ends_at=years.last,
                points=nothing.points,
                threshold=0,
            )
    if (best.step, best.holds_until) == (before.step, before.holds_until):
        return None
    return Change(best, why or _reason(before, best, is_over=is_over))


def _claim(
    ladder: Sequence[Step], points: int, starts_at: datetime, ends_at: datetime, until: datetime
) -> Claim | None:
    step = _highest(ladder, under=points + 1)
    if step is None:
        return None
    return Claim(
        step=step,
        holds_until=until,
        year_starts_at=starts_at,
        year_ends_at=ends_at,
        points=points,
        threshold=step.threshold,
    )


def _highest(ladder: Sequence[Step], *, under: int) -> Step | None:
    reached = (each for each in ladder if each.is_open and each.threshold < under)
    return max(reached, key=lambda each: each.threshold, default=None)


def _reason(before: Claim, after: Claim, *, is_over: bool) -> str:
    if after.rank[0] > before.rank[0]:
        return REACHED
    if after.rank > before.rank:
        return KEPT
    return ENDED if is_over else WITHDRAWN
