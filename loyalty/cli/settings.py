"""Settings: show and check them, make the secrets they need."""

from __future__ import annotations

import base64
import secrets
from dataclasses import fields

import click

from loyalty import ids
from loyalty import settings as read

_SECRET = {"secret_key", "secret_key_fallbacks", "voucher_keys", "mail_url"}


@click.group()
def settings() -> None:
    """Settings of this installation, from the environment."""


@settings.command()
def show() -> None:
    """Check the settings and show them, without the secrets; all errors are listed at once."""
    chosen = read.load()
    for field in fields(chosen):
        value = getattr(chosen, field.name)
        if field.name in _SECRET:
            value = "given" if value else "none"
        if field.name == "database_url":
            value = read.without_password(value)
        click.echo(f"LOYALTY_{field.name.upper():<24} {'none' if value in ('', ()) else value}")


@settings.command("new-secret")
def new_secret() -> None:
    """Print a fresh value for LOYALTY_SECRET_KEY."""
    click.echo(ids.secret())


@settings.command("new-voucher-key")
@click.argument("number", type=click.IntRange(0, 15))
def new_voucher_key(number: int) -> None:
    """Print a fresh key for LOYALTY_VOUCHER_KEYS under this NUMBER; put it before the others, keep those."""
    click.echo(f"{number}:{base64.b64encode(secrets.token_bytes(32)).decode()}")
