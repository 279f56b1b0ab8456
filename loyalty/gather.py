"""Calls that come at the same time become one: whoever finds nobody at work does the work of all who wait.

A caller alone is served at once. Where several were served together more are coming, and the next of them waits two
milliseconds for company: starting a transaction costs more than that.
"""

from __future__ import annotations

import threading
import time
import weakref
from collections import deque
from collections.abc import Callable, Hashable, Sequence
from typing import Generic, TypeVar
from weakref import WeakKeyDictionary

from loyalty.errors import Busy

Ask = TypeVar("Ask")
Got = TypeVar("Got")
Owner = TypeVar("Owner")

_FOR_COMPANY = 0.002  # seconds


class OneByOne(Exception):
    """Raised by the work of several: nothing of it was kept, and each has to be done alone."""


class _Place(Generic[Ask, Got]):
    """One caller's: woken when it is served, or when it is its turn to serve."""

    __slots__ = ("ask", "got", "is_served", "raised", "wakes")

    def __init__(self, ask: Ask) -> None:
        self.ask = ask
        self.got: Got | None = None
        self.raised: Exception | None = None
        self.is_served = False
        self.wakes = threading.Event()


class Gatherer(Generic[Ask, Got]):
    """Gathers the calls of many threads.

    Args:
        work: does what several asked for in one go, all or nothing; answers one result for each, in their order: what
            it came to, or the exception that its caller is to be raised.
        apart: what tells calls that must not be done in one go: two of whom it says the same take turns.
        most: how many it does in one go.
    """

    def __init__(
        self,
        work: Callable[[Sequence[Ask]], Sequence[Got | Exception]],
        *,
        apart: Callable[[Ask], Hashable] = id,
        most: int,
    ) -> None:
        self._work, self._apart, self._most = work, apart, most
        self._waiting: deque[_Place[Ask, Got]] = deque()
        self._lock = threading.Lock()  # of what follows; never held while anybody works
        self._at_work = False
        self._had_company = False

    def do(self, ask: Ask) -> Got:
        """What came of it; every caller gets an answer, or an error, of their own."""
        place: _Place[Ask, Got] = _Place(ask)
        with self._lock:
            self._waiting.append(place)
            serves, self._at_work = not self._at_work, True
        if not serves:
            place.wakes.wait()
        if not place.is_served:
            self._take_turn()
        if place.raised is not None:
            raise place.raised
        return place.got  # type: ignore[return-value]

    def _take_turn(self) -> None:
        """Serve those who waited longest, the caller among them, and hand over to the next in line."""
        if self._had_company:
            time.sleep(_FOR_COMPANY)
        places = self._next()
        try:
            self._serve(places)
        finally:
            with self._lock:
                successor = self._waiting[0] if self._waiting else None
                self._at_work = successor is not None
            if successor is not None:
                successor.wakes.set()
            for each in places:
                each.wakes.set()

    def _next(self) -> list[_Place[Ask, Got]]:
        taken: dict[Hashable, _Place[Ask, Got]] = {}
        passed_over = []
        with self._lock:
            for _ in range(min(len(self._waiting), self._most)):
                place = self._waiting.popleft()
                if taken.setdefault(self._apart(place.ask), place) is not place:
                    passed_over.append(place)
            self._waiting.extendleft(reversed(passed_over))
            self._had_company = len(taken) > 1
        return list(taken.values())

    def _serve(self, places: Sequence[_Place[Ask, Got]]) -> None:
        try:
            results = list(zip(places, self._work([each.ask for each in places]), strict=True))
        except Busy as problem:  # whoever is at fault is not among them, and alone each would wait as long again
            results = [(each, problem) for each in places]
        except Exception as problem:
            if len(places) > 1:  # one of them may be the cause: the others must not pay for it
                for each in places:
                    self._serve([each])
                return
            results = [(places[0], problem)]
        for each, result in results:
            if isinstance(result, Exception):
                each.raised = result
            else:
                each.got = result
            each.is_served = True


class Gatherers(Generic[Owner, Ask, Got]):
    """A gatherer for each owner (a database) and subject, made when first asked for and gone with its owner.

    Args:
        work: as that of a `Gatherer`, told for which owner and subject.
    """

    def __init__(
        self,
        work: Callable[[Owner, str, Sequence[Ask]], Sequence[Got | Exception]],
        *,
        apart: Callable[[Ask], Hashable] = id,
        most: int,
    ) -> None:
        self._work, self._apart, self._most = work, apart, most
        self._known: WeakKeyDictionary[Owner, dict[str, Gatherer[Ask, Got]]] = WeakKeyDictionary()

    def of(self, owner: Owner, subject: str = "") -> Gatherer[Ask, Got]:
        """The gatherer of calls about one subject of one owner."""
        by_subject = self._known.setdefault(owner, {})
        known = by_subject.get(subject)
        return known or by_subject.setdefault(subject, self._new(weakref.ref(owner), subject))

    def _new(self, owner: weakref.ref[Owner], subject: str) -> Gatherer[Ask, Got]:
        def work(asked: Sequence[Ask]) -> Sequence[Got | Exception]:
            here = owner()  # held weakly, or what is found by its owner would keep it alive
            assert here is not None, "its caller holds it"
            return self._work(here, subject, asked)

        return Gatherer(work, apart=self._apart, most=self._most)
