"""How Alembic meets the database: on a connection it is given, or on one opened from the settings."""

from typing import Any, Literal

import sqlalchemy as sa
from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlmodel import AutoString

from loyalty import settings
from loyalty.db import JSON, Database, UTCDateTime
from loyalty.tables import metadata

MIGRATING = 7_043_118_205  # the number of our advisory lock: any, but always the same


def render_item(kind: str, item: Any, autogen: AutogenContext) -> str | Literal[False]:
    """Write our own column types so that the generated file imports what it names."""
    if kind == "type" and isinstance(item, UTCDateTime):
        autogen.imports.add("import loyalty.db")
        return "loyalty.db.UTCDateTime()"
    if kind == "type" and item is JSON:
        autogen.imports.add("import loyalty.db")
        return "loyalty.db.JSON"
    if kind == "type" and isinstance(item, AutoString):
        return f"sa.String(length={item.length})" if item.length else "sa.String()"
    return False


def migrate(connection: sa.Connection) -> None:
    """Run what was asked, each migration in a transaction of its own."""
    on_sqlite = connection.dialect.name == "sqlite"
    partitions = set() if on_sqlite else partitions_of(connection)
    context.configure(
        connection=connection,
        target_metadata=metadata,
        transaction_per_migration=True,
        render_as_batch=on_sqlite,
        render_item=render_item,
        compare_type=True,
        # Partitions come and go with their table; the models name the table only.
        include_name=lambda name, kind, _parents: kind != "table" or name not in partitions,
    )
    with context.begin_transaction():
        context.run_migrations()


def partitions_of(connection: sa.Connection) -> set[str]:
    """The names of PostgreSQL tables that are slices of another."""
    ours = not connection.in_transaction()
    found = connection.exec_driver_sql("SELECT relname FROM pg_class WHERE relispartition")
    names = set(found.scalars())
    if ours:
        connection.rollback()  # Alembic does not commit inside a transaction it finds open
    return names


def open_and_migrate(url: str) -> None:
    """Open the database at `url` for the time of the migrations."""
    database = Database(url)
    try:
        with database.engine.connect() as connection:
            prepare(connection)
            migrate(connection)
    finally:
        database.dispose()


def prepare(connection: sa.Connection) -> None:
    """Set what differs from everyday work; outside any transaction, where SQLite would not hear it."""
    driver = connection.connection.driver_connection
    assert driver is not None
    if connection.dialect.name == "sqlite":
        # Rebuilding a table drops it, which would empty those that refer to it.
        driver.execute("PRAGMA foreign_keys = OFF")
    else:
        # Of several processes that start together one migrates, the others wait and find it done.
        driver.execute("SET lock_timeout = 0")
        driver.execute(f"SELECT pg_advisory_lock({MIGRATING})")
        # A migration that waits for a lock makes everybody wait behind it.
        driver.execute("SET lock_timeout = '3s'")
        driver.commit()


given = context.config.attributes.get("connection")
if given is not None:
    migrate(given)
else:
    open_and_migrate(context.config.attributes.get("url") or settings.load(secrets_needed=False).database_url)
