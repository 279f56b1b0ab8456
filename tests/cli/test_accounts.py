"""`loyalty close` and `loyalty journal`, as typed."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from loyalty import clock
from loyalty.cli import main
from loyalty.db import Database
from loyalty.flows.change_programme import change_programme
from loyalty.staff import audit
from tests.cast import ODILE, open_station
from tests.makers.books import Books

Run = Callable[..., Result]
NOW = datetime(2026, 11, 23, 7, tzinfo=UTC)


@pytest.fixture
def run(db: Database, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("LOYALTY_DATABASE_URL", database_url.replace("+psycopg", ""))
    with clock.running_on(clock.stopped_at(datetime(2026, 10, 1, 8, tzinfo=UTC))):
        open_station(db)
        change_programme(db, {"point_value": 10_000, "expected_breakage": 2_000}, actor=ODILE)
        books = Books(db)
        ines = books.holder()
        books.grant(ines, 500, clock.now())
        books.spend(ines, 100, clock.now() + timedelta(days=2))

    def typed(*words: object) -> Result:
        with clock.running_on(clock.stopped_at(NOW)):
            return CliRunner().invoke(main, [str(each) for each in words])

    return typed


def test_a_month_is_tried_then_closed_and_again_refused(db: Database, run: Run) -> None:
    tried = run("close", "2026-10", "--dry-run")
    assert tried.exit_code == 0, tried.output
    assert "2026-10 would be closed: 2 entries." in tried.stdout
    assert "400 points outstanding" in tried.stdout
    assert "Liability: 4.00 euro; 3.20 expected, without the 20 % never to be spent." in tried.stdout
    made = json.loads(run("close", "2026-10", "--reason", "Fin de mois", "--json").stdout)
    assert (made["month"], made["outstanding"], made["entries"]) == (202610, 400, 2)
    (record,) = db.read(lambda session: audit.find(session, limit=3, action="month.closed"))
    assert record.actor.startswith("cli:") and record.reason == "Fin de mois"
    again = run("close", "2026-10")
    assert again.exit_code == 2
    assert "2026-10 is closed already" in again.stderr
    assert "not over" in run("close", "2026-11").stderr
    assert "2026-11 comes next" in run("close", "2027-01").stderr
    assert "is not a month" in run("close", "10/2026").stderr
    assert run("verify").exit_code == 1, "acts of these entries are not on record"
    assert "month" not in run("verify").stderr


def test_the_journal_is_the_file_the_admin_makes(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "october.csv"
    said = run("journal", "--from", "2026-10-01", "--to", "2026-10-31", "--output", path)
    assert said.exit_code == 0, said.output
    lines = path.read_bytes().decode("utf-8-sig").split("\r\n")
    assert lines[0].startswith("accounting_date;entry;leg;unit;debit;credit;amount;eur;cause;")
    assert ";points;issued;wallet;500;5,00;activity;" in lines[1]
    assert len(lines) == 4 and lines[3] == ""
    printed = run("journal", "--from", "2026-10-01", "--to", "2026-10-31", "--output", "-", "--balance")
    assert "points;wallet;0;100;500;400;4,00" in printed.stdout
    assert (
        ";spent;100;"
        in run("journal", "--from", "2026-10-01", "--to", "2026-10-31", "--output", "-", "--account", "spent").stdout
    )


def test_what_cannot_be_is_said(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    assert "must not be before" in run("journal", "--from", "2026-11-01", "--to", "2026-10-31", "--output", path).stderr
    assert "does not match" in run("journal", "--from", "hier", "--to", "2026-10-31", "--output", path).stderr
    assert "out of range" in run("journal", "--from", "0001-01-01", "--to", "2026-10-31", "--output", path).stderr
    assert not path.exists()
