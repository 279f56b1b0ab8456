"""Measure this machine's own speed."""

from __future__ import annotations

import json

import click

from loyalty import settings as read
from loyalty.bench import QUESTIONS, run
from loyalty.bench.figure import Figure
from loyalty.bench.growth import NoRoom
from loyalty.bench.pages import measure
from loyalty.bench.rush import rush


class Counts(click.ParamType[list[int]]):
    """Whole numbers with commas between, such as 1e4,1e6."""

    name = "numbers"

    def convert(self, value: object, param: click.Parameter | None, context: click.Context | None) -> list[int]:
        """The numbers, or a usage error."""
        try:
            numbers = [float(each) for each in str(value).split(",")]
            counts = [int(each) for each in numbers]
            if counts != numbers or not all(1_000 <= each <= 10**8 for each in counts):
                raise ValueError
        except (ValueError, OverflowError):
            self.fail(f"{value!r} is not a list of numbers from 1e3 to 1e8, such as 1e4,1e6", param, context)
        return counts


@click.group(invoke_without_command=True)
@click.option("--only", multiple=True, type=click.Choice(QUESTIONS), help="One question, or several; by itself all.")
@click.option("--entries", default="1e4,1e6", show_default=True, type=Counts(), help="Stored when growth is measured.")
@click.option("--rounds", default=5, show_default=True, type=click.IntRange(1, 99), help="Each figure is their median.")
@click.option("--acts", default=4_000, show_default=True, type=click.IntRange(20, 10**6), help="In batches, a round.")
@click.option("--json", "as_json", is_flag=True)
@click.pass_context
def bench(
    context: click.Context, only: tuple[str, ...], entries: list[int], rounds: int, acts: int, as_json: bool
) -> None:
    """Measure what an act, a redemption and an entry cost, beside bare statements and a plain ledger.

    On a scratch database, on the same server or disk as LOYALTY_DATABASE_URL, dropped at the end. Ten million entries
    (--entries 1e4,1e6,1e7) take about 13 GB, and half an hour to make. Quote ratios: the figures themselves are this
    machine's, in this minute.
    """
    if context.invoked_subcommand is not None:
        return
    url = read.load(secrets_needed=False).database_url
    figures = []
    try:
        for figure in run(url, questions=only or QUESTIONS, entries=entries, rounds=rounds, acts=acts, say=_say):
            figures.append(figure)
            if not as_json:
                click.echo(_line(figure))
    except NoRoom as problem:
        raise click.ClickException(str(problem)) from None
    if as_json:
        click.echo(json.dumps([figure.as_json() for figure in figures], indent=2))


def _line(figure: Figure) -> str:
    calls = "" if figure.p50 is None else f"  p50 {figure.p50:,.2f} ms, p99 {figure.p99:,.2f} ms"
    ratios = "; ".join(f"{ratio:.3f} of {name}" for name, ratio in figure.beside.items())
    return f"{figure.what:<62} {figure.value:>10,.0f} {figure.unit:<8}{calls:<34}  {ratios}".rstrip()


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
