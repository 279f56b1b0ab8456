"""A full disk: writers are put off, readers are served, and all goes on by itself once there is room (R15)."""

from __future__ import annotations

import logging
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from loyalty.bench.pages import new_settings
from loyalty.cli import main
from loyalty.db import Database, migrate
from loyalty.flows.backup import BackupFailed, back_up
from loyalty.flows.earn import earn
from loyalty.flows.upload_import import upload
from loyalty.flows.work_uploads import work_uploads
from loyalty.jobs import Job, run_once
from loyalty.web.app import create_app
from loyalty.web.logs import JsonLines
from tests import cast
from tests.cast import ODILE, chat
from tests.conftest import NewDatabase
from tests.faults.answering import answering
from tests.faults.clients import gather_crowd, insisting, nothing_lost_or_doubled
from tests.faults.conftest import Dose
from tests.faults.serving import ask
from tests.faults.station import CSV
from tests.makers.proof import adds_up
from tests.makers.station import rows

SEED = 52
BYTES = 24 << 20
PLENTY = 1 << 30  # pages


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small disk of its own."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={BYTES}", "tmpfs", folder], capture_output=True)
    if mounted.returncode:
        pytest.skip("nobody but root may mount; see the test of a file that may not grow")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


@contextmanager
def filled(disk: Path) -> Iterator[None]:
    """Let something else take all the room there is."""
    with (disk / "filler").open("wb", buffering=0) as filler, suppress(OSError):
        while True:
            filler.write(bytes(1 << 12))
    assert shutil.disk_usage(disk).free == 0
    yield
    (disk / "filler").unlink()


@pytest.mark.timeout(600)
def test_everything_goes_on_by_itself_once_there_is_room(
    disk: Path, tmp_path: Path, dose: Dose, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"sqlite:///{disk}/loyalty.sqlite3"
    migrate(url)
    db, csv, log = Database(url), tmp_path / "a.csv", logging.getLogger("loyalty")
    crowd = gather_crowd(db)
    upload(db, file_name="a.csv", body=CSV, actor=ODILE)
    csv.write_bytes(CSV)
    monkeypatch.setenv("LOYALTY_DATABASE_URL", url)
    lines = logging.FileHandler(disk / "log")
    lines.setFormatter(JsonLines())
    log.addHandler(lines)
    with answering(create_app(new_settings(url), db)) as port, insisting(port, crowd, seed=SEED) as told:
        for _ in range(dose(2, 20)):
            time.sleep(0.3)
            with filled(disk):
                time.sleep(0.5)
                assert ask(port, "GET", "/readyz")[0] == 503
                status, _, said = ask(
                    port, "GET", f"/api/v1/fans/{crowd.fans[0]}/balance", Authorization=f"Bearer {crowd.key}"
                )
                assert status == 200, said
                with pytest.raises(BackupFailed):
                    back_up(db, disk / "club.backup")
                assert sorted(disk.glob("club.backup*")) == []
                run_once(db, Job("work uploads", 1, work_uploads))
                typed = CliRunner().invoke(main, ["import", str(csv), "--commit"])
                assert typed.exit_code == 2 and "full" in typed.stderr, typed.output
        time.sleep(0.3)
    log.removeHandler(lines)
    lines.close()
    assert told.put_off["503 unavailable"], "nobody met the full disk: the test is empty"
    assert nothing_lost_or_doubled(db, told), f"seed {SEED}"
    assert rows(db, "PRAGMA integrity_check") == [("ok",)]
    back_up(db, disk / "club.backup")
    assert CliRunner().invoke(main, ["import", str(csv), "--commit"]).exit_code == 0
    assert adds_up(db)
    db.dispose()


def test_a_file_that_may_not_grow_is_told_like_a_full_disk(new_sqlite: NewDatabase) -> None:
    with new_sqlite() as url:
        db = Database(url)
        cast.open_station(db)
        cast.rule(db)
        earn(db, [chat(0)], source="test")
        most = PLENTY

        @event.listens_for(db.engine, "checkout")
        def limit(connection: sa.PoolProxiedConnection, *_: object) -> None:
            connection.execute(f"PRAGMA max_page_count = {most}")

        most = rows(db, "PRAGMA page_count")[0][0] + 1
        acts = [chat(number, actor=f"tw-{number}") for number in range(1, 400)]
        with pytest.raises(OperationalError, match="full"):
            earn(db, acts, source="test")
        assert rows(db, "SELECT count(*) FROM activity") == [(1,)]
        most = PLENTY
        assert {each.status for each in earn(db, acts, source="test")} == {"recorded"}
        assert adds_up(db)
        db.dispose()
