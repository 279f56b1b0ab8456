"""Radio Lumière, made and served by `loyalty demo` in a process of its own, as anybody would start it."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SECONDS_TO_START = 120


@contextmanager
def served(folder: Path, *, fans: int = 160, days: int = 20) -> Iterator[str]:
    """The address of a small station; its data are made in `folder` first."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-c", "from loyalty.cli import main; main()", "demo"]
    command += ["--fans", str(fans), "--days", str(days), "--port", str(port)]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("LOYALTY_")}
    environment["PYTHONPATH"] = str(Path(__file__).parents[2])
    log = (folder / "log").open("wb")
    process = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log)
    try:
        url = f"http://127.0.0.1:{port}"
        _wait(url, process, folder / "log")
        yield url
    finally:
        process.terminate()
        process.wait(40)
        log.close()


def passes(folder: Path) -> dict[str, str]:
    """How the cast gets in."""
    kept: dict[str, str] = json.loads((folder / "var" / "demo.json").read_text(encoding="utf-8"))
    return kept


def _wait(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < until and process.poll() is None:
        try:
            urllib.request.urlopen(f"{url}/healthz", timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(f"The station did not start:\n{log.read_text()}")
