"""Back up while the station is on air; restore into an empty place, and prove what came back."""

from __future__ import annotations

import sys
from datetime import timedelta
from pathlib import Path

import click

from loyalty import clock, settings
from loyalty.cli import open_database
from loyalty.flows import backup as flow


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
def backup(file: Path) -> None:
    """Write the whole database into FILE, which must not exist; nobody is kept waiting.

    The settings' secrets are not in it: without the secret key and the voucher keys nobody can use what is restored.
    """
    with open_database() as database:
        try:
            done = flow.back_up(database, file)
        except FileExistsError:
            raise click.ClickException(f"{file} exists already.") from None
    click.echo(
        f"{done.path}: {done.bytes:,} bytes in {done.seconds:.1f} s, all that was committed by {done.at:%F %T} UTC."
    )
    click.echo(f"sha256 {done.sha256}")
    click.echo("Keep the secret key and the voucher keys as well, elsewhere: they are not in it.", err=True)


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--verify/--no-verify", default=True, show_default=True, help="Prove the books that came back.")
def restore(file: Path, verify: bool) -> None:
    """Fill the empty database of LOYALTY_DATABASE_URL from FILE; exit status 1 if the books do not hold."""
    url = settings.load(secrets_needed=False).database_url
    try:
        done = flow.restore(url, file, proved=verify)
    except FileNotFoundError:
        raise click.ClickException(f"There is no file {file}.") from None
    click.echo(f"Restored in {done.seconds:.1f} s.")
    if done.latest is not None:
        lost = timedelta(seconds=(clock.now() - done.latest) // timedelta(seconds=1))
        click.echo(f"The last entry was recorded at {done.latest:%F %T} UTC: what came in the {lost} since is missing.")
    if done.proof is not None:
        for each in done.proof.breaches:
            click.echo(f"{each.invariant}: {each.where}: {each.what}", err=True)
        click.echo(f"{done.proof.entries:,} entries: the books {'hold' if done.proof.holds else 'do NOT hold'}.")
        sys.exit(0 if done.proof.holds else 1)
