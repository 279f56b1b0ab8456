"""A file sent from the admin is tried, then imported bit by bit, once, whatever happens on the way."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from loyalty import clock
from loyalty.db import Database
from loyalty.flows import upload_import as flow
from loyalty.flows import work_uploads as worker
from loyalty.flows.upload_import import (
    FileTooLarge,
    NoFile,
    cancel_upload,
    choose,
    confirm,
    forget_uploads,
    upload,
)
from loyalty.flows.work_uploads import work_uploads
from loyalty.intake import uploads
from loyalty.intake.csv_columns import Choices
from loyalty.intake.tables import ImportRun
from loyalty.intake.uploads import NotInThatState, Row
from loyalty.staff import audit
from loyalty.staff.audit import Actor
from tests.cast import MORNING, open_station, rule
from tests.makers.proof import adds_up

SARAH = Actor("staff:sarah@lumiere.example", "203.0.113.7")
HEADER = "network,actor,kind,object,id,happened_at"


@pytest.fixture(autouse=True)
def station(db: Database) -> Iterator[None]:
    open_station(db)
    rule(db)
    with clock.running_on(clock.stopped_at(MORNING + timedelta(hours=1))):
        yield
        for upload_id in list(worker._folders):
            worker._forget_file(upload_id)
        assert adds_up(db)


def file(*rows: str, header: str = HEADER) -> bytes:
    return "\n".join([header, *rows, ""]).encode()


def message(number: int) -> str:
    return f"twitch,fan-{number % 50},live_chat,channel:1,m{number},2026-11-22T08:00:00+01:00"


def send(db: Database, body: bytes, name: str = "stats.csv") -> int:
    return upload(db, file_name=name, body=body, actor=SARAH)


def seen(db: Database, upload_id: int) -> Row:
    return db.read(lambda session: uploads.find(session, upload_id))


def run_of(db: Database, upload_id: int) -> ImportRun:
    return next(iter(db.read(lambda session: uploads.runs(session, [seen(db, upload_id).run_id])).values()))


def work(db: Database, *, seconds: float = 60) -> None:
    while work_uploads(db, seconds=seconds):
        pass


def test_a_file_is_tried_and_nothing_is_written(db: Database) -> None:
    number = send(db, file(message(1), message(2), "twitch,,live_chat,channel:1,m3,2026-11-22T08:00:00+01:00"))
    work(db)
    tried = seen(db, number)
    assert (tried.state, tried.problem, tried.run_id) == ("tried", None, None)
    told = tried.rehearsal
    assert (told["counts"]["awarded"], told["counts"]["bad"], told["is_whole"]) == (2, 1, True)
    assert [row["what"] for row in told["rows"]] == ["awarded", "awarded", "bad"]
    assert told["rows"][0]["why"] == {"fr": "Vous gagnez 10 points.", "en": "You earn 10 points."}


def test_once_confirmed_it_comes_in_once_and_bad_rows_are_a_file(db: Database) -> None:
    number = send(db, file(message(1), "twitch,,live_chat,channel:1,m3,2026-11-22T08:00:00+01:00", message(2)))
    work(db)
    confirm(db, number, actor=SARAH)
    work(db)
    done = seen(db, number)
    assert (done.state, done.body_bytes) == ("imported", 0)
    run = run_of(db, number)
    assert (run.awarded, run.bad, run.points) == (2, 1, 20)
    errors = db.read(lambda session: uploads.errors(session, number)).decode("utf-8-sig")
    assert errors.startswith("row,problem,") and "\n3," in errors
    again = send(db, file(message(1), "twitch,,live_chat,channel:1,m3,2026-11-22T08:00:00+01:00", message(2)))
    work(db)
    assert seen(db, again).rehearsal["counts"]["duplicates"] == 2


def test_a_step_does_a_little_and_a_killed_worker_loses_and_doubles_nothing(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("loyalty.flows.import_file.BATCH", 100)
    bad = "twitch,,live_chat,channel:1,x,2026-11-22T08:00:00+01:00"
    number = send(db, file(*[bad if at % 90 == 89 else message(at) for at in range(450)]))
    work(db)
    confirm(db, number, actor=SARAH)
    steps = 0
    while seen(db, number).state == "to_import":
        work_uploads(db, seconds=0)
        steps += 1
        worker._forget_file(number)  # another process goes on, without this one's files
    assert steps >= 4
    run = run_of(db, number)
    assert (run.awarded, run.bad, run.duplicates) == (445, 5, 0)
    errors = db.read(lambda session: uploads.errors(session, number))
    assert len(errors.splitlines()) == 6


def test_columns_with_other_names_are_mapped_and_it_is_tried_again(db: Database) -> None:
    number = send(db, file("fan-1;chat;1", header="Pseudo;Quoi;No"))
    work(db)
    lost = seen(db, number)
    assert lost.state == "tried" and "Missing" in lost.problem
    assert (lost.rehearsal["header"], lost.rehearsal["separator"]) == (["Pseudo", "Quoi", "No"], ";")
    with pytest.raises(NotInThatState):
        confirm(db, number, actor=SARAH)
    constants = {"network": "twitch", "kind": "live_chat", "object": "channel:1"}
    choices = Choices(mapped={"Pseudo": "actor", "No": "id"}, ignored=("Quoi",), constants=constants)
    choose(db, number, choices=choices, actor=SARAH)
    work(db)
    tried = seen(db, number)
    assert (tried.problem, tried.rehearsal["counts"]["awarded"]) == (None, 1)


def test_it_is_cancelled_between_two_steps_and_goes_on_later(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("loyalty.flows.import_file.BATCH", 10)
    number = send(db, file(*map(message, range(50))))
    work(db)
    confirm(db, number, actor=SARAH)
    work_uploads(db, seconds=0)
    cancel_upload(db, number, actor=SARAH, reason="The wrong month")
    work(db)
    assert (seen(db, number).state, run_of(db, number).awarded) == ("cancelled", 10)
    confirm(db, number, actor=SARAH)
    work(db)
    assert (seen(db, number).state, run_of(db, number).awarded) == ("imported", 50)


def test_what_is_no_file_of_ours_is_said_and_stops(db: Database) -> None:
    with pytest.raises(NoFile):
        send(db, b"")
    with pytest.raises(FileTooLarge):
        send(db, b"x" * (flow.MOST_BYTES + 1))
    number = send(db, b"\xff\xfe\x00\xd8 not text")
    work(db)
    assert seen(db, number).state == "failed"
    assert seen(db, number).problem


@pytest.mark.parametrize("name", ["../../etc/passwd", "C:\\temp\\a.csv", "", "a\x00b.csv", "é" * 300, ".."])
def test_a_name_is_a_name_and_no_path(db: Database, name: str) -> None:
    number = send(db, file(message(1)), name=name)
    work(db)
    kept = seen(db, number)
    assert kept.state == "tried"
    assert not set("/\\\0") & set(kept.file_name)


def test_so_many_bad_rows_stop_it(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "MOST_ERROR_BYTES", 100)
    number = send(db, file(*["twitch,,live_chat,channel:1,x,2026-11-22T08:00:00+01:00"] * 20))
    work(db)
    confirm(db, number, actor=SARAH)
    work(db)
    assert seen(db, number).state == "failed"


def test_each_act_of_staff_leaves_one_record(db: Database) -> None:
    number = send(db, file(message(1)))
    work(db)
    confirm(db, number, actor=SARAH)
    cancel_upload(db, number, actor=SARAH, reason="No")
    found = db.read(lambda session: audit.find(session, limit=9, subject=f"upload:{number}"))
    assert [each.action for each in found] == ["import.cancelled", "import.confirmed", "import.uploaded"]
    assert all((each.actor, each.address) == (str(SARAH), SARAH.address) for each in found)
    assert (found[0].reason, found[0].before, found[0].after) == ("No", {"state": "to_import"}, {"state": "cancelled"})


def test_files_that_ended_a_week_ago_are_emptied(db: Database) -> None:
    number = send(db, file(message(1)))
    work(db)
    assert forget_uploads(db) == 0
    with clock.running_on(clock.stopped_at(MORNING + timedelta(days=8))):
        assert forget_uploads(db) == 1
    assert seen(db, number).body_bytes == 0
    with pytest.raises(NotInThatState):
        confirm(db, number, actor=SARAH)
