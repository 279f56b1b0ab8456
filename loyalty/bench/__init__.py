"""How fast the river runs, always beside a floor measured in the same run on the same database.

These figures come from whatever machine runs them, so only ratios are worth quoting: ours and the floor take turns, and
each figure is the median of its rounds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from loyalty.bench.acts import Crowd
from loyalty.bench.redemptions import Shop
from loyalty.bench.scratch import scratch_database


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the report: what we do a second, and what it is held against."""

    what: str
    floor: float
    ours: float

    @property
    def ratio(self) -> float:
        """Ours to the floor."""
        return self.ours / self.floor


def run(url: str, *, stored: int, rounds: int, say: Callable[[str], None]) -> Iterator[Figure]:
    """Measure on a scratch database beside the one of `url`, which is not touched.

    Args:
        stored: up to how many acts are stored for the last figure.
        rounds: how often each pair takes turns.
        say: told what is going on.
    """
    with scratch_database(url) as db:
        crowd = Crowd(db)
        say("warming up with 10,000 acts")
        crowd.fill_to(10_000)
        for size in (1, 100, 1_000):
            say(f"acts in batches of {size:,}")
            journal, rows, ours = crowd.batches_of(size, rounds=rounds)
            yield Figure(f"acts per second in batches of {size:,}, beside the same rows bare", rows, ours)
            yield Figure(f"acts per second in batches of {size:,}, beside one bare journal row", journal, ours)
        at_first = crowd.pace(rounds=rounds)
        shop = Shop(db)
        for callers in (1, 8):
            say(f"redemptions, {callers} at once")
            floor, ours = shop.race(callers=callers, rounds=rounds)
            yield Figure(f"redemptions per second, {callers} at once", floor, ours)
        say(f"storing {stored:,} acts")
        crowd.fill_to(stored, say=say)
        yield Figure(f"acts per second with {stored:,} stored, beside 10,000", at_first, crowd.pace(rounds=rounds))
