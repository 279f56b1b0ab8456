"""What the fan's first page costs beside two that say hello on the same server: processor time, and bytes.

One hello is a bare Flask view; the other is the smallest page of the product, which passes all that every request of
ours passes (log line, headers, guard, language). All are asked for over loopback, in turns, by one browser; what is
counted is the processor time of the process that serves, its server and all, so that neither a busy machine nor this
client weighs in.
"""

from __future__ import annotations

import base64
import http.client
import multiprocessing
import secrets
import socket
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from statistics import median
from typing import Any

from flask import Flask
from granian.constants import Interfaces
from granian.server import Server
from sqlmodel import Session

from loyalty import clock, memory
from loyalty.access import sessions
from loyalty.bench.scratch import scratch_database
from loyalty.db import Database
from loyalty.fans import find
from loyalty.seed import seed
from loyalty.settings import Settings, load
from loyalty.web.app import create_app
from loyalty.web.fan_session import COOKIE

HELLO, SPENT = "/bench/hello", "/bench/spent"
SMALLEST = "/healthz"
_HOST = "127.0.0.1"
_SECONDS_TO_START = 120
_Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


@dataclass(frozen=True, slots=True, kw_only=True)
class PageCost:
    """Medians of the rounds.

    Attributes:
        hello, smallest, home: processor time of one request, in microseconds.
        bytes: of the page itself, as it is sent.
    """

    hello: float
    smallest: float
    home: float
    bytes: int

    @property
    def ratio(self) -> float:
        """How many bare hellos one home is."""
        return self.home / self.hello

    @property
    def of_ours(self) -> float:
        """How many of the product's own smallest pages one home is."""
        return self.home / self.smallest


def measure(url: str, *, requests: int, rounds: int, say: Callable[[str], None]) -> PageCost:
    """Measure on a scratch database beside the one of `url`, which is not touched.

    Args:
        requests: how many of each page a round asks for.
        rounds: how often the two take turns.
    """
    with scratch_database(url) as db:
        settings = new_settings(db.url)
        say("making a station of 160 fans and 20 days")
        seed(db, settings, now=clock.now(), fans=160, days=20)
        cookie = f"{COOKIE}={db.write(_sign_in)}"
        say(f"{rounds} rounds of {requests:,} requests each")
        with _served(settings) as port, closing(_Client(port, cookie)) as client:
            paths = (HELLO, SMALLEST, "/")
            for path in paths:
                client.spent(path, requests // 4 + 1)  # warm
            turns = [[client.spent(path, requests) for path in paths] for _ in range(rounds)]
            hello, smallest, home = (median(column) for column in zip(*turns, strict=True))
            return PageCost(
                hello=hello,
                smallest=smallest,
                home=home,
                bytes=len(client.get("/")),
            )


class _Client:
    def __init__(self, port: int, cookie: str) -> None:
        self._connection = http.client.HTTPConnection(_HOST, port, timeout=20)
        self._headers = {"Cookie": cookie, "Accept-Language": "fr"}

    def close(self) -> None:
        self._connection.close()

    def get(self, path: str) -> bytes:
        self._connection.request("GET", path, headers=self._headers)
        response = self._connection.getresponse()
        body = response.read()
        assert response.status == 200, f"{path}: {response.status}"
        return body

    def spent(self, path: str, requests: int) -> float:
        """Microseconds of processor time that one request for `path` takes the server."""
        before = float(self.get(SPENT))
        for _ in range(requests):
            self.get(path)
        return (float(self.get(SPENT)) - before) / requests * 1e6


def _sign_in(session: Session) -> str:
    fan = find.by_email(session, "ines@example.org")
    assert fan is not None, "the cast of every station made by seed"
    return sessions.begin(session, kind=sessions.FAN, subject_id=fan.id, agent="bench")


def new_settings(url: str) -> Settings:
    """Those of an installation made for one measurement."""
    seed_of_key = base64.b64encode(secrets.token_bytes(32)).decode()
    return load(
        {
            "LOYALTY_DATABASE_URL": url,
            "LOYALTY_SECRET_KEY": secrets.token_urlsafe(32),
            "LOYALTY_VOUCHER_KEYS": f"1:{seed_of_key}",
        }
    )


@contextmanager
def _served(settings: Settings) -> Iterator[int]:
    """Serve in a process of its own; gives the port."""
    with socket.create_server((_HOST, 0)) as free:
        port: int = free.getsockname()[1]
    serving = multiprocessing.get_context("spawn").Process(target=_serve, args=(settings, port))
    serving.start()
    try:
        wait_for(port)
        yield port
    finally:
        serving.terminate()
        serving.join(10)
        if serving.is_alive():
            serving.kill()


def wait_for(port: int) -> None:
    """Wait until somebody listens."""
    until = time.monotonic() + _SECONDS_TO_START
    while True:
        try:
            socket.create_connection((_HOST, port), timeout=1).close()
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.1)
        else:
            return


def _serve(settings: Settings, port: int) -> None:
    server = Server(
        "loyalty.bench.pages",
        address=_HOST,
        port=port,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=2,
        log_enabled=False,
    )
    server.serve(target_loader=partial(_application, settings), wrap_loader=False)


def _application(settings: Settings) -> _Wsgi:
    """Ours, with two more addresses that are answered before it."""
    ours = create_app(settings, Database(settings.database_url))
    hello = Flask("hello", static_folder=None)
    hello.add_url_rule(HELLO, view_func=lambda: "Hello, world!")
    hello.add_url_rule(SPENT, endpoint="spent", view_func=lambda: str(time.process_time()))
    memory.settle()

    def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        chosen = hello if environ["PATH_INFO"] in (HELLO, SPENT) else ours
        return chosen(environ, start_response)

    return application
