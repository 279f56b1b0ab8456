"""`loyalty serve`: the pages and the API."""

from __future__ import annotations

import os
import socket

import click
from granian.constants import Interfaces
from granian.server import Server

from loyalty import settings as read
from loyalty.settings import Settings

DRAIN_SECONDS = 30  # how long requests under way may take once we are told to stop


def serve_forever(settings: Settings, *, host: str, port: int, workers: int | None = None, threads: int = 8) -> None:
    """Serve until SIGTERM or Ctrl-C; requests under way are finished.

    Args:
        workers: processes; SQLite has one writer, so one, PostgreSQL two, unless said otherwise.
        threads: requests one process works on at once.
    """
    on_sqlite = settings.database_url.startswith("sqlite")
    Server(
        "loyalty.web.app:from_environment",
        factory=True,
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers or (1 if on_sqlite else 2),
        blocking_threads=threads,
        workers_kill_timeout=DRAIN_SECONDS,
        respawn_failed_workers=True,
        log_access=False,
        websockets=False,
    ).serve()


def refuse_taken(host: str, port: int) -> None:
    """End in a sentence when something else listens there: the server itself would share the port, silently.

    Raises:
        click.ClickException
    """
    try:
        socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET).close()
    except OSError as problem:
        raise click.ClickException(
            f"Port {port} of {host} cannot be had ({os.strerror(problem.errno or 0)}). "
            f"Choose another one, such as: --port {port % 65535 + 1}"
        ) from None


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True)
@click.option("--workers", type=click.IntRange(1, 64), help="Processes; by default 1 on SQLite, 2 on PostgreSQL.")
@click.option("--threads", type=click.IntRange(1, 256), default=8, show_default=True)
def serve(host: str, port: int, workers: int | None, threads: int) -> None:
    """Serve the API and the pages; run `loyalty worker` beside it."""
    refuse_taken(host, port)
    serve_forever(read.load(), host=host, port=port, workers=workers, threads=threads)
