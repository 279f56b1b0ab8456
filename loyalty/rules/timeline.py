"""Which revisions are in force when."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from datetime import datetime

from loyalty.rules.evaluate import Revision


class Timeline:
    """Which revisions are in force when: what judges an activity that comes late.

    Args:
        history: all revisions of each rule, by rule, oldest first.
    """

    def __init__(self, history: Mapping[int, Sequence[Revision]]) -> None:
        self._history = history
        self._changes = sorted({each.in_force_from for revisions in history.values() for each in revisions})
        self._known: dict[int, list[Revision]] = {}

    def at(self, instant: datetime) -> list[Revision]:
        """The revision of each rule in force at an instant, highest priority first, ties by slug."""
        since = bisect_right(self._changes, instant)
        if since not in self._known:
            current = (
                next((each for each in reversed(revisions) if each.in_force_from <= instant), None)
                for revisions in self._history.values()
            )
            chosen = [each for each in current if each is not None]
            self._known[since] = sorted(chosen, key=lambda each: (-each.priority, each.slug))
        return self._known[since]
