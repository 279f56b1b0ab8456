"""`loyalty import` says what it would do, does it when told to, and ends with a status a script can rely on."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result

from loyalty import clock
from loyalty.cli import main
from loyalty.db import Database
from tests.cast import MORNING, open_station, rule

HEADER = "network,actor,kind,object,id,happened_at"
INES = "twitch,ines,live_chat,channel:1,1,2026-11-23T06:00:00Z"
LIKE = "twitch,ines,like,video:1,,2026-11-23T06:01:00Z"

Import = Callable[..., Result]


@pytest.fixture
def csv_file(tmp_path: Path) -> Path:
    path = tmp_path / "stats.csv"
    path.write_text("\n".join([HEADER, INES, LIKE, INES, ""]), encoding="utf-8")
    return path


@pytest.fixture
def run_import(db: Database, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Import:
    open_station(db)
    rule(db)
    monkeypatch.setenv("LOYALTY_DATABASE_URL", database_url)

    def run(*arguments: object) -> Result:
        with clock.running_on(clock.stopped_at(MORNING + timedelta(hours=1))):
            return CliRunner().invoke(main, ["import", *map(str, arguments)])

    return run


def acts(db: Database) -> int:
    count: int = db.read(lambda session: session.execute(sa.text("SELECT count(*) FROM activity")).scalar_one())
    return count


def test_a_trial_says_what_each_row_would_do_and_writes_nothing(
    db: Database, run_import: Import, csv_file: Path
) -> None:
    said = run_import(csv_file)
    assert said.exit_code == 0
    assert said.stdout.splitlines() == [
        "row 2        award      10 points (chat)",
        "row 3        refused    No rule is about this activity.",
        "row 4        duplicate  It is on record already.",
        "3 rows:",
        "           1 awarded: 10 points",
        "           1 earned nothing",
        "           1 duplicates of what is on record",
        "This was a trial, and nothing was written: add --commit to do it.",
    ]
    assert acts(db) == 0


def test_a_trial_shows_the_first_rows_and_then_what_is_bad(run_import: Import, csv_file: Path) -> None:
    with csv_file.open("a") as more:
        more.write("twitch\n" * 5)
    said = run_import(csv_file, "--show", 2)
    assert said.exit_code == 3
    assert said.stdout.splitlines()[2:5] == [
        "...",
        "row 5        bad        The row has 1 cells, the header 6.",
        "row 6        bad        The row has 1 cells, the header 6.",
    ]


def test_it_is_done_when_told_to_and_once(db: Database, run_import: Import, csv_file: Path) -> None:
    said = run_import(csv_file, "--commit")
    assert (said.exit_code, acts(db)) == (0, 2)
    assert "1 awarded: 10 points" in said.stdout
    again = run_import(csv_file, "--commit")
    assert (again.exit_code, acts(db)) == (0, 2)
    assert again.stdout.startswith("Nothing to do: stats.csv came in on 2026-11-23 at 08:00 UTC.\n")
    assert "1 awarded: 10 points" in again.stdout


def test_bad_rows_go_beside_the_file_and_the_status_says_so(db: Database, run_import: Import, csv_file: Path) -> None:
    with csv_file.open("a") as more:
        more.write(LIKE.replace("like", "Like!"))
    said = run_import(csv_file, "--commit")
    assert (said.exit_code, acts(db)) == (3, 2)
    errors = csv_file.with_name("stats.errors.csv")
    assert f"The bad rows are in {errors}" in said.stdout
    errors.write_text(errors.read_text().replace("Like!", "share"))
    assert run_import(errors, "--commit").exit_code == 0
    assert acts(db) == 3


def test_columns_may_have_other_names_and_constants(db: Database, run_import: Import, tmp_path: Path) -> None:
    path = tmp_path / "sms.csv"
    path.write_text("Qui;a=b;Quand\n+33600000001;titre:1;2026-11-23 07:30\n")
    told = ["--map", "Qui=actor", "--map", "a=b=object", "--map", "Quand=happened_at"]
    told += ["--set", "network=sms", "--set", "kind=live_chat", "--time-zone", "Europe/Paris"]
    said = run_import(path, "--commit", *told)
    assert (said.exit_code, acts(db)) == (0, 1), said.output


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--map", "Qui"], "'Qui' is not COLUMN=FIELD."),
        (["--set", "kind=a", "--set", "kind=b"], "'kind' is given twice."),
        (["--set", "kind=vote"], "kind is given twice"),
        (["--separator", ";;"], "one character"),
        (["--time-zone", "Europe/Pari"], "did you mean Europe/Paris?"),
        (["--errors", "stats.csv"], "cannot go into the file they come from"),
    ],
)
def test_wrong_use_is_told_and_has_its_own_status(
    run_import: Import, csv_file: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], told: str
) -> None:
    monkeypatch.chdir(csv_file.parent)
    said = run_import("stats.csv", *arguments)
    assert said.exit_code == 2
    assert told in said.stderr


def test_a_file_that_is_no_text_is_wrong_use(run_import: Import, csv_file: Path) -> None:
    csv_file.write_bytes(b"network,\xff")
    said = run_import(csv_file, "--commit")
    assert said.exit_code == 2
    assert "offset 8, 0xFF" in said.stderr


def test_a_folder_that_is_not_there_ends_in_a_sentence(db: Database, run_import: Import, csv_file: Path) -> None:
    with csv_file.open("a") as more:
        more.write("twitch\n")
    said = run_import(csv_file, "--commit", "--errors", csv_file.parent / "nowhere" / "errors.csv")
    assert said.exit_code == 1
    assert "nowhere" in said.stderr and "Traceback" not in said.stderr
    assert acts(db) == 0


def test_bad_rows_are_told_in_the_language_asked_for(db: Database, run_import: Import, csv_file: Path) -> None:
    csv_file.write_text("network,actor,kind,object\ntwitch,,vote,x\n", encoding="utf-8")
    assert "actor\N{NARROW NO-BREAK SPACE}: À remplir." in run_import(csv_file, "--language", "fr").stdout
    run_import(csv_file, "--commit", "--language", "fr")
    assert "À remplir." in csv_file.with_name("stats.errors.csv").read_text("utf-8-sig")
