"""Acts through the whole flow (rules, caps, lots, verdicts) in batches, beside the floor and a plain ledger."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from loyalty.bench.crowd import Crowd
from loyalty.bench.figure import Figure, figures_of
from loyalty.bench.floor import Floor
from loyalty.bench.transfers import PlainLedger
from loyalty.bench.turns import Pace, take_turns, timed

SIZES = (1, 100, 1_000)
_AGAINST = {
    "journal": "bare journal rows",
    "rows": "the same rows bare",
    "plain": "plain transfers",
}


def measure(crowd: Crowd, floor: Floor, plain: PlainLedger, *, rounds: int, acts: int) -> Iterator[Figure]:
    """Batches of 1, 100 and 1,000, each a transaction.

    Args:
        acts: in batches, of each way and round; single ones are a twentieth of them.
    """
    for size in SIZES:
        calls = max(1, (acts // 20 if size == 1 else acts) // size)
        by = f"batches of {size:,}" if size > 1 else "one by one"
        what = {
            "journal": f"floor: bare journal rows, {by}",
            "rows": f"floor: an activity and a journal row, {by}",
            "plain": f"plain ledger: locked transfers, {by}",
            "ours": f"acts, {by}",
        }
        ways = {
            "journal": partial(_bare, floor.journal_rows, size, calls),
            "rows": partial(_bare, floor.same_rows, size, calls),
            "plain": partial(_bare, plain.loop, size, max(1, calls // 4) if size > 1 else calls),
            "ours": partial(pace_of, crowd, size, calls),
        }
        yield from figures_of(take_turns(ways, rounds=rounds), what, held="ours", against=_AGAINST)


def pace_of(crowd: Crowd, size: int, calls: int) -> Pace:
    """So many batches through the flow."""
    return timed(crowd.send, [crowd.facts(size) for _ in range(calls)], each=size)


def _bare(do: Callable[[int], None], size: int, calls: int) -> Pace:
    return timed(do, [size] * calls, each=size)
