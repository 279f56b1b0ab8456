"""Measure this machine's own speed."""

from __future__ import annotations

import json

import click

from loyalty import settings as read
from loyalty.bench import run
from loyalty.bench.pages import measure
from loyalty.bench.rush import rush


@click.group(invoke_without_command=True)
@click.option("--stored", default=1_000_000, show_default=True, help="How many acts to store for the last figure.")
@click.option("--rounds", default=5, show_default=True, type=click.IntRange(1, 99), help="Each figure is their median.")
@click.option("--json", "as_json", is_flag=True)
@click.pass_context
def bench(context: click.Context, stored: int, rounds: int, as_json: bool) -> None:
    """Measure acts and redemptions a second beside the bare statements, on a scratch database.

    The scratch database stands on the same server, or disk, as LOYALTY_DATABASE_URL, and is dropped at the end.
    Quote ratios: the figures themselves are this machine's, in this minute.
    """
    if context.invoked_subcommand is not None:
        return
    url = read.load(secrets_needed=False).database_url
    figures = []
    for figure in run(url, stored=stored, rounds=rounds, say=_say):
        figures.append(figure)
        if not as_json:
            click.echo(f"{figure.what:<58} {figure.ours:>10,.0f}  floor {figure.floor:>10,.0f}  {figure.ratio:.3f}")
    if as_json:
        rows = [
            {"what": each.what, "per_second": each.ours, "floor": each.floor, "ratio": each.ratio} for each in figures
        ]
        click.echo(json.dumps(rows, indent=2))


@bench.command()
@click.option("--requests", default=200, show_default=True, type=click.IntRange(1, 10_000), help="Of each, a round.")
@click.option("--rounds", default=5, show_default=True, type=click.IntRange(1, 99), help="Each figure is their median.")
@click.option("--json", "as_json", is_flag=True)
def pages(requests: int, rounds: int, as_json: bool) -> None:
    """Measure the processor time of the fan's first page beside a hello on the same server, over loopback."""
    url = read.load(secrets_needed=False).database_url
    cost = measure(url, requests=requests, rounds=rounds, say=_say)
    if as_json:
        said = {
            "hello_us": cost.hello,
            "smallest_us": cost.smallest,
            "home_us": cost.home,
            "ratio": cost.ratio,
            "ratio_to_smallest": cost.of_ours,
            "home_bytes": cost.bytes,
        }
        click.echo(json.dumps(said, indent=2))
    else:
        click.echo(
            f"home {cost.home:,.0f} µs, {cost.bytes:,} bytes; bare hello {cost.hello:,.0f} µs, ratio {cost.ratio:.1f}; "
            f"smallest page of ours {cost.smallest:,.0f} µs, ratio {cost.of_ours:.1f}"
        )


@bench.command("rush")
@click.option("--fans", default=50_000, show_default=True, type=click.IntRange(10, 200_000))
@click.option(
    "--seconds", default=60.0, show_default=True, type=click.FloatRange(1, 600), help="In which they all type."
)
@click.option("--redeemers", default=10_000, show_default=True, type=click.IntRange(1, 200_000))
@click.option("--units", default=500, show_default=True, type=click.IntRange(1, 200_000))
@click.option("--workers", type=click.IntRange(1, 64), help="Serving processes; as `loyalty serve` has it by itself.")
@click.option("--threads", default=64, show_default=True, type=click.IntRange(1, 256), help="Of each serving process.")
def rush_command(fans: int, seconds: float, redeemers: int, units: int, workers: int | None, threads: int) -> None:
    """Have a crowd type a code said on air, then want one of a few units, against the real server on loopback."""
    url = read.load(secrets_needed=False).database_url
    for each in rush(
        url, fans=fans, seconds=seconds, redeemers=redeemers, units=units, workers=workers, threads=threads, say=_say
    ):
        click.echo(
            f"{each.what}: {each.asked:,} asked within {each.within:g} s, answered after {each.seconds:.1f} s "
            f"({each.asked / each.seconds:,.0f} a second); p50 {each.p50:.3f} s, p99 {each.p99:.3f} s; "
            f"{each.counted:,} got it; {dict(each.answers)}; "
            f"{each.processor / each.asked * 1000:.2f} ms of processor each"
        )


def _say(text: str) -> None:
    click.echo(f"... {text}", err=True)
