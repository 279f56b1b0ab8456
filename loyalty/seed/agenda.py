"""What happens next: one thing after the other, each at its moment, with the clock showing it."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from datetime import datetime
from itertools import count


class Agenda:
    """A queue in the order of time, and the clock (`clock.Source`) of whatever it runs."""

    def __init__(self, begins: datetime) -> None:
        self._now = begins
        self._numbers = count()
        self._queue: list[tuple[datetime, int, Callable[[], object]]] = []

    def __call__(self) -> datetime:
        """What time it is in the story."""
        return self._now

    def at(self, moment: datetime, do: Callable[[], object]) -> None:
        """Have `do` called at a moment; at once, if that is over."""
        heapq.heappush(self._queue, (max(moment, self._now), next(self._numbers), do))

    def run(self, until: datetime) -> None:
        """Let everything happen up to an instant; what it brings about in that time too."""
        while self._queue and self._queue[0][0] <= until:
            self._now, _, do = heapq.heappop(self._queue)
            do()
        self._now = until
