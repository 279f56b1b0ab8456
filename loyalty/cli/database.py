"""Make, migrate and prove a database."""

from __future__ import annotations

import json
import sys
import zoneinfo
from dataclasses import asdict

import click

from loyalty import db as databases
from loyalty import settings
from loyalty.cli import actor, open_database
from loyalty.flows.manage_programme import set_up
from loyalty.flows.verify import INVARIANTS, verify_and_keep
from loyalty.programme.expiry import Never, Rolling


@click.command()
def migrate() -> None:
    """Bring the schema up to date; again changes nothing."""
    databases.migrate(settings.load(secrets_needed=False).database_url)
    click.echo("The schema is up to date.")


@click.command()
@click.option("--name", required=True, help="The programme's name, as fans read it.")
@click.option("--time-zone", required=True, help="IANA name: days, weeks and hours in rules are this zone's.")
@click.option("--language", type=click.Choice(["fr", "en"]), default="fr", show_default=True)
@click.option("--points-expire-after-months", type=click.IntRange(1, 120), help="Leave out: points never expire.")
def init(name: str, time_zone: str, language: str, points_expire_after_months: int | None) -> None:
    """Migrate an empty database and set the programme up."""
    if time_zone not in zoneinfo.available_timezones():
        raise click.BadParameter(f"{time_zone!r} is not an IANA time zone", param_hint="--time-zone")
    databases.migrate(settings.load(secrets_needed=False).database_url)
    with open_database() as database:
        set_up(
            database,
            name=name,
            time_zone=time_zone,
            language=language,
            expiry=Never() if points_expire_after_months is None else Rolling(points_expire_after_months),
            actor=actor(),
        )
    click.echo(f"{name} is ready. Next: `loyalty staff invite`, `loyalty key create`, `loyalty rules apply FILE`.")


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print the proof as JSON.")
@click.option("--at-most", default=1_000, show_default=True, help="Stop after this many rows in breach.")
def verify(as_json: bool, at_most: int) -> None:
    """Prove the books: recompute every invariant; exit status 1 names the rows in breach."""
    with open_database() as database:
        proof = verify_and_keep(database, at_most=at_most)
    if as_json:
        said = {
            "holds": proof.holds,
            "verified_at": proof.verified_at.isoformat(),
            "entries": proof.entries,
            "holders": proof.holders,
            "breaches": [asdict(each) for each in proof.breaches],
        }
        click.echo(json.dumps(said, indent=2))
    else:
        broken = {each.invariant for each in proof.breaches}
        for name, law in INVARIANTS.items():
            click.echo(f"{name:>4}  {'BROKEN' if name in broken else 'holds '}  {law}")
        for each in proof.breaches:
            click.echo(f"{each.invariant}: {each.where}: {each.what}", err=True)
        click.echo(f"{proof.entries:,} entries of {proof.holders:,} holders.")
    sys.exit(0 if proof.holds else 1)
