"""The rush: a code is said on air and everybody types it within a minute; then everybody wants one of the few units.

A real server in processes of its own answers a real client over loopback. Requests leave at times that were fixed
beforehand, and how long each took is counted from then: a server that falls behind cannot slow its own crowd down.
"""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import os
import re
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from loyalty import bulk, clock, ids
from loyalty.access import sessions
from loyalty.access.tables import WebSession
from loyalty.animations import find
from loyalty.animations.schema import OpenSchema
from loyalty.bench.pages import new_settings, wait_for
from loyalty.bench.scratch import scratch_database
from loyalty.db import Database
from loyalty.fans.identities import OWN_NETWORK
from loyalty.fans.tables import Fan, Identity
from loyalty.flows.animate import id_of, open_animation
from loyalty.flows.manage_keys import make_key
from loyalty.flows.manage_partners import create_partner
from loyalty.flows.manage_programme import set_up
from loyalty.flows.manage_rewards import create_reward
from loyalty.flows.manage_rules import apply_rule
from loyalty.flows.move_stock import receive
from loyalty.flows.verify import verify
from loyalty.ledger.tables import Holder
from loyalty.programme.expiry import Rolling
from loyalty.settings import Settings, environment_of
from loyalty.web.fan_session import COOKIE

_ACTOR, _SLUG, _CODE = "bench", "rush", "tournesol 47"
_CONNECTIONS = 256
_LONGEST = 600  # seconds that one crowd may take in all
_REWARD = {
    "slug": "mug",
    "name_fr": "Tasse",
    "name_en": "Mug",
    "cost_points": 10,
    "partner": "bench",
}
_RULE = {
    "name": {"fr": "Code", "en": "Code"},
    "class": "redeemable",
    "when": {"all": [{"kind": {"one_of": ["onair_code"]}}]},
    "earn": {"points": 1, "per": 1},
}


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
        tokens = _make_station(db, fans, units)
        key = make_key(db, name=_ACTOR, scopes_wanted=["redemptions:write"], actor=_ACTOR).token
        with _served(settings, workers=workers, threads=threads) as (port, pid):
            say(f"{fans:,} fans type the code within {seconds:g} seconds")
            codes = [_typed(token, form) for token, form in zip(tokens.values(), _forms(port, tokens), strict=False)]
            yield _crowd("type the code", port, pid, codes, seconds, lambda: _recorded(db))
            wanting = list(tokens)[:redeemers]
            say(f"{len(wanting):,} fans want one of {units:,} units")
            drop = [_redeemed(fan, key) for fan in wanting]
            yield _crowd("redeem", port, pid, drop, seconds / 6, lambda: _taken(db))
        proof = verify(db)
        assert proof.holds, f"the books do not hold: {proof.breaches[:3]}"


def _make_station(db: Database, fans: int, units: int) -> dict[int, str]:
    """Returns the session tokens by fan."""
    set_up(db, name="Bench", time_zone="Europe/Paris", language="fr", expiry=Rolling(24), actor=_ACTOR)
    apply_rule(db, slug="code", body=_RULE, actor=_ACTOR, in_force_from=clock.now() - timedelta(days=1))
    create_partner(db, slug="bench", name="Bench", actor=_ACTOR)
    create_reward(db, _REWARD, actor=_ACTOR)
    receive(db, reward_slug="mug", quantity=units, donor=_ACTOR, actor=_ACTOR, reason=_ACTOR)
    tokens = {fan_id: ids.secret() for fan_id in ids.many(fans)}
    db.write(lambda session: _let_in(session, tokens))
    said = {"kind": "on_air_code", "slug": _SLUG, "starts_at": clock.now().isoformat(), "minutes": 60}
    open_animation(db, OpenSchema().load({**said, "solution": {"code": _CODE}}), actor=_ACTOR)
    return tokens


def _let_in(session: Session, tokens: Mapping[int, str]) -> None:
    """Fans who are signed in, set by set: one by one they would take longer than the rush."""
    now = clock.now()
    until = now + timedelta(days=1)
    buckets = {each: ids.bucket_of(each) for each in tokens}
    bulk.insert(
        session,
        _table(Fan),
        ("id", "bucket", "language", "created_at"),
        [(each, bucket, "fr", now) for each, bucket in buckets.items()],
    )
    accounts = [
        (identity_id, OWN_NETWORK, str(each), each, buckets[each], each, now, now)
        for identity_id, each in zip(ids.many(len(tokens)), tokens, strict=True)
    ]
    columns = ("id", "network", "external_id", "holder_id", "bucket", "fan_id", "first_seen_at", "linked_at")
    bulk.insert(session, _table(Identity), columns, accounts)
    empty = [(each, bucket, 0, 0, 0, 0, now) for each, bucket in buckets.items()]
    bulk.insert(session, _table(Holder), ("id", "bucket", "balance", "held", "status", "debt", "created_at"), empty)
    open_now = [
        (session_id, sessions.FAN, each, sessions.digest(token), now, now, now, until)
        for session_id, (each, token) in zip(ids.many(len(tokens)), tokens.items(), strict=True)
    ]
    columns = ("id", "kind", "subject_id", "token_hash", "created_at", "proved_at", "last_seen_at", "expires_at")
    bulk.insert(session, _table(WebSession), columns, open_now)


