"""The demonstration's database is told once, whole or not at all, and is never somebody else's."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from loyalty.db import Database, migrate
from loyalty.flows.manage_keys import check_key
from loyalty.intake.seal import Sealer
from loyalty.seed.database import NotOurDatabase, prepare
from loyalty.seed.passes import passes
from tests.cast import open_station
from tests.conftest import NewDatabase
from tests.makers.station import rows, settings
from tests.makers.station import tell as story

KEPT = "demo.json"


def tell(db: Database, folder: Path) -> None:
    story(db, fans=12, days=2)
    passes(db, Sealer(settings().secret_key, ()), folder / KEPT)


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/station.sqlite3"


@pytest.fixture
def told(tmp_path: Path, url: str) -> Iterator[Database]:
    assert prepare(url, lambda db: tell(db, tmp_path))
    db = Database(url)
    yield db
    db.dispose()


def stop_half_way(db: Database) -> None:
    story(db, fans=12, days=2, progress=interrupt)


def interrupt(_: object) -> None:
    raise KeyboardInterrupt


def must_not_be_told(_: Database) -> None:
    raise AssertionError("it was told before")


@pytest.mark.usefixtures("told")
def test_it_is_told_once(url: str) -> None:
    assert not prepare(url, must_not_be_told)


def test_an_interrupted_story_begins_again(tmp_path: Path, url: str) -> None:
    with pytest.raises(KeyboardInterrupt):
        prepare(url, stop_half_way)
    assert not Path(tmp_path, "station.sqlite3").exists()
    assert prepare(url, lambda db: tell(db, tmp_path))
    assert not list(tmp_path.glob("*.draft*"))


def test_an_interrupted_story_on_a_server_is_not_taken_for_a_whole_one(new_postgresql: NewDatabase) -> None:
    with new_postgresql() as url:
        with pytest.raises(KeyboardInterrupt):
            prepare(url, stop_half_way)
        with pytest.raises(NotOurDatabase):
            prepare(url, must_not_be_told)


def test_a_server_is_told_once_too(new_postgresql: NewDatabase, tmp_path: Path) -> None:
    with new_postgresql() as url:
        assert prepare(url, lambda db: tell(db, tmp_path))
        assert not prepare(url, must_not_be_told)


def test_an_empty_database_that_is_there_is_filled(tmp_path: Path, url: str) -> None:
    migrate(url)
    assert prepare(url, lambda db: tell(db, tmp_path))


def test_a_programme_of_somebody_else_is_left_alone(url: str) -> None:
    migrate(url)
    db = Database(url)
    open_station(db)
    with pytest.raises(NotOurDatabase):
        prepare(url, must_not_be_told)
    assert rows(db, "SELECT count(*) FROM api_key") == [(0,)]
    db.dispose()


def test_the_passes_open_the_doors_and_are_kept_for_one_pair_of_eyes(told: Database, tmp_path: Path) -> None:
    path = tmp_path / KEPT
    given = passes(told, Sealer(settings().secret_key, ()), path)
    assert check_key(told, given.odile).scopes > check_key(told, given.reader).scopes
    assert rows(told, "SELECT id FROM fan WHERE reference = 'ines'") == [(int(given.ines),)]
    assert path.stat().st_mode & 0o777 == 0o600
    assert json.loads(path.read_text())["cafe"] == given.cafe


@pytest.mark.parametrize("lost", ["", "{}", "not JSON"])
def test_lost_passes_are_made_anew(told: Database, tmp_path: Path, lost: str) -> None:
    path, sealer = tmp_path / KEPT, Sealer(settings().secret_key, ())
    before = passes(told, sealer, path)
    path.write_text(lost)
    after = passes(told, sealer, path)
    assert after.odile != before.odile
    assert check_key(told, after.odile)
