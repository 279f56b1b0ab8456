"""Spread the ledger over many machines."""

from __future__ import annotations

import click

from loyalty.cli import open_database
from loyalty.distribution import Step, steps
from loyalty.flows import distribute as flow

_ENTRIES_A_MINUTE = 1_000_000  # a guess on the cautious side: their activities, lots and indexes move with them


@click.group()
def db() -> None:
    """What is done to the database as a whole."""


@db.command()
@click.option("--dry-run", is_flag=True, help="Print the statements and change nothing; needs no Citus.")
@click.option("--shards", default=64, show_default=True, type=click.IntRange(1, 256), help="Parts of each table.")
@click.option("--yes", is_flag=True, help="Do not ask, however much there is to move.")
def distribute(dry_run: bool, shards: int, yes: bool) -> None:
    """Spread the tables over the machines of a PostgreSQL with Citus; what is in its place already stays.

    Stop serving and working first, and start anew after it: a process looks once, when it starts.
    """
    if dry_run:
        click.echo(f"{flow.ALLOW_TRIGGERS.text};")
        for step in steps():
            click.echo(f"{_spelled(step, shards)};")
        return
    with open_database() as database:
        if not flow.to_place(database):
            click.echo("Every table is in its place.")
            return
        to_move = flow.entries(database)
        if to_move and not yes:
            click.confirm(
                f"{to_move:,} entries move, with all that belongs to them: about "
                f"{1 + to_move // _ENTRIES_A_MINUTE:,} minutes, during which nothing may be written. Go on?",
                abort=True,
            )
        moved = flow.distribute(database, shards=shards, say=lambda step: click.echo(_spelled(step, shards)))
    click.echo(f"{moved} tables are in their places.")


def _spelled(step: Step, shards: int) -> str:
    statement, values = flow.statement(step, shards=shards)
    return str(statement.bindparams(**values).compile(compile_kwargs={"literal_binds": True}))