def _table(model: Any) -> sa.Table:
    table: sa.Table = model.__table__
    return table


def _forms(port: int, tokens: Mapping[int, str]) -> Iterator[tuple[str, str]]:
    """The anti-forgery cookie and field of a page, which is bound to a browser and not to a fan, over and over."""
    token = next(iter(tokens.values()))
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.sendall(_request("GET", f"/play/{_SLUG}", {"Cookie": f"{COOKIE}={token}", "Connection": "close"}))
        page = b"".join(iter(lambda: connection.recv(65_536), b"")).decode()
    cookie = re.search(r"__Host-loyalty-form=([^;]+)", page)
    field = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert cookie and field, page[:500]
    while True:
        yield cookie[1], field[1]


def _typed(token: str, form: tuple[str, str]) -> bytes:
    body = f"csrf_token={form[1]}&code={_CODE.replace(' ', '+')}"
    headers = {
        "Cookie": f"{COOKIE}={token}; __Host-loyalty-form={form[0]}",
        "Content-Type": "application/x-www-form-urlencoded",
    }
    return _request("POST", f"/play/{_SLUG}", headers, body)


def _redeemed(fan: int, key: str) -> bytes:
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json", "Idempotency-Key": f"rush-{fan}"}
    return _request("POST", "/api/v1/redemptions", headers, json.dumps({"fan": str(fan), "reward": "mug"}))


def _request(method: str, path: str, headers: Mapping[str, str], body: str = "") -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n" + body).encode()


def _crowd(
    what: str, port: int, pid: int, requests: Sequence[bytes], within: float, counted: Callable[[], int]
) -> Rush:
    before = _processor_of(pid)
    with multiprocessing.get_context("spawn").Pool(1) as client:
        took, answers, seconds = client.apply(_send_all, (port, requests, within))
    in_order = sorted(took)
    return Rush(
        what=what,
        asked=len(requests),
        within=within,
        counted=counted(),
        answers=answers,
        seconds=seconds,
        p50=in_order[len(in_order) // 2],
        p99=in_order[len(in_order) * 99 // 100],
        processor=_processor_of(pid) - before,
    )


def _send_all(port: int, requests: Sequence[bytes], within: float) -> tuple[list[float], Counter[str], float]:
    return asyncio.run(asyncio.wait_for(_send(port, requests, within), _LONGEST))


async def _send(port: int, requests: Sequence[bytes], within: float) -> tuple[list[float], Counter[str], float]:
    """Send each request when it is due, over connections that are kept; one that is busy is not waited for twice."""
    due: asyncio.Queue[tuple[float, bytes] | None] = asyncio.Queue()
    took: list[float] = []
    answers: Counter[str] = Counter()
    began = time.perf_counter()

    async def work() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while (asked := await due.get()) is not None:
            at, request = asked
            writer.write(request)
            answers[await _answer(reader)] += 1
            took.append(time.perf_counter() - began - at)
        writer.close()

    workers = [asyncio.create_task(work()) for _ in range(_CONNECTIONS)]
    for number, request in enumerate(requests):
        at = within * number / len(requests)
        ahead = at - (time.perf_counter() - began)
        if ahead > 0.001:
            await asyncio.sleep(ahead)
        due.put_nowait((at, request))
    for _ in workers:
        due.put_nowait(None)
    await asyncio.gather(*workers)
    return took, answers, time.perf_counter() - began


async def _answer(reader: asyncio.StreamReader) -> str:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    length = re.search(r"(?i)\r\ncontent-length: (\d+)", head)
    body = await reader.readexactly(int(length[1]) if length else 0)
    status = head[9:12]
    refused = re.search(rb'"code": ?"(\w+)"', body) if status != "200" else None
    return f"{status} {refused[1].decode()}" if refused else status


def _recorded(db: Database) -> int:
    counts = db.read(lambda session: find.counts(session, id_of(find.animation(session, _SLUG))))
    return counts.get("recorded", 0)


def _taken(db: Database) -> int:
    taken = "SELECT count(*) FROM redemption"
    return int(db.read(lambda session: session.connection().exec_driver_sql(taken).scalar_one()))


@contextmanager
def _served(settings: Settings, *, workers: int | None, threads: int) -> Iterator[tuple[int, int]]:
    """Serve as `loyalty serve` does; gives the port and the process."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    command = [sys.executable, "-c", "from loyalty.cli import main; main()", "serve"]
    command += ["--port", str(port), "--threads", str(threads)]
    if workers is not None:
        command += ["--workers", str(workers)]
    serving = subprocess.Popen(command, env=environment_of(settings), stdout=subprocess.DEVNULL)  # noqa: S603 - our own
    try:
        wait_for(port)
        yield port, serving.pid
    finally:
        serving.terminate()
        serving.wait(40)


def _processor_of(pid: int) -> float:
    """Seconds that a process and its children worked."""
    ticks = os.sysconf("SC_CLK_TCK")
    spent = 0.0
    for each in _family(pid):
        fields = Path(f"/proc/{each}/stat").read_text().rpartition(")")[2].split()
        spent += (int(fields[11]) + int(fields[12])) / ticks
    return spent


def _family(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(each for child in children for each in _family(int(child)))]
