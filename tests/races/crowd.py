"""Many at once: everybody waits for the same start, and whatever comes out is kept."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Barrier
from typing import Any


@dataclass(frozen=True, slots=True)
class Came:
    """What one call answered, or what it raised."""

    answer: Any
    raised: Exception | None


def at_once(calls: Sequence[Callable[[], Any]], *, threads: int = 16) -> list[Came]:
    """Make all calls, `threads` at a time, the first of each thread together."""
    threads = min(threads, len(calls))
    start = Barrier(threads)

    def work(mine: Sequence[Callable[[], Any]]) -> list[Came]:
        start.wait()
        return [_made(call) for call in mine]

    with ThreadPoolExecutor(threads) as pool:
        shares = [calls[at::threads] for at in range(threads)]
        return [came for share in pool.map(work, shares) for came in share]


def answers(came: Sequence[Came]) -> list[Any]:
    """What was answered by those that raised nothing."""
    return [each.answer for each in came if each.raised is None]


def refusals(came: Sequence[Came]) -> list[str]:
    """The kinds of what was raised, sorted."""
    return sorted(type(each.raised).__name__ for each in came if each.raised is not None)


def _made(call: Callable[[], Any]) -> Came:
    try:
        return Came(call(), None)
    except Exception as raised:  # to be looked at by the test
        return Came(None, raised)
