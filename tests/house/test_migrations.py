"""The migrations make exactly what the models say, can be undone, and stand in one line."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.script import ScriptDirectory

from loyalty.db import Database, alembic_config
from loyalty.tables import metadata
from tests.conftest import ENGINES

REVISIONS = [each.revision for each in ScriptDirectory.from_config(alembic_config("sqlite://")).walk_revisions()][::-1]


@pytest.fixture(params=ENGINES)
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/empty.sqlite3"
    else:
        with request.getfixturevalue("postgresql").database("template0") as url:
            yield url


def test_there_is_one_head():
    heads = ScriptDirectory.from_config(alembic_config("sqlite://")).get_heads()
    assert len(heads) == 1


def test_each_migration_can_be_undone_and_done_again(empty_url):
    config = alembic_config(empty_url)
    for revision in REVISIONS:
        command.upgrade(config, revision)
        command.downgrade(config, "-1")
        command.upgrade(config, revision)
    command.downgrade(config, "base")
    assert list(schema(empty_url)) == ["alembic_version"]
    command.upgrade(config, "head")


def test_alembic_finds_no_difference_between_models_and_migrations(database_url):
    command.check(alembic_config(database_url))


def test_the_migrated_schema_is_the_models_to_the_last_constraint(database_url, empty_url):
    if sa.make_url(database_url).drivername != sa.make_url(empty_url).drivername:
        return
    database = Database(empty_url)
    metadata.create_all(database.engine)
    database.dispose()
    migrated, modelled = schema(database_url), schema(empty_url)
    del migrated["alembic_version"]
    assert migrated.keys() == modelled.keys()
    assert [
        f"{table}, {part}: migrated {migrated[table][part]}, modelled {modelled[table][part]}"
        for table in migrated
        for part in migrated[table]
        if migrated[table][part] != modelled[table][part]
    ] == []


def schema(url: str) -> dict[str, Any]:
    """What the database says of each table: columns, keys, indexes and checks, without the partitions."""
    database = Database(url)
    inspector = sa.inspect(database.engine)
    tables = {
        table: {
            "columns": {each["name"]: (repr(each["type"]), each["nullable"]) for each in inspector.get_columns(table)},
            "primary key": inspector.get_pk_constraint(table),
            "foreign keys": in_order(inspector.get_foreign_keys(table)),
            "unique": in_order(inspector.get_unique_constraints(table)),
            "indexes": in_order(inspector.get_indexes(table)),
            "checks": in_order(inspector.get_check_constraints(table)),
        }
        for table in sorted(inspector.get_table_names())
        if table in metadata.tables or table == "alembic_version"
    }
    database.dispose()
    return tables


def in_order(found: list[Any]) -> list[str]:
    # As text, for the condition of a partial index is an object that is like no other.
    return sorted(str({**each, "dialect_options": plain(each.get("dialect_options", {}))}) for each in found)


def plain(options: dict[str, Any]) -> dict[str, str]:
    return {name: str(value) for name, value in options.items()}
