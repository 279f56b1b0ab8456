"""Backed up under load and restored to an empty place: whole, proved, and with all that was committed before."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from loyalty import clock
from loyalty.db import Database
from loyalty.flows.backup import (
    BackupFailed,
    NotABackup,
    RestoreTargetNotEmpty,
    back_up,
    last_backup,
    restore,
)
from loyalty.flows.earn import earn
from loyalty.flows.verify import verify
from tests import cast
from tests.cast import MORNING, chat
from tests.postgres import programs

PENDING = 40  # acts that are in before the backup begins


@pytest.fixture(autouse=True)
def station(db: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("PATH", f"{programs()}:/usr/bin:/bin")
    with clock.running_on(clock.stopped_at(MORNING)):
        cast.open_station(db)
        cast.rule(db)
        yield


@pytest.fixture
def empty_url(request: pytest.FixtureRequest, db: Database, tmp_path: Path) -> Iterator[str]:
    """A place on another host, as it were."""
    if db.is_sqlite:
        yield f"sqlite:///{tmp_path}/elsewhere/club.sqlite3"
    else:
        with request.getfixturevalue("postgresql").database("template0") as url:
            yield url


def acts(db: Database) -> set[str]:
    keys = sa.text("SELECT act_key FROM activity")
    return set(db.read(lambda session: session.execute(keys).scalars().all()))


def test_a_backup_taken_under_load_comes_back_whole_and_proved(db: Database, empty_url: str, tmp_path: Path) -> None:
    stop, acknowledged = threading.Event(), []

    def load() -> None:
        for number in range(10_000):
            if stop.is_set():
                return
            earn(db, [chat(number, actor=f"tw-{number % 9}")], source="test")
            acknowledged.append(number)

    loading = threading.Thread(target=load)
    loading.start()
    try:
        while len(acknowledged) < PENDING:
            pass
        before = acts(db)
        done = back_up(db, tmp_path / "club.backup")
    finally:
        stop.set()
        loading.join()
    assert (done.bytes, len(done.sha256)) == (done.path.stat().st_size, 64)
    after = acts(db)

    restored = restore(empty_url, done.path)
    assert restored.proof is not None and restored.proof.holds, restored.proof
    other = Database(empty_url)
    try:
        assert before <= acts(other) <= after
        earn(other, [chat(99_999)], source="test")
        assert verify(other).holds
    finally:
        other.dispose()
    kept = db.read(last_backup)
    assert kept is not None and (kept.sha256, kept.bytes) == (done.sha256, done.bytes)


def test_nothing_is_overwritten(db: Database, tmp_path: Path) -> None:
    done = back_up(db, tmp_path / "club.backup")
    with pytest.raises(FileExistsError):
        back_up(db, done.path)
    with pytest.raises(RestoreTargetNotEmpty):
        restore(db.url, done.path)
    assert [each.name for each in tmp_path.iterdir() if each.name.endswith(".draft")] == []


def test_a_file_that_is_no_backup_is_refused_and_leaves_nothing(empty_url: str, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong"
    wrong.write_bytes(b"SQLite format 3\0" + b"but no more than that" * 99)
    with pytest.raises(NotABackup):
        restore(empty_url, wrong)
    with pytest.raises(FileNotFoundError):
        restore(empty_url, tmp_path / "nowhere")
    assert not (tmp_path / "elsewhere" / "club.sqlite3").exists()


def test_a_damaged_backup_is_found_out(db: Database, empty_url: str, tmp_path: Path) -> None:
    earn(db, [chat(number) for number in range(300)], source="test")
    done = back_up(db, tmp_path / "club.backup")
    whole = done.path.read_bytes()
    done.path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(NotABackup):
        restore(empty_url, done.path)


def test_a_tool_that_is_not_there_is_named(db: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if db.is_sqlite:
        return
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(BackupFailed, match="pg_dump is not on the path"):
        back_up(db, tmp_path / "club.backup")
    assert not (tmp_path / "club.backup").exists()
