"""A file comes in once, whatever happens on the way, and a trial of it tells the truth."""

import csv
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from loyalty import clock
from loyalty.activities.fact import WithdrawnFact
from loyalty.db import Database
from loyalty.flows import import_file as flow
from loyalty.flows.earn import earn
from loyalty.flows.import_file import import_file, rehearse_file
from loyalty.flows.reverse import withdraw
from loyalty.intake import imports
from loyalty.intake.csv_columns import Choices
from loyalty.intake.csv_file import CsvFile, open_csv
from loyalty.intake.csv_text import FileChanged
from loyalty.intake.errors_file import ErrorsFile, ErrorsFileTooShort
from loyalty.intake.imports import Counts, ImportUnderWay, Progress
from tests.cast import MORNING, ODILE, chat, open_station, rule
from tests.house.sources import ROOT
from tests.makers.proof import adds_up

HEADER = "network,actor,kind,object,id,happened_at"
BAD = 997  # in a long file, one row in so many is bad
FANS = 700

Save = Callable[..., CsvFile]


@pytest.fixture(autouse=True)
def _station(db: Database) -> Iterator[None]:
    open_station(db)
    rule(db, limits={"per_day": {"points": 50}})
    with clock.running_on(clock.stopped_at(MORNING + timedelta(hours=1))):
        yield
        assert adds_up(db)


@pytest.fixture
def save(tmp_path: Path) -> Save:
    def save(*rows: str, name: str = "stats.csv") -> CsvFile:
        path = tmp_path / name
        path.write_text("\n".join([HEADER, *rows, ""]), encoding="utf-8")
        return open_csv(path, Choices())

    return save


def message(number: int, actor: str = "ines") -> str:
    return f"twitch,{actor},live_chat,channel:1,m{number},2026-11-{1 + number % 20:02}T08:00:00+01:00"


def long_file(count: int) -> list[str]:
    return [
        "twitch,,live_chat,channel:1,," if number % BAD == BAD - 1 else message(number, actor=f"fan-{number % FANS}")
        for number in range(count)
    ]


def errors_of(file: CsvFile) -> ErrorsFile:
    path = file.text.path.with_suffix(".errors.csv")
    return ErrorsFile(path, header=file.columns.kept, separator=file.separator)


def steps(db: Database, file: CsvFile, *, from_start: bool = False) -> Iterator[Progress]:
    return import_file(db, file, errors_of(file), actor=ODILE, from_start=from_start)


def bring_in(db: Database, file: CsvFile, *, from_start: bool = False) -> Counts:
    *_, last = steps(db, file, from_start=from_start)
    assert last.finished_at is not None
    return last.counts


def bad_rows(file: CsvFile) -> list[int]:
    with errors_of(file).path.open(encoding="utf-8-sig", newline="") as kept:
        return [int(row["row"]) for row in csv.DictReader(kept)]


def on_record(db: Database) -> tuple[int, int]:
    query = sa.text("SELECT count(*), coalesce(sum(points), 0) FROM activity")
    acts, points = db.read(lambda session: session.execute(query).one())
    return acts, points


def test_every_row_is_recorded_judged_and_counted(db: Database, save: Save) -> None:
    file = save(*[message(0) for _ in range(2)], message(20), "twitch,ines,vote,song:1,,", message(1, actor=""))
    assert bring_in(db, file) == Counts(awarded=2, refused=1, duplicates=1, bad=1, points=20)
    assert on_record(db) == (3, 20)
    assert bad_rows(file) == [6]
    source = db.read(lambda session: session.execute(sa.text("SELECT DISTINCT source FROM activity")).scalar_one())
    assert source == "import:stats.csv"


def test_what_earning_refuses_is_a_bad_row_with_its_reason(db: Database, save: Save) -> None:
    file = save(message(1), message(1, actor="marc"), "station,404,live_chat,page,,", message(2))
    assert bring_in(db, file) == Counts(awarded=2, bad=2, points=20)
    assert bad_rows(file) == [3, 4]
    assert "3,This activity is on record with another content.,twitch,marc" in errors_of(file).path.read_text()
    assert "4,No fan has the number 404.,station,404" in errors_of(file).path.read_text()


