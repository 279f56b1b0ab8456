"""`loyalty worker`: what runs on its own."""

from __future__ import annotations

import signal
from threading import Event
from typing import Any

import click

from loyalty import settings as read
from loyalty.cli import open_database
from loyalty.jobs import jobs_of, run_jobs, run_once
from loyalty.web import logs


@click.command()
@click.option("--once", is_flag=True, help="Run every job once and stop.")
def worker(once: bool) -> None:
    """Run the jobs: deliveries, withdrawals, expiry, retention. One is enough, several do no harm."""
    settings = read.load(secrets_needed=False)
    logs.configure(settings.log_level)
    with open_database(settings) as database:
        if once:
            for job in jobs_of(settings):
                run_once(database, job)
            return
        stop = Event()

        def told(*_signal: Any) -> None:
            stop.set()

        signal.signal(signal.SIGTERM, told)
        signal.signal(signal.SIGINT, told)
        run_jobs(database, stop=stop, jobs=jobs_of(settings))
