"""The same flows, by hand: `loyalty COMMAND`."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import copy_context
from importlib import import_module
from pathlib import Path
from typing import Any

import click
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError, ProgrammingError, SQLAlchemyError

from loyalty import __version__, memory
from loyalty.db import Database
from loyalty.errors import Refused
from loyalty.i18n import call_points
from loyalty.programme.find import the_programme
from loyalty.settings import BadSettings, Settings, load

EXIT_WRONG_USE = 2

COMMANDS = {  # and the module of each, which is only loaded for it: a server must not wait for what it never uses
    "backup": "backup",
    "bench": "bench",
    "close": "accounts",
    "db": "distribute",
    "demo": "demo",
    "expire": "expiry",
    "expiry": "expiry",
    "import": "imports",
    "init": "database",
    "journal": "accounts",
    "key": "keys",
    "migrate": "database",
    "restore": "backup",
    "rules": "rules",
    "seal": "seal",
    "serve": "serving",
    "settings": "settings",
    "source": "sources",
    "staff": "staff",
    "verify": "database",
    "worker": "working",
}


class _Commands(click.Group):
    """Commands whose refusals end in a sentence, never in a trace."""

    def list_commands(self, _context: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, _context: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        module = import_module(f"loyalty.cli.{COMMANDS[name]}")
        found: click.Command = getattr(module, "import_command" if name == "import" else name)
        return found

    def invoke(self, context: click.Context) -> Any:
        return copy_context().run(self._told, context)  # what points are called is of this command alone

    def _told(self, context: click.Context) -> Any:
        try:
            return super().invoke(context)
        except BadSettings as wrong:
            click.echo("The settings are wrong:\n  " + "\n  ".join(wrong.problems), err=True)
        except Refused as refusal:
            click.echo(f"Refused ({refusal.code}): {refusal.say('en')}", err=True)
        except (OperationalError, ProgrammingError) as problem:
            click.echo(f"The database cannot be used: {str(problem.orig).strip()}", err=True)
            click.echo("If its schema is missing or old, run `loyalty migrate`.", err=True)
        sys.exit(EXIT_WRONG_USE)


@click.group(cls=_Commands)
@click.version_option(__version__, prog_name="loyalty")
def main() -> None:
    """A fan loyalty rewards ledger.

    Settings come from the environment: LOYALTY_DATABASE_URL (sqlite:///FILE or postgresql://...), LOYALTY_SECRET_KEY,
    LOYALTY_VOUCHER_KEYS, LOYALTY_PUBLIC_URL ...; `loyalty settings show` lists them all and checks them.
    """
    memory.settle()


@contextmanager
def open_database(chosen: Settings | None = None) -> Iterator[Database]:
    """The database the settings name, open for the time of the block; no secret is needed for it."""
    chosen = chosen or load(secrets_needed=False)
    path = sa.make_url(chosen.database_url).database or ""
    if chosen.database_url.startswith("sqlite") and not Path(path).is_file():
        raise click.ClickException(f"There is no database at {path}. Make one with `loyalty init`.")
    database = Database(chosen.database_url, busy_timeout_seconds=chosen.busy_timeout_seconds)
    try:
        with suppress(Refused, SQLAlchemyError):  # not set up, or not migrated: the command will say so
            names = database.read(the_programme).point_names
            call_points(lambda: names)
        yield database
    finally:
        database.dispose()


def actor() -> str:
    """Who types: what the audit trail names."""
    return f"cli:{getpass.getuser()}"
