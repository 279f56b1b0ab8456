"""Clients that do not give up: each request is sent again, under the same key, until it is acknowledged."""

from __future__ import annotations

import json
import random
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from loyalty.db import Database
from loyalty.flows.adjust import adjust_points
from loyalty.flows.link import register
from loyalty.flows.manage_keys import make_key
from tests import cast
from tests.cast import ODILE
from tests.faults.serving import ask
from tests.makers.proof import adds_up
from tests.makers.rewards import coffee
from tests.makers.station import rows

THREADS = 4
DRAINS_WITHIN = 90  # seconds until the last of them is acknowledged once nothing fails any more
OF_TEN_REDEEM, OF_TEN_TRIPLED = 3, 3
Request = tuple[str, str]  # the path, and the key


@dataclass
class Told:
    """What clients were told.

    Attributes:
        numbers: what was acknowledged under each key; more than one number is the same thing done twice.
        vouchers: those of redemptions that were acknowledged.
        refused: answers that no retry changes, by code.
        put_off: answers that asked to come again later, by code.
        broken: what a server must never say.
    """

    numbers: dict[Request, set[str]] = field(default_factory=lambda: defaultdict(set))
    vouchers: set[str] = field(default_factory=set)
    refused: Counter[str] = field(default_factory=Counter)
    put_off: Counter[str] = field(default_factory=Counter)
    unreached: int = 0
    broken: list[str] = field(default_factory=list)

    def of(self, path: str) -> set[str]:
        """Every number that was acknowledged at a path."""
        return {number for (each, _), numbers in self.numbers.items() if each == path for number in numbers}


ACTIVITIES, REDEMPTIONS = "/api/v1/activities", "/api/v1/redemptions"


@dataclass(frozen=True)
class Crowd:
    """Fans with points, a reward with stock, and the key of a program that acts for them."""

    fans: list[int]
    key: str


def gather_crowd(db: Database, *, fans: int = 12) -> Crowd:
    """A station on which clients have something to do."""
    cast.open_station(db)
    cast.rule(db)
    coffee(db, units=400, cost_points=10)
    numbers = [register(db, reference=f"fan-{number}", actor=ODILE).id for number in range(fans)]
    for number in numbers:
        adjust_points(db, fan_id=number, amount=100, reason="accueil", actor=ODILE, key=number)
    scopes = ["activities:write", "redemptions:write", "fans:read", "rewards:read"]
    return Crowd(numbers, make_key(db, name="app", scopes_wanted=scopes, actor=ODILE).token)


@contextmanager
def insisting(port: int, crowd: Crowd, *, seed: int) -> Iterator[Told]:
    """Let clients send what chance says, until the block ends and all they have sent is acknowledged."""
    told, stop, give_up = Told(), threading.Event(), threading.Event()
    shared: list[tuple[Request, bytes]] = []  # what is to be sent by others, too
    threads = [
        threading.Thread(
            target=_insist, args=(port, crowd, told, (stop, give_up), shared, random.Random(f"{seed}-{number}"))
        )
        for number in range(THREADS)
    ]
    for each in threads:
        each.start()
    try:
        yield told
    except BaseException:
        give_up.set()  # the test has failed already
        raise
    finally:
        stop.set()
        until = time.monotonic() + DRAINS_WITHIN
        for each in threads:
            each.join(max(0, until - time.monotonic()))
        unanswered = sum(each.is_alive() for each in threads)
        give_up.set()
        for each in threads:
            each.join()
    assert not unanswered, "somebody was never answered"


def nothing_lost_or_doubled(db: Database, told: Told) -> bool:
    """Fail unless the books hold exactly what was acknowledged, once each."""
    assert told.broken == []
    assert {len(numbers) for numbers in told.numbers.values()} == {1}
    assert told.of(ACTIVITIES) and told.of(REDEMPTIONS), "nothing was acknowledged: the test is empty"
    for name, acknowledged in (
        ("activity", told.of(ACTIVITIES)),
        ("redemption", told.of(REDEMPTIONS)),
        ("voucher", told.vouchers),
    ):
        assert {str(number) for (number,) in rows(db, f"SELECT id FROM {name}")} == acknowledged
    (recorded,) = rows(db, "SELECT count(*), count(DISTINCT act_key) FROM activity")
    assert recorded == (len(told.of(ACTIVITIES)),) * 2
    return adds_up(db)


def _insist(
    port: int,
    crowd: Crowd,
    told: Told,
    ends: tuple[threading.Event, threading.Event],
    shared: list[tuple[Request, bytes]],
    chance: random.Random,
) -> None:
    stop, give_up = ends
    while not stop.is_set():
        asked = shared.pop() if shared and chance.random() < 0.4 else _made(crowd, chance, shared)
        while not _acknowledged(port, crowd, told, *asked) and not give_up.is_set():
            time.sleep(chance.uniform(0.01, 0.05))


def _made(crowd: Crowd, chance: random.Random, shared: list[tuple[Request, bytes]]) -> tuple[Request, bytes]:
    fan, key = str(chance.choice(crowd.fans)), f"key-{chance.getrandbits(60)}"
    if chance.randrange(10) < OF_TEN_REDEEM:
        asked = (REDEMPTIONS, key), json.dumps({"fan": fan, "reward": "coffee"}).encode()
    else:
        act = {"network": "station", "actor": fan, "kind": "live_chat", "object": "studio", "id": key}
        asked = (ACTIVITIES, key), json.dumps(act).encode()
    if chance.randrange(10) < OF_TEN_TRIPLED:
        shared += [asked, asked]
    return asked


def _acknowledged(port: int, crowd: Crowd, told: Told, request: Request, body: bytes) -> bool:
    path, key = request
    headers = {"Authorization": f"Bearer {crowd.key}", "Content_Type": "application/json", "Idempotency_Key": key}
    try:
        status, heads, said = ask(port, "POST", path, body=body, **headers)
        answer: dict[str, Any] = json.loads(said)
    except OSError:
        told.unreached += 1
        return False
    except ValueError:
        told.broken.append(f"{status} {said[:200]!r}")
        return False
    if status in (200, 201):
        told.numbers[request].add(answer["id"])
        told.vouchers |= {answer["voucher"]} if path == REDEMPTIONS else set()
        return True
    code = f"{status} {answer.get('code')}"
    if status == 503 and heads.get("Retry-After"):
        told.put_off[code] += 1
        return False
    if status >= 500:
        told.broken.append(f"{code} {path}")
        return False
    told.refused[code] += 1
    return True
