"""The rush: a code is said on air and everybody types it within a minute; then everybody wants one of the few units.

A real server in processes of its own answers a real client over loopback. Requests leave at times that were fixed
beforehand, and how long each took is counted from then: a server that falls behind cannot slow its own crowd down.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from loyalty.animations import find
from loyalty.bench import rush_station
from loyalty.bench.client import send
from loyalty.bench.pages import new_settings
from loyalty.bench.rush_station import ACTOR, SLUG
from loyalty.bench.scratch import scratch_database
from loyalty.bench.served import processor_of, served
from loyalty.db import Database
from loyalty.flows.animate import id_of
from loyalty.flows.manage_keys import make_key
from loyalty.flows.verify import verify

_CONNECTIONS = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Rush:
    """What became of a crowd.

    Attributes:
        asked: how many requests, sent within `within` seconds.
        counted: how many the database says got what they came for.
        answers: how many of each kind of answer.
        seconds: from the first request to the last answer.
        p50, p99: seconds from when a request was due to its answer.
        processor: seconds that the server's own processes worked.
    """

    what: str
    asked: int
    within: float
    counted: int
    answers: Mapping[str, int]
    seconds: float
    p50: float
    p99: float
    processor: float


def rush(
    url: str,
    *,
    fans: int,
    seconds: float,
    redeemers: int,
    units: int,
    workers: int | None = None,
    threads: int,
    say: Callable[[str], None],
) -> Iterator[Rush]:
    """Measure on a scratch database beside the one of `url`, which is not touched.

    Raises:
        AssertionError: somebody was lost or paid twice, or the books do not hold.
    """
    with scratch_database(url) as db:
        settings = new_settings(db.url)
        say(f"making a station with {fans:,} fans")
        tokens = rush_station.make_station(db, fans, units)
        key = make_key(db, name=ACTOR, scopes_wanted=["redemptions:write"], actor=ACTOR).token
        with served(settings, workers=workers, threads=threads) as (port, pid):
            say(f"{fans:,} fans type the code within {seconds:g} seconds")
            codes = [
                rush_station.typed(token, form)
                for token, form in zip(tokens.values(), rush_station.forms(port, tokens), strict=False)
            ]
            yield _crowd("type the code", port, pid, codes, seconds, lambda: _recorded(db))
            wanting = list(tokens)[:redeemers]
            say(f"{len(wanting):,} fans want one of {units:,} units")
            drop = [rush_station.redeemed(fan, key) for fan in wanting]
            yield _crowd("redeem", port, pid, drop, seconds / 6, lambda: _taken(db))
        proof = verify(db)
        assert proof.holds, f"the books do not hold: {proof.breaches[:3]}"


def _crowd(
    what: str, port: int, pid: int, requests: Sequence[bytes], within: float, counted: Callable[[], int]
) -> Rush:
    before = processor_of(pid)
    sent = send(port, requests, connections=_CONNECTIONS, within=within)
    return Rush(
        what=what,
        asked=len(requests),
        within=within,
        counted=counted(),
        answers=sent.answers,
        seconds=sent.seconds,
        p50=sent.took[len(sent.took) // 2],
        p99=sent.took[len(sent.took) * 99 // 100],
        processor=processor_of(pid) - before,
    )


def _recorded(db: Database) -> int:
    counts = db.read(lambda session: find.counts(session, id_of(find.animation(session, SLUG))))
    return counts.get("recorded", 0)


def _taken(db: Database) -> int:
    taken = "SELECT count(*) FROM redemption"
    return int(db.read(lambda session: session.connection().exec_driver_sql(taken).scalar_one()))
