"""Bad rows are kept for whoever corrects them, and nothing else is overwritten."""

from pathlib import Path

import pytest

from loyalty.intake.csv_columns import Choices
from loyalty.intake.csv_file import open_csv
from loyalty.intake.errors_file import ErrorsFile, ErrorsFileTooShort, NotAnErrorsFile

HEADER = ("network", "actor", "kind", "object")
INES = (7, "kind: Must not be blank.", ["twitch", "ines", " ", "x"])
MARC = (9, "The row has 1 cells, the header 4.", ['tw;"itch'])


def errors(path: Path, separator: str = ";") -> ErrorsFile:
    return ErrorsFile(path / "stats.errors.csv", header=HEADER, separator=separator)


def test_there_is_no_file_without_a_bad_row(tmp_path: Path) -> None:
    kept = errors(tmp_path)
    assert kept.write([], after=0) == 0
    assert not kept.path.exists()


def test_a_row_is_kept_with_its_number_and_its_problem(tmp_path: Path) -> None:
    kept = errors(tmp_path)
    length = kept.write([INES], after=0)
    assert kept.write([MARC], after=length) == kept.path.stat().st_size
    assert kept.path.read_text("utf-8-sig").splitlines() == [
        "row;problem;network;actor;kind;object",
        "7;kind: Must not be blank.;twitch;ines; ;x",
        '9;The row has 1 cells, the header 4.;"tw;""itch"',
    ]


def test_it_is_imported_as_it_is(tmp_path: Path) -> None:
    kept = errors(tmp_path)
    kept.write([INES, MARC], after=0)
    file = open_csv(kept.path, Choices())
    assert [row.problem and row.problem.say("en") for row in file.rows(file.body)] == [
        "kind: Missing data for required field.",
        "The row has 3 cells, the header 6.",
    ]


def test_what_was_written_and_not_counted_is_written_again(tmp_path: Path) -> None:
    kept = errors(tmp_path)
    length = kept.write([INES], after=0)
    kept.write([MARC, MARC, MARC], after=length)  # killed before it was committed
    assert kept.write([MARC], after=length) == kept.path.stat().st_size
    assert len(kept.path.read_text("utf-8-sig").splitlines()) == 3
    assert kept.write([], after=length) == length == kept.path.stat().st_size


def test_the_errors_of_a_former_import_give_way(tmp_path: Path) -> None:
    errors(tmp_path, ",").write([INES, MARC], after=0)
    errors(tmp_path, "\t").write([], after=0)
    assert list(tmp_path.iterdir()) == []


def test_another_file_does_not(tmp_path: Path) -> None:
    kept = errors(tmp_path)
    kept.path.write_text("rowing;problems\n")
    for rows in ([], [INES]):
        with pytest.raises(NotAnErrorsFile):
            kept.write(rows, after=0)
    assert kept.path.read_text() == "rowing;problems\n"


def test_a_file_that_lost_rows_is_noticed(tmp_path: Path) -> None:
    kept = errors(tmp_path)
    length = kept.write([INES], after=0)
    kept.path.unlink()
    with pytest.raises(ErrorsFileTooShort):
        kept.check(length)
    with pytest.raises(ErrorsFileTooShort):
        kept.write([MARC], after=length)
