"""How fast the river runs, always beside a floor measured in the same run on the same database.

These figures come from whatever machine runs them, so only ratios are worth quoting: ours and what it is held against
take turns, and each figure is the median of its rounds.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence

from loyalty import memory
from loyalty.bench import api, batches, growth, singles, size
from loyalty.bench.crowd import Crowd
from loyalty.bench.figure import Figure
from loyalty.bench.floor import Floor
from loyalty.bench.past import Past
from loyalty.bench.redemptions import Shop
from loyalty.bench.scratch import scratch_database
from loyalty.bench.transfers import PlainLedger

QUESTIONS = ("batches", "singles", "api", "redemptions", "size", "growth")
_FIRST = 10_000  # acts that are there before anything is measured


def run(
    url: str,
    *,
    questions: Collection[str] = QUESTIONS,
    entries: Sequence[int],
    rounds: int,
    acts: int,
    say: Callable[[str], None],
) -> Iterator[Figure]:
    """Measure on a scratch database beside the one of `url`, which is not touched.

    Args:
        questions: which of `QUESTIONS`.
        entries: how many are stored when growth is measured.
        rounds: how often those that are compared take turns.
        acts: of each in a round, in batches; fewer where each is a transaction.

    Raises:
        growth.NoRoom
    """
    with scratch_database(url) as db:
        crowd = Crowd(db)
        if "growth" in questions:
            growth.refuse_without_room(db, max(entries))
        memory.settle()
        say("warming up")
        crowd.fill_to(min(_FIRST, *entries, acts * 5))
        past = Past(db)
        floor, plain = Floor(db), PlainLedger(db)
        calls = max(8, acts // 20)
        if "batches" in questions:
            say("batches")
            yield from batches.measure(crowd, floor, plain, rounds=rounds, acts=acts)
        if "singles" in questions:
            say("single acts, gathered")
            yield from singles.measure(crowd, floor, plain, rounds=rounds, calls=calls)
        if "api" in questions:
            say("single acts through the HTTP API")
            yield from api.measure(crowd, floor, rounds=rounds, calls=calls)
        if "growth" in questions:
            yield from growth.measure(crowd, floor, past, entries=entries, rounds=rounds, acts=acts, say=say)
        if "size" in questions:
            yield from size.measure(crowd, floor, rounds=rounds)
        if "redemptions" in questions:
            say("redemptions")
            yield from _redemptions(Shop(db), rounds)


def _redemptions(shop: Shop, rounds: int) -> Iterator[Figure]:
    for callers in (1, 8):
        floor, ours = shop.race(callers=callers, rounds=rounds)
        yield Figure(
            what=f"redemptions, {callers} at once", value=ours, beside={"bare guarded statements": ours / floor}
        )
