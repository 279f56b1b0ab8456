"""Stands in for Citus in a PostgreSQL without it: notes which table was sent where, and remembers that it is there."""

import sqlalchemy as sa

# Before the catalog on the path, so that what is asked of the catalog is answered here.
_PRETENCE = """
    CREATE SCHEMA pretence;
    CREATE VIEW pretence.pg_extension AS SELECT 'citus' AS extname;
    CREATE TABLE pretence.pg_dist_partition (logicalrelid regclass PRIMARY KEY, partmethod "char", repmodel "char");
    CREATE TABLE pretence.call (
        number bigint GENERATED ALWAYS AS IDENTITY, said text, shards integer, triggers text
    );
    CREATE FUNCTION pretence.create_reference_table(table_name regclass) RETURNS void LANGUAGE sql AS $$
        INSERT INTO pretence.call (said, triggers)
            VALUES (table_name || ' everywhere', current_setting('citus.enable_unsafe_triggers', true));
        INSERT INTO pretence.pg_dist_partition VALUES (table_name, 'n', 't');
    $$;
    CREATE FUNCTION pretence.create_distributed_table(
        table_name regclass, distribution_column text, colocate_with text DEFAULT 'default',
        shard_count integer DEFAULT NULL
    ) RETURNS void LANGUAGE sql AS $$
        INSERT INTO pretence.call (said, shards, triggers) VALUES (
            table_name || ' by ' || distribution_column || ' beside ' || colocate_with, shard_count,
            current_setting('citus.enable_unsafe_triggers', true)
        );
        INSERT INTO pretence.pg_dist_partition VALUES (table_name, 'h', 's');
    $$;
"""


def pretend(url: str) -> None:
    """Make the database of `url` believe that it has Citus."""
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(_PRETENCE)
        name = sa.make_url(url).database
        connection.exec_driver_sql(f"ALTER DATABASE {name} SET search_path = pretence, public, pg_catalog")
    engine.dispose()


def calls(url: str) -> list[tuple[str, int | None, str | None]]:
    """What Citus was told, in order: where each table goes, in how many shards, and what was said of triggers."""
    engine = sa.create_engine(url)
    with engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT said, shards, triggers FROM pretence.call ORDER BY number").all()
    engine.dispose()
    return [(said, shards, triggers) for said, shards, triggers in rows]
