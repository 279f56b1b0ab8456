"""A real server in processes of its own, and how long these have worked."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from loyalty.bench.pages import wait_for
from loyalty.settings import Settings, environment_of

HOST = "127.0.0.1"


@contextmanager
def served(settings: Settings, *, workers: int | None = None, threads: int = 64) -> Iterator[tuple[int, int]]:
    """Serve as `loyalty serve` does; gives the port and the process."""
    with socket.create_server((HOST, 0)) as free:
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


def processor_of(pid: int) -> float:
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
