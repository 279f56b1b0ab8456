"""Measure this machine's own speed."""

from __future__ import annotations

import json

import click

from loyalty import settings as read
from loyalty.bench import run


@click.command()
@click.option("--stored", default=1_000_000, show_default=True, help="How many acts to store for the last figure.")
@click.option("--rounds", default=5, show_default=True, type=click.IntRange(1, 99), help="Each figure is their median.")
@click.option("--json", "as_json", is_flag=True)
def bench(stored: int, rounds: int, as_json: bool) -> None:
    """Measure acts and redemptions a second beside the bare statements, on a scratch database.

    The scratch database stands on the same server, or disk, as LOYALTY_DATABASE_URL, and is dropped at the end.
    Quote ratios: the figures themselves are this machine's, in this minute.
    """
    url = read.load(secrets_needed=False).database_url
    figures = []
    for figure in run(url, stored=stored, rounds=rounds, say=lambda text: click.echo(f"... {text}", err=True)):
        figures.append(figure)
        if not as_json:
            click.echo(f"{figure.what:<58} {figure.ours:>10,.0f}  floor {figure.floor:>10,.0f}  {figure.ratio:.3f}")
    if as_json:
        rows = [
            {"what": each.what, "per_second": each.ours, "floor": each.floor, "ratio": each.ratio} for each in figures
        ]
        click.echo(json.dumps(rows, indent=2))