def test_the_same_file_again_does_nothing_and_says_when_it_was_done(db: Database, save: Save) -> None:
    file = save(*[message(number) for number in range(30)])
    *_, first = steps(db, file)
    again = list(steps(db, open_csv(file.text.path, Choices())))
    assert again == [first]
    renamed = open_csv(file.text.path.rename(file.text.path.with_name("other.csv")), Choices())
    assert list(steps(db, renamed)) == [first]


def test_an_overlapping_file_brings_in_only_what_is_new(db: Database, save: Save) -> None:
    bring_in(db, save(*[message(number, actor=f"fan-{number}") for number in range(30)]))
    overlapping = save(*[message(number, actor=f"fan-{number}") for number in range(20, 50)], name="more.csv")
    assert bring_in(db, overlapping) == Counts(awarded=20, duplicates=10, points=200)
    assert on_record(db) == (50, 500)


def test_a_trial_says_what_the_import_then_does(db: Database, save: Save) -> None:
    earn(db, [chat(1, actor="fan-1")], source="api")
    late = [message(5, actor="fan-5"), message(6, actor="marc")]  # told before; and otherwise
    file = save(*long_file(2_500), *[message(number, actor="fan-1") for number in range(3_000, 4_200)], *late)
    fates, counts = [], Counts()
    for rehearsed in rehearse_file(db, file):
        fates += rehearsed.fates
        counts = rehearsed.counts
    assert on_record(db) == (1, 10)
    assert not errors_of(file).path.exists()
    assert bring_in(db, file) == counts
    assert [fate.row.number for fate in fates if fate.problem] == bad_rows(file)
    assert counts.rows == len(fates) == 3_702
    assert (counts.duplicates, counts.bad) == (1, 3)
    assert 0 < counts.refused < 1_200


def test_an_act_withdrawn_before_its_file_comes_earns_nothing(db: Database, save: Save) -> None:
    file = save(message(1))
    fact = next(file.rows(file.body)).fact
    assert fact is not None
    withdraw(db, [WithdrawnFact(act_key=fact.act_key)], source="api")
    (rehearsed,) = rehearse_file(db, file)
    assert rehearsed.counts == bring_in(db, file) == Counts(withdrawn=1)


def test_a_header_alone_is_done_at_once(db: Database, save: Save) -> None:
    assert [rehearsed.counts for rehearsed in rehearse_file(db, save())] == [Counts()]
    assert bring_in(db, save()) == Counts()


def test_an_import_goes_on_where_it_stopped(db: Database, save: Save) -> None:
    file = save(*long_file(2_500))
    stopped = steps(db, file)
    for _ in range(2):
        progress = next(stopped)
    assert progress.counts.rows == 1_000
    resumed = steps(db, open_csv(file.text.path, Choices()))
    assert next(resumed) == progress
    *_, last = resumed
    assert last.counts == Counts(awarded=2_498, bad=2, points=24_980)
    assert bad_rows(file) == [BAD + 1, 2 * BAD + 1]


