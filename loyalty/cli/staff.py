"""Accounts of staff: the first administrator comes in by here, the others by an invitation from the admin."""

from __future__ import annotations

import click

from loyalty.cli import actor, open_database
from loyalty.flows.manage_staff import invite_staff
from loyalty.settings import load
from loyalty.staff import accounts
from loyalty.staff.roles import ADMINISTRATOR, MAY


@click.group()
def staff() -> None:
    """People who work in the admin."""


@staff.command()
@click.option("--email", required=True)
@click.option("--name", required=True)
@click.option("--role", default=ADMINISTRATOR, show_default=True, type=click.Choice(list(MAY)))
def invite(email: str, name: str, role: str) -> None:
    """Print a one-time link, good for three days; also for a password or a phone that is lost."""
    with open_database() as database:
        public_url = load(secrets_needed=False).public_url
        click.echo(invite_staff(database, email=email, name=name, role=role, public_url=public_url, actor=actor()))


@staff.command("list")
def list_all() -> None:
    """List accounts."""
    with open_database() as database:
        for each in database.read(accounts.every):
            state = "disabled" if each.disabled_at else "active" if each.sealed_totp else "no second factor yet"
            click.echo(f"{each.email:<40} {each.role:<14} {state}")
