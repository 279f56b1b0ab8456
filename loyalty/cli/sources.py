"""Senders of webhooks: add, list, rotate their secret, stop."""

from __future__ import annotations

import json
from typing import IO

import click

from loyalty import settings as read
from loyalty.cli import actor, open_database
from loyalty.flows.manage_sources import (
    NewSecret,
    add_source,
    connectors,
    list_sources,
    reseal_sources,
    rotate_secret,
    stop_source,
)
from loyalty.intake.seal import Sealer
from loyalty.settings import Settings

_secret_file = click.option(
    "--secret-file", type=click.File("r"), help="The secret the network gave; - reads it from standard input."
)


@click.group()
def source() -> None:
    """Senders of webhooks, each read by a connector."""


@source.command()
@click.argument("connector")
@click.argument("slug")
@_secret_file
@click.option("--option", "options", multiple=True, metavar="NAME=VALUE", help="An option of the connector.")
def add(connector: str, slug: str, secret_file: IO[str] | None, options: tuple[str, ...]) -> None:
    """Set up a sender: CONNECTOR reads it, SLUG ends its address."""
    settings = read.load()
    chosen = dict(_pair(each) for each in options)
    with open_database(settings) as database:
        made = add_source(
            database,
            _sealer(settings),
            connector=connector,
            slug=slug,
            secret=secret_file.read().strip() if secret_file else None,
            options=chosen,
            actor=actor(),
        )
    _show(settings, made)


@source.command("list")
def list_all() -> None:
    """List the senders, and the connectors there are."""
    with open_database() as database:
        for each in list_sources(database):
            state = f"stopped: {each.stopped_because}" if each.stopped_at else "live"
            click.echo(f"{each.connector}/{each.slug:<24} {state}")
    click.echo(f"Connectors: {', '.join(connectors())}", err=True)


@source.command()
@click.argument("connector")
@click.argument("slug")
@_secret_file
@click.option("--leaked", is_flag=True, help="Refuse the former secret from now on.")
def rotate(connector: str, slug: str, secret_file: IO[str] | None, leaked: bool) -> None:
    """Give a sender a new secret; the former one still verifies unless it leaked."""
    settings = read.load()
    with open_database(settings) as database:
        made = rotate_secret(
            database,
            _sealer(settings),
            connector=connector,
            slug=slug,
            secret=secret_file.read().strip() if secret_file else None,
            keep_former=not leaked,
            actor=actor(),
        )
    _show(settings, made)


@source.command()
@click.argument("connector")
@click.argument("slug")
@click.option("--reason", required=True)
def stop(connector: str, slug: str, reason: str) -> None:
    """Accept nothing more from a sender; what it sent before is still worked."""
    settings = read.load()
    with open_database(settings) as database:
        stop_source(database, _sealer(settings), connector=connector, slug=slug, actor=actor(), reason=reason)
    click.echo(f"{connector}/{slug} is stopped.")


@source.command()
def reseal() -> None:
    """Seal every secret with the present secret key; after it, LOYALTY_SECRET_KEY_FALLBACKS can go."""
    settings = read.load()
    with open_database(settings) as database:
        count = reseal_sources(database, _sealer(settings))
    click.echo(f"Resealed: {count}.")


def _sealer(settings: Settings) -> Sealer:
    return Sealer(settings.secret_key, settings.secret_key_fallbacks)


def _show(settings: Settings, made: NewSecret) -> None:
    click.echo(f"Address: {settings.public_url}{made.path}")
    click.echo(f"Secret:  {made.secret}")
    click.echo("Keep the secret now: it is stored sealed and never shown again.", err=True)


def _pair(text: str) -> tuple[str, object]:
    name, sign, value = text.partition("=")
    if not sign:
        raise click.BadParameter(f"{text!r} is not NAME=VALUE", param_hint="--option")
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value
