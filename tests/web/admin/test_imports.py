"""Staff send a file, see what it would do, say what its columns mean, and have it imported."""

import io
import re
from datetime import timedelta

import pytest

from loyalty import clock
from loyalty.flows import upload_import
from loyalty.flows import work_uploads as worker
from loyalty.flows.work_uploads import work_uploads
from tests import cast
from tests.cast import MORNING
from tests.makers.proof import adds_up
from tests.web.browser import TOKEN

HEADER = "network,actor,kind,object,id,happened_at"
GOOD = "twitch,fan-1,live_chat,channel:1,m1,2026-11-22T08:00:00+01:00"
BAD = "twitch,,live_chat,channel:1,m2,2026-11-22T08:00:00+01:00"


@pytest.fixture(autouse=True)
def rule(app, db):
    cast.rule(db)
    yield
    for upload_id in list(worker._folders):
        worker._forget_file(upload_id)


def send(browser, body, name="stats.csv"):
    token = TOKEN.search(browser.get("/admin/imports").text)[1]
    data = {"csrf_token": token, "file": (io.BytesIO(body), name)}
    return browser.send("POST", "/admin/imports", data=data, content_type="multipart/form-data")


def work(db):
    while work_uploads(db, seconds=60):
        pass


def test_a_file_is_tried_then_imported_and_its_bad_rows_downloaded(odile_at, db):
    path = send(odile_at, "\n".join([HEADER, GOOD, BAD, ""]).encode()).location
    assert "Being tried" in odile_at.get(path).text
    work(db)
    page = odile_at.get(path).text
    assert "What would become of the first rows" in page and "You earn 10 points." in page and "be left out" in page
    assert odile_at.submit(f"{path}/start", on=path).status_code == 303
    assert 'role="status"' in odile_at.get(path).text
    work(db)
    page = odile_at.get(path).text
    assert "Imported" in page and "Download the bad rows" in page
    errors = odile_at.get(f"{path}/errors.csv")
    assert errors.headers["Content-Disposition"] == 'attachment; filename="stats-csv.errors.csv"'
    assert b"row,problem" in errors.data and b"\n3,actor: Missing data" in errors.data.replace(b"\r", b"")
    assert adds_up(db)


def test_who_reads_french_has_the_errors_in_french(odile_at, db):
    odile_at.submit("/admin/account", language="fr")
    path = send(odile_at, "\n".join([HEADER, BAD, ""]).encode()).location
    work(db)
    assert "actor\N{NARROW NO-BREAK SPACE}: À remplir." in odile_at.get(path).text
    odile_at.submit(f"{path}/start", on=path)
    work(db)
    assert "\n2,actor\N{NARROW NO-BREAK SPACE}: À remplir.".encode() in odile_at.get(f"{path}/errors.csv").data
    path = send(odile_at, b"Pseudo;Quoi\nfan-1;bonjour\n").location
    work(db)
    assert "n’est pas connue" in odile_at.get(path).text


def test_columns_of_other_names_are_given_their_meaning(odile_at, db):
    path = send(odile_at, b"Pseudo;Quoi\nfan-1;bonjour\n").location
    work(db)
    page = odile_at.get(path).text
    assert "The columns are not understood yet" in page and "Import it" not in page
    constants = {"always-network": "twitch", "always-kind": "live_chat", "always-object": "channel:1"}
    reading = {"separator": "semicolon", "scope": "import", "time_zone": "Europe/Paris"}
    said = {"column-0": "actor", "column-1": "-", **constants, **reading}
    assert odile_at.submit(f"{path}/columns", on=path, **said).status_code == 303
    work(db)
    page = odile_at.get(path).text
    assert "Import it" in page and "You earn 10 points." in page
    assert re.search(r'value="twitch"', page), "what was chosen is kept"


def test_a_wrong_choice_is_said_by_field(odile_at, db):
    path = send(odile_at, f"{HEADER}\n{GOOD}\n".encode()).location
    work(db)
    for wrong in ({"column-0": "price"}, {"scope": " "}, {"time_zone": "Mars/Olympus"}, {"column-99": "actor"}):
        answer = odile_at.submit(f"{path}/columns", on=path, **{"scope": "import", **wrong})
        assert answer.status_code == 422, wrong


@pytest.mark.parametrize("body", [b"", b"\xff\xfe\x00\xd8", b"\x00" * 100, b'"' * 5000, b"a\n" + b"x," * 9999])
def test_47_whatever_is_sent_gets_an_answer_and_never_breaks_the_page(odile_at, db, body):
    answer = send(odile_at, body)
    assert answer.status_code == (422 if not body else 303)
    work(db)
    if body:
        assert odile_at.get(answer.location).status_code == 200
    assert adds_up(db)


def test_27_a_name_of_a_file_is_text(odile_at, db):
    path = send(odile_at, f"{HEADER}\n{GOOD}\n".encode(), name="<b>x</b>.csv").location
    assert "<b>x" not in odile_at.get(path).text


def test_39_a_file_that_is_too_large_is_refused(odile_at, db, monkeypatch):
    monkeypatch.setattr(upload_import, "MOST_BYTES", 10)
    answer = send(odile_at, f"{HEADER}\n{GOOD}\n".encode())
    assert answer.status_code == 413 and "64 MiB" in answer.text


def test_a_file_larger_than_other_forms_may_be_is_taken(odile_at, db):
    rows = "\n".join(f"twitch,fan-{at},live_chat,channel:1,m{at},2026-11-22T08:00:00+01:00" for at in range(6_000))
    body = f"{HEADER}\n{rows}\n".encode()
    assert len(body) > 256 * 1024
    assert send(odile_at, body).status_code == 303


def test_an_import_is_stopped_with_a_reason(odile_at, db):
    path = send(odile_at, f"{HEADER}\n{GOOD}\n".encode()).location
    work(db)
    assert odile_at.submit(f"{path}/cancel", on=path, reason="").status_code == 422
    assert odile_at.submit(f"{path}/cancel", on=path, reason="Wrong month").status_code == 303
    assert "Go on with the import" in odile_at.get(path).text


def test_its_progress_is_a_part_that_the_page_asks_for_until_it_is_over(odile_at, db):
    path = send(odile_at, f"{HEADER}\n{GOOD}\n".encode()).location
    assert f'data-refresh="{path}/progress" data-every="2"' in odile_at.get(path).text
    part = odile_at.get(f"{path}/progress").text
    assert "The first rows are being read." in part and "<html" not in part and "data-over" not in part
    work(db)
    assert "data-over" in odile_at.get(f"{path}/progress").text
    assert "data-refresh" not in odile_at.get(path).text
    odile_at.submit(f"{path}/start", on=path)
    work(db)
    assert "data-over" in odile_at.get(f"{path}/progress").text


def test_5_a_page_that_asks_by_itself_keeps_no_session_open(odile_at, db):
    path = send(odile_at, f"{HEADER}\n{GOOD}\n".encode()).location
    for minutes in (10, 20, 29):
        with clock.running_on(clock.stopped_at(MORNING + timedelta(minutes=minutes))):
            assert odile_at.get(f"{path}/progress").status_code == 200
    with clock.running_on(clock.stopped_at(MORNING + timedelta(minutes=31))):
        assert odile_at.get(f"{path}/progress").status_code == 401
        assert odile_at.get(path).status_code == 401


def test_who_may_only_read_cannot_send(staff_at):
    page = staff_at("editor").get("/admin/imports").text
    assert "Send a file" not in page
    assert staff_at("support").get("/admin/imports").status_code == 403
