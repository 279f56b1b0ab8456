"""A file in any encoding that spreadsheets write is understood; one that is no text, or changes, is refused."""

import codecs
from pathlib import Path

import pytest

from loyalty import clock
from loyalty.intake.csv_columns import Choices
from loyalty.intake.csv_file import CsvFile, open_csv
from loyalty.intake.csv_text import FileChanged, NotText
from tests.cast import MORNING
from tests.intake.conftest import Save
from tests.makers.csv import HEADER, INES, MARC, actors, read, wrong


@pytest.fixture(autouse=True)
def _morning():
    with clock.running_on(clock.stopped_at(MORNING)):
        yield


@pytest.mark.parametrize(
    ("encoding", "mark"),
    [
        ("utf-8", b""),
        ("utf-8", codecs.BOM_UTF8),
        ("utf-16-le", codecs.BOM_UTF16_LE),
        ("utf-16-be", codecs.BOM_UTF16_BE),
    ],
    ids=["UTF-8", "UTF-8 with mark", "UTF-16 LE", "UTF-16 BE"],
)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])
@pytest.mark.parametrize("separator", [",", ";", "\t"], ids=["comma", "semicolon", "tab"])
def test_every_encoding_line_end_and_separator_is_understood(
    tmp_path: Path, encoding: str, mark: bytes, end: str, separator: str
) -> None:
    path = tmp_path / "stats.csv"
    lines = (HEADER, INES.replace("ines", "Inès 🎉"), MARC)
    text = "".join(line + end for line in lines).replace(",", separator)
    path.write_bytes(mark + text.encode(encoding))
    assert actors(read(path)) == ["Inès 🎉", "marc"]


def test_a_file_that_is_neither_utf_8_nor_marked_utf_16_is_refused_whole(save: Save) -> None:
    with pytest.raises(NotText, match="offset 50, 0xE8") as refusal:
        open_csv(save(HEADER, INES.replace("ines", "inès"), encoding="latin-1"), Choices())
    assert "UTF-8" in refusal.value.say("fr")
    assert "NUL" in wrong(save(HEADER, INES, encoding="utf-16-le"))


def test_the_byte_that_cannot_be_read_is_named_wherever_it_is(tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    whole = ("é" * 700_000).encode()  # no chunk of it ends where a character does
    path.write_bytes(b"a" + whole + b"\xff")
    with pytest.raises(NotText, match=f"offset {len(whole) + 1}, 0xFF"):
        open_csv(path, Choices())
    path.write_bytes(codecs.BOM_UTF16_LE + b"a\x00b")
    with pytest.raises(NotText, match="UTF-16-LE: the byte at offset 4"):
        open_csv(path, Choices())


def test_a_file_that_changes_while_it_is_read_is_noticed(save: Save) -> None:
    path = save(HEADER, *[INES] * 10_000)
    file: CsvFile = open_csv(path, Choices())
    rows = file.rows(file.body)
    next(rows)
    with path.open("ab") as more:
        more.write(b"\xff" * 100)
    with pytest.raises(FileChanged):
        file.text.check_unchanged()
    with pytest.raises(FileChanged):
        list(rows)
