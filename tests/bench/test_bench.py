"""The measuring itself works, on both databases; what it measures is this machine's."""

import json
import os
from unittest import mock

import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result

from loyalty.bench import growth
from loyalty.bench.crowd import Crowd
from loyalty.bench.growth import NoRoom, refuse_without_room
from loyalty.bench.past import Past
from loyalty.cli import main
from loyalty.db import Database
from tests.makers.proof import adds_up


def bench(url: str, *arguments: str) -> Result:
    with mock.patch.dict(os.environ, {"LOYALTY_DATABASE_URL": url}):
        return CliRunner().invoke(main, ["bench", "--rounds", "1", "--acts", "40", "--entries", "1e3,3e3", *arguments])


def said(url: str, *questions: str) -> dict[str, dict]:
    done = bench(url, "--json", *(word for each in questions for word in ("--only", each)))
    assert done.exit_code == 0, done.output
    return {each["what"]: each for each in json.loads(done.stdout)}


def test_batches_stand_beside_the_floor_and_a_plain_ledger(database_url: str) -> None:
    figures = said(database_url, "batches")
    for by in ("one by one", "batches of 100", "batches of 1,000"):
        ours = figures[f"acts, {by}"]
        assert set(ours["beside"]) == {"bare journal rows", "the same rows bare", "plain transfers"}
        assert 0 < ours["p50_ms"] <= ours["p99_ms"]
        assert f"floor: bare journal rows, {by}" in figures


@pytest.mark.slow
def test_single_acts_are_counted_for_1_8_and_64_callers_through_flow_and_api(database_url: str) -> None:
    figures = said(database_url, "singles", "api")
    for by in ("1 caller", "8 callers", "64 callers"):
        flow, api = figures[f"acts through the flow, {by}"], figures[f"acts through the HTTP API, {by}"]
        assert set(flow["beside"]) == {"one bare insert a transaction", "one plain transfer a transaction"}
        assert set(api["beside"]) == {"one bare insert a transaction"}
        assert 0 < flow["p50_ms"] <= flow["p99_ms"] and 0 < api["p50_ms"] <= api["p99_ms"]


def test_growth_and_size_are_told(database_url: str) -> None:
    figures = said(database_url, "growth", "size")
    grown = [each for what, each in figures.items() if what.startswith("acts, batches of 1,000, with")]
    first, _then = (each["beside"]["that with the fewest stored"] for each in grown)
    assert first == 1.0
    assert 50 < figures["entry: a row without its indexes"]["value"] < figures["entry: a row with its indexes"]["value"]
    assert ("log of an entry, its indexes too" in figures) is database_url.startswith("postgresql")


def test_people_get_lines_and_nothing_is_left_behind(database_url: str) -> None:
    done = bench(database_url, "--only", "size")
    assert done.exit_code == 0, done.output
    assert "entry: a row with its indexes" in done.stdout
    database = Database(database_url)
    if not database.is_sqlite:
        left = "SELECT datname FROM pg_database WHERE datname LIKE 'loyalty_bench_%'"
        assert database.read(lambda session: session.execute(sa.text(left)).all()) == []
    database.dispose()


def test_a_past_that_is_made_quickly_is_one_that_could_have_been(db: Database) -> None:
    crowd = Crowd(db)
    crowd.fill_to(400)
    past = Past(db)
    past.grow_to(5_000, most_seconds=60, say=lambda _: None)
    crowd.fill_to(600)
    past.grow_to(6_000, most_seconds=60, say=lambda _: None)
    crowd.fill_to(700)
    assert 6_000 <= past.entries < 6_500
    assert adds_up(db)


def test_ten_million_entries_need_their_room(db: Database) -> None:
    with mock.patch.object(growth.shutil, "disk_usage", return_value=mock.Mock(free=10**9)):
        refuse_without_room(db, 10_000)
        with pytest.raises(NoRoom):
            refuse_without_room(db, 10_000_000)


@pytest.mark.parametrize("entries", ["many", "1e3,", "0", "1e12", "1000.5", "nan"])
def test_sizes_that_are_none_are_refused_in_words(entries: str) -> None:
    done = CliRunner().invoke(main, ["bench", "--entries", entries])
    assert done.exit_code == 2
    assert "not a list of numbers" in done.stderr