def test_rows_written_to_the_errors_file_and_never_committed_are_written_once(
    db: Database, save: Save, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = save(*long_file(2_500))
    stopped = steps(db, file)
    for _ in range(2):
        next(stopped)

    def die(*_: object, **__: object) -> Progress:
        raise SystemExit

    with monkeypatch.context() as patched:
        patched.setattr(imports, "count", die)
        with pytest.raises(SystemExit):
            next(stopped)
    assert bad_rows(file) == [BAD + 1, 2 * BAD + 1]
    assert on_record(db)[0] == 999
    assert bring_in(db, file).bad == 2
    assert bad_rows(file) == [BAD + 1, 2 * BAD + 1]


def test_two_at_once_do_nothing_twice(db: Database, save: Save) -> None:
    file = save(*long_file(2_500))
    mine, theirs = steps(db, file), steps(db, file)
    assert next(mine) == next(theirs)
    next(mine)
    with pytest.raises(ImportUnderWay):
        next(theirs)
    *_, last = mine
    assert last.counts.awarded == 2_498 and last.counts.duplicates == 0
    assert bad_rows(file) == [BAD + 1, 2 * BAD + 1]


def test_a_lost_errors_file_stops_it_and_reading_from_the_start_makes_it_anew(db: Database, save: Save) -> None:
    file = save(*long_file(2_500))
    stopped = steps(db, file)
    for _ in range(2):
        next(stopped)
    errors_of(file).path.unlink()
    with pytest.raises(ErrorsFileTooShort):
        next(steps(db, file))
    assert bring_in(db, file, from_start=True) == Counts(awarded=1_499, duplicates=999, bad=2, points=14_990)
    assert bad_rows(file) == [BAD + 1, 2 * BAD + 1]
    assert on_record(db) == (2_498, 24_980)


def test_a_file_that_changes_on_the_way_stops_the_import(db: Database, save: Save) -> None:
    file = save(*long_file(2_500))
    stopped = steps(db, file)
    for _ in range(2):
        next(stopped)
    os.utime(file.text.path, ns=(0, 0))
    with pytest.raises(FileChanged):
        next(stopped)
    assert on_record(db)[0] == 999


def test_few_but_heavy_rows_are_a_batch_too(db: Database, save: Save, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flow, "_BATCH_BYTES", 1_000)
    file = save(*long_file(100))
    counts = [progress.counts.rows for progress in steps(db, file)]
    assert counts[0] == 0 and counts[-1] == 100 and len(counts) > 5


def test_the_audit_trail_says_who_imported_what(db: Database, save: Save) -> None:
    file = save(message(1))
    bring_in(db, file)
    bring_in(db, file)
    query = sa.text("SELECT actor, subject FROM audit_record WHERE action = 'import.begun'")
    actor, subject = db.read(lambda session: session.execute(query).one())
    assert actor == ODILE and subject.startswith("import:")


@pytest.mark.timeout(300)
def test_a_killed_import_loses_nothing_and_does_nothing_twice(db: Database, database_url: str, save: Save) -> None:
    file = save(*long_file(20_000))
    for rows in (2_500, 11_000):
        importing = subprocess.Popen(
            [sys.executable, "-c", _IMPORT, database_url, str(file.text.path)], cwd=ROOT, stderr=subprocess.PIPE
        )
        _wait_until_read(db, rows, importing)
        importing.send_signal(signal.SIGKILL)
        importing.communicate()
        assert importing.returncode == -signal.SIGKILL
    counts = bring_in(db, open_csv(file.text.path, Choices()))
    bad = [number + 2 for number in range(20_000) if number % BAD == BAD - 1]
    good, capped = 20_000 - len(bad), FANS * 5  # five messages of each fan, all of one day, reach its cap
    assert counts == Counts(awarded=capped, refused=good - capped, bad=len(bad), points=10 * capped)
    assert on_record(db) == (good, 10 * capped)
    assert bad_rows(file) == bad
    assert len(list(steps(db, file))) == 1


_IMPORT = """
import sys
from datetime import timedelta
from pathlib import Path
from loyalty import clock
from loyalty.db import Database
from loyalty.intake.csv_columns import Choices
from loyalty.intake.csv_file import open_csv
from tests.cast import MORNING
from tests.flows.test_import_file import steps
url, path = sys.argv[1:]
with clock.running_on(clock.stopped_at(MORNING + timedelta(hours=1))):
    for _ in steps(Database(url), open_csv(Path(path), Choices())):
        pass
"""


def _wait_until_read(db: Database, rows: int, importing: subprocess.Popen[bytes]) -> None:
    query = sa.text("SELECT max(rows_read) FROM import_run")
    deadline = time.monotonic() + 120
    while (db.read(lambda session: session.execute(query).scalar_one()) or 0) < rows:
        assert importing.poll() is None, importing.communicate()[1].decode()
        assert time.monotonic() < deadline, "the import does not move on"
        time.sleep(0.02)
