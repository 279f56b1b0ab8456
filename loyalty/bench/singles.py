"""Single acts by callers at once, who share transactions, beside one bare insert or plain transfer a transaction."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from loyalty.activities.fact import ActivityFact
from loyalty.bench.crowd import ACTOR, Crowd
from loyalty.bench.figure import Figure, figures_of
from loyalty.bench.floor import Floor
from loyalty.bench.transfers import PlainLedger
from loyalty.bench.turns import Pace, take_turns, timed
from loyalty.flows.earn import earn_one

CALLERS = (1, 8, 64)
AGAINST = {"insert": "one bare insert a transaction", "transfer": "one plain transfer a transaction"}


def measure(crowd: Crowd, floor: Floor, plain: PlainLedger, *, rounds: int, calls: int) -> Iterator[Figure]:
    """Through the flow, by 1, 8 and 64 callers of one process; `calls` of each way and round by each 8 callers."""
    for callers in CALLERS:
        count = calls * max(1, callers // 8)
        ways = {
            "insert": partial(timed, floor.one_row, range(count), callers=callers),
            "transfer": partial(timed, plain.transfer, range(count), callers=callers),
            "ours": partial(_ours, crowd, count, callers),
        }
        yield from lines(take_turns(ways, rounds=rounds), "acts through the flow", callers)


def _ours(crowd: Crowd, count: int, callers: int) -> Pace:
    def one(fact: ActivityFact) -> None:
        earn_one(crowd.db, fact, source=ACTOR)

    return timed(one, crowd.facts(count), callers=callers)


def lines(paces: dict[str, Pace], ours: str, callers: int) -> list[Figure]:
    """What was measured by so many callers."""
    by = "1 caller" if callers == 1 else f"{callers} callers"
    what = {
        "insert": f"floor: one bare insert a transaction, {by}",
        "transfer": f"plain ledger: one locked transfer a transaction, {by}",
        "ours": f"{ours}, {by}",
    }
    return figures_of(paces, what, held="ours", against={way: AGAINST[way] for way in paces if way != "ours"})
