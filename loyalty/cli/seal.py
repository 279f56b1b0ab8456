"""Seal the books, publish the checkpoints, hand out statements with their proof, and check one without a database."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import click

from loyalty.cli import open_database
from loyalty.flows.seal import checkpoints, seal_entries, statement_of
from loyalty.ledger.checkpoint import Published, SigningKey
from loyalty.ledger.proof import problems
from loyalty.settings import load

_File = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def seal() -> None:
    """What makes the books prove themselves to others."""


@seal.command()
def now() -> None:
    """Seal every entry that is not sealed yet; the worker does so every five minutes."""
    settings = load()
    with open_database(settings) as database:
        sealed = seal_entries(database, SigningKey(settings.secret_key))
        made = checkpoints(database)
    click.echo(f"{sealed:,} entries sealed, {len(made):,} checkpoints.")


@seal.command("checkpoints")
def publish() -> None:
    """Print the checkpoints as JSON lines: keep them elsewhere, or publish them."""
    with open_database() as database:
        for each in checkpoints(database):
            click.echo(json.dumps(each.as_json()))


@seal.command()
@click.argument("fan", type=int)
def statement(fan: int) -> None:
    """Print the entries of FAN, each with its proof."""
    with open_database() as database:
        click.echo(json.dumps(statement_of(database, fan)))


@seal.command()
@click.argument("statement", type=_File)
@click.option("--checkpoints", "published", type=_File, required=True, help="As they were published: what you trust.")
def check(statement: Path, published: Path) -> None:
    """Check a STATEMENT against published checkpoints; needs no database. Exit status 1 says what is wrong."""
    try:
        said = json.loads(statement.read_text(encoding="utf-8"))
        known = [Published(**json.loads(line)) for line in published.read_text(encoding="utf-8").splitlines() if line]
    except (ValueError, TypeError) as problem:
        raise click.ClickException(f"One of the files is not what it should be: {problem}") from None
    wrong = problems(said, known=known)
    for each in wrong:
        click.echo(each, err=True)
    if not wrong:
        click.echo(_told(said))
    sys.exit(1 if wrong else 0)


def _told(said: Any) -> str:
    signed = said["checkpoint"]
    return (
        f"{len(said['entries']):,} entries are as they were sealed under checkpoint {signed['number']} of "
        f"{signed['at']}; {len(said['not_yet_sealed']):,} are not sealed yet."
    )
