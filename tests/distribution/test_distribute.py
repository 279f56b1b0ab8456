"""`loyalty db distribute`: refused where it cannot be, run through where it can, and again without effect."""

import os
from unittest import mock

import pytest
from click.testing import CliRunner, Result

from loyalty.cli import main
from loyalty.db import Database
from loyalty.distribution import ON_EVERY_MACHINE, SPREAD_BY
from loyalty.flows.distribute import NoCitus, OnSQLite, to_place
from tests.cast import ines, open_station
from tests.distribution.citus import calls
from tests.makers.rewards import give_points

BESIDE = {"bucket": "bucket", "reward_id": "stock_lot"}
WANTED = [(f"{table} everywhere", None, "on") for table in ON_EVERY_MACHINE] + [
    (f"{table} by {column} beside none", 64, "on")
    if table in ("bucket", "stock_lot", "scan")
    else (f"{table} by {column} beside {BESIDE[column]}", None, "on")
    for table, column in SPREAD_BY.items()
]


def run(url: str, *arguments: str, said: str = "") -> Result:
    with mock.patch.dict(os.environ, {"LOYALTY_DATABASE_URL": url}):
        return CliRunner().invoke(main, ["db", "distribute", *arguments], input=said)


def test_one_machine_is_told_so_in_a_sentence(database_url: str) -> None:
    said = run(database_url)
    assert said.exit_code == 2
    assert "Traceback" not in said.output
    assert "Take PostgreSQL with the extension Citus" in said.stderr or "Citus is not installed" in said.stderr


def test_the_refusal_knows_why(db: Database) -> None:
    with pytest.raises(OnSQLite if db.is_sqlite else NoCitus):
        to_place(db)
    assert not db.is_distributed


def test_every_table_is_sent_to_its_place_in_order(citus_url: str) -> None:
    said = run(citus_url)
    assert said.exit_code == 0, said.output
    assert calls(citus_url) == WANTED
    assert f"{len(WANTED)} tables are in their places" in said.stdout


def test_again_changes_nothing(citus_url: str) -> None:
    run(citus_url)
    again = run(citus_url)
    assert again.exit_code == 0
    assert "Every table is in its place" in again.stdout
    assert calls(citus_url) == WANTED


def test_a_run_that_was_killed_is_taken_up(citus_url: str) -> None:
    with mock.patch("loyalty.flows.distribute._BESIDE", None):
        assert run(citus_url).exit_code != 0
    done = len(calls(citus_url))
    assert done == len(ON_EVERY_MACHINE) + 1
    assert run(citus_url).exit_code == 0
    assert calls(citus_url) == WANTED


def test_a_database_with_entries_asks_first(citus_url: str) -> None:
    database = Database(citus_url)
    open_station(database)
    give_points(database, ines(database).id, 10)
    assert not database.is_distributed
    database.dispose()
    said = run(citus_url, said="n\n")
    assert said.exit_code == 1
    assert "1 entries move" in said.output
    assert calls(citus_url) == []
    assert run(citus_url, "--yes").exit_code == 0


def test_a_process_started_after_it_knows(citus_url: str) -> None:
    run(citus_url)
    database = Database(citus_url)
    assert database.is_distributed
    database.dispose()


def test_a_dry_run_prints_the_statements_and_needs_no_database() -> None:
    said = run("sqlite:///nowhere/at-all.sqlite3", "--dry-run", "--shards", "32")
    assert said.exit_code == 0
    lines = said.stdout.splitlines()
    assert lines[0] == "SET LOCAL citus.enable_unsafe_triggers = on;"
    assert lines[1] == "SELECT create_reference_table(CAST('partner' AS regclass));"
    assert (
        "SELECT create_distributed_table(CAST('bucket' AS regclass), CAST('id' AS text), "
        "colocate_with => 'none', shard_count => CAST(32 AS integer));"
    ) in lines
    assert (
        "SELECT create_distributed_table(CAST('entry' AS regclass), CAST('bucket' AS text), "
        "colocate_with => CAST('bucket' AS text));"
    ) in lines
    assert len(lines) == 1 + len(WANTED)
