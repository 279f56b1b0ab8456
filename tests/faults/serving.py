"""A real server, as `loyalty serve` is, in a process group of its own: to be killed as the kernel kills."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import IO, Any, Self

from loyalty.settings import Settings, environment_of
from tests.house.sources import ROOT

STARTS_WITHIN = 60  # seconds, on the busiest machine; how long it took is told, not asserted


class Serving:
    """Serves at one port, again after each kill.

    Args:
        errors: where standard error goes; nowhere when None.
        environment: settings beside those of `settings`.
    """

    def __init__(self, settings: Settings, *, errors: Path | None = None, **environment: str) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port: int = free.getsockname()[1]
        self._environment = environment_of(settings) | environment | {"PYTHONPATH": str(ROOT)}
        self._errors = errors
        self._process: subprocess.Popen[bytes] | None = None
        self.took_to_start: list[float] = []

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def start(self) -> None:
        """Start, and wait until it answers."""
        began = time.monotonic()
        errors: IO[bytes] | int = self._errors.open("ab") if self._errors else subprocess.DEVNULL
        self._process = subprocess.Popen(
            [sys.executable, "-c", "from loyalty.cli import main; main()", "serve", "--port", str(self.port)],
            env=self._environment,
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
            stderr=errors,
            start_new_session=True,
        )
        if not isinstance(errors, int):
            errors.close()
        while not self._answers():
            assert self._process.poll() is None, "the server ended by itself"
            assert time.monotonic() < began + STARTS_WITHIN, "the server does not answer"
            time.sleep(0.02)
        self.took_to_start.append(time.monotonic() - began)

    def kill(self) -> None:
        """SIGKILL to the whole group: nobody is left to clean up."""
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None

    def _answers(self) -> bool:
        try:
            return ask(self.port, "GET", "/healthz")[0] == 200
        except OSError:
            return False


def ask(port: int, method: str, path: str, *, body: bytes | None = None, **headers: str) -> tuple[int, Any, bytes]:
    """Send one request over a connection of its own; the status, the headers and the body of the answer.

    Raises:
        OSError: there was no whole answer.
    """
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()
    except http.client.HTTPException as problem:
        raise ConnectionError(repr(problem)) from problem
    finally:
        connection.close()
