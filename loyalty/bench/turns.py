"""Ways of doing the same take turns, so that whatever else the machine does weighs on all alike; medians are told."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from statistics import median
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How fast one way was.

    Attributes:
        per_second: things done, not calls.
        took: seconds of each call, in ascending order.
    """

    per_second: float
    took: Sequence[float]

    @property
    def p50(self) -> float:
        """Seconds that half of the calls took at most."""
        return self.took[len(self.took) // 2]

    @property
    def p99(self) -> float:
        """Seconds that all but a hundredth of the calls took at most."""
        return self.took[len(self.took) * 99 // 100]


def timed(do: Callable[[T], object], given: Sequence[T], *, each: int = 1, callers: int = 1) -> Pace:
    """Call `do` once for each of `given`, by so many callers at once; a call does `each` things."""

    def one(argument: T) -> float:
        began = time.perf_counter()
        do(argument)
        return time.perf_counter() - began

    began = time.perf_counter()
    if callers == 1:
        took = [one(argument) for argument in given]
    else:
        with ThreadPoolExecutor(callers) as crowd:
            took = list(crowd.map(one, given))
    return Pace(per_second=len(given) * each / (time.perf_counter() - began), took=sorted(took))


def take_turns(ways: Mapping[str, Callable[[], Pace]], *, rounds: int) -> dict[str, Pace]:
    """Each way once a round, in their order: the median of what each did a second, and all its calls together."""
    paces: dict[str, list[Pace]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, way in ways.items():
            paces[name].append(way())
    return {
        name: Pace(
            per_second=median(pace.per_second for pace in each), took=sorted(one for pace in each for one in pace.took)
        )
        for name, each in paces.items()
    }
