"""Chance that falls the same way every time: each part of the story has dice of its own, from one seed."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import accumulate
from random import Random
from typing import Generic, TypeVar

T = TypeVar("T")


def dice(seed: int, of: str) -> Random:
    """The dice of one part of the story, so that a change of one part leaves the others as they were."""
    return Random(f"{seed}/{of}")  # noqa: S311 - a story, not a secret


def about(chance: Random, mean: float) -> int:
    """A count that scatters around `mean` as arrivals do."""
    return max(0, round(chance.gauss(mean, math.sqrt(max(mean, 0.0)))))


def code(chance: Random, digits: int) -> str:
    """So many hexadecimal digits."""
    return f"{chance.getrandbits(4 * digits):0{digits}x}"


class Audience(Generic[T]):
    """Who may take part in something: few do most of it, newcomers come, some leave.

    Args:
        members: each with since when, until when (None: still) and how lively it is.
    """

    def __init__(self, members: Iterable[tuple[datetime, datetime | None, float, T]]) -> None:
        known = sorted(members, key=lambda each: each[0])
        self._since = [since for since, *_ in known]
        self._members = [(until, member) for _, until, _, member in known]
        self._weights = list(accumulate(weight for *_, weight, _ in known))

    def some(self, chance: Random, count: int, at: datetime) -> list[T]:
        """About `count` draws among those who are there at an instant; the lively come up again and again."""
        return list(self._drawn(chance, count, at))

    def different(self, chance: Random, count: int, at: datetime) -> list[T]:
        """At most `count` of those who are there, each once, never more than about half of them."""
        there = bisect_right(self._since, at)
        chosen = dict.fromkeys(self._drawn(chance, 2 * count, at))
        return list(chosen)[: min(count, (there + 1) // 2)]

    def _drawn(self, chance: Random, count: int, at: datetime) -> Iterator[T]:
        there = bisect_right(self._since, at)
        if not there or not count:
            return
        for until, member in chance.choices(self._members[:there], cum_weights=self._weights[:there], k=count):
            if until is None or at < until:
                yield member
