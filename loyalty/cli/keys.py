"""API keys: create, list, revoke."""

from __future__ import annotations

import json
from datetime import timedelta

import click

from loyalty import clock
from loyalty.cli import actor, open_database
from loyalty.flows.manage_keys import list_keys, make_key, revoke_key
from loyalty.staff.scopes import SCOPES


@click.group()
def key() -> None:
    """API keys: what a program may do."""


@key.command()
@click.option("--name", required=True, help="Who uses it, for what.")
@click.option(
    "--scope", "scopes", multiple=True, required=True, type=click.Choice([*SCOPES, "all"]), help="Repeat for several."
)
@click.option("--days", type=click.IntRange(1, 3650), help="How long it lives; leave out: until it is revoked.")
def create(name: str, scopes: tuple[str, ...], days: int | None) -> None:
    """Make a key and show its secret, this once."""
    wanted = list(SCOPES) if "all" in scopes else list(scopes)
    expires_at = clock.now() + timedelta(days=days) if days else None
    with open_database() as database:
        made = make_key(database, name=name, scopes_wanted=wanted, actor=actor(), expires_at=expires_at)
    click.echo(made.token)
    click.echo("Keep it now: only its hash is stored. Send it as `Authorization: Bearer KEY`.", err=True)


@key.command("list")
@click.option("--json", "as_json", is_flag=True)
def list_all(as_json: bool) -> None:
    """List keys, newest first; none shows its secret."""
    with open_database() as database:
        keys = list_keys(database)
    if as_json:
        rows = [each.model_dump(mode="json", exclude={"secret_hash"}) for each in keys]
        click.echo(json.dumps(rows, indent=2))
        return
    for each in keys:
        state = "revoked" if each.revoked_at else f"until {each.expires_at:%Y-%m-%d}" if each.expires_at else "live"
        click.echo(f"{each.prefix}  {state:<18} {each.name}  [{', '.join(each.scopes)}]")


@key.command()
@click.argument("prefix")
@click.option("--reason", required=True)
def revoke(prefix: str, reason: str) -> None:
    """Revoke the key of this PREFIX at once and for good."""
    with open_database() as database:
        revoke_key(database, prefix=prefix, actor=actor(), reason=reason)
    click.echo(f"{prefix} is revoked.")
