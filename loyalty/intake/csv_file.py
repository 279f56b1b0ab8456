"""The rows of a CSV file (RFC 4180), each with the activity it tells of and where the next begins.

A row that cannot be read spoils only itself: where a quote is opened and never rightly closed, the line that opened
it is the bad row and reading goes on with the next line.
"""

from __future__ import annotations

import csv
import hashlib
import json
from collections import deque
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from pathlib import Path

from loyalty.activities.fact import ActivityFact
from loyalty.i18n import Words
from loyalty.intake.csv_columns import FIELDS, Choices, Columns
from loyalty.intake.csv_text import LONGEST_LINE, Line, TextFile, survey
from loyalty.intake.problems import BadColumns, BadRow, CellGoesOn, OtherWidth, QuoteNotClosed, RowTooLong

SEPARATORS = (",", ";", "\t")
LONGEST_ROW = LONGEST_LINE  # characters, its lines together; also csv's own limit of one cell
_EXCERPT = 1_000  # characters kept of what could not be read

_EMPTY = Words(
    fr="Le fichier est vide. Sa première ligne nomme des colonnes : {fields:list}.",
    en="The file is empty. Its first row names columns: {fields:list}.",
)
_NUL = Words(
    fr="Il contient des caractères NUL : est-ce de l’UTF-16 sans sa marque d’ordre des octets ?",
    en="It holds NUL characters: is this UTF-16 without its byte order mark?",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Between two rows: the byte where the next begins, and the number of the row before."""

    offset: int
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row: it tells of an activity, or has a problem.

    Attributes:
        number: as a spreadsheet counts: the first row of the file is 1.
        ends: the place after it.
        cells: as they stand, or the beginning of what could not be read.
    """

    number: int
    ends: Place
    cells: list[str]
    fact: ActivityFact | None = None
    problem: BadRow | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CsvFile:
    """A CSV file whose header was understood; `body` is where its rows begin."""

    text: TextFile
    separator: str
    columns: Columns
    choices: Choices
    body: Place

    @property
    def name(self) -> str:
        """Without its folders."""
        return self.text.path.name

    @property
    def key(self) -> str:
        """A digest of the content and the choices: equal for the same import."""
        told = json.dumps([self.text.sha256, self.choices.as_json()], sort_keys=True)
        return hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()

    def rows(self, after: Place) -> Generator[Row]:
        """The rows after a place; rows without any content are left out, and counted.

        Raises:
            FileChanged: it is text no more.
        """
        for row in _split(self.text.lines(after.offset), self.separator, after):
            yield self._read(row)

    def _read(self, row: Row) -> Row:
        if row.problem is not None:
            return row
        fact: ActivityFact | None = None
        problem: BadRow | None = None
        if len(row.cells) == len(self.columns.header):
            try:
                fact = self.columns.fact(row.cells)
            except BadRow as bad:
                problem = bad
        else:
            problem = OtherWidth(cells=len(row.cells), header=len(self.columns.header))
        return Row(number=row.number, ends=row.ends, cells=row.cells, fact=fact, problem=problem)


def open_csv(path: Path, choices: Choices) -> CsvFile:
    """Survey a file and understand its header.

    Raises:
        NotText: its encoding is none we know.
        Invalid: it has no header, or header and choices do not make sense together.
        OSError: it cannot be read.
    """
    text = survey(path)
    separator, header = _header(text, choices)
    if header.problem is not None:
        raise BadColumns("header", [(header.problem.words, header.problem.holes)])
    names = [cell.strip() for cell in header.cells]
    if any("\0" in name for name in names):
        raise BadColumns("header", [(_NUL, {})])
    columns = Columns(names, choices)
    return CsvFile(text=text, separator=separator, columns=columns, choices=choices, body=header.ends)


def read_header(path: Path, choices: Choices) -> tuple[str, list[str]]:
    """The separator and the names of the columns, whatever they mean.

    Raises:
        NotText
        Invalid: there is no header.
    """
    separator, header = _header(survey(path), choices)
    return separator, [cell.strip() for cell in header.cells]


def _header(text: TextFile, choices: Choices) -> tuple[str, Row]:
    """The first row, cut by the separator that makes most sense of it."""
    known = choices.known()

    def sense(found: tuple[str, Row]) -> tuple[int, int]:
        names = [cell.strip() for cell in found[1].cells]
        return sum(name in known for name in names), len(names)

    top = Place(offset=text.start, number=0)
    candidates = (choices.separator,) if choices.separator is not None else SEPARATORS
    read = [(each, next(_split(text.lines(top.offset), each, top), None)) for each in candidates]
    headers = [(separator, row) for separator, row in read if row is not None]
    if not headers:
        raise BadColumns("header", [(_EMPTY, {"fields": FIELDS})])
    return max(headers, key=sense)


def _split(lines: Iterator[Line], separator: str, after: Place) -> Iterator[Row]:
    feed = _Feed(lines)
    reader = csv.reader(feed, delimiter=separator, strict=True)
    offset, number = after.offset, after.number
    while True:
        feed.begin_row()
        cells: list[str] = []
        problem: BadRow | None = None
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            goes_on = len(feed.taken) == 1 and "expected after" in str(error)
            problem = CellGoesOn() if goes_on else QuoteNotClosed()
        if not feed.taken[0].is_whole:
            problem = RowTooLong(most=LONGEST_ROW)
        if problem is not None:
            feed.give_back_all_but_first()
            cells = [feed.taken[0].text[:_EXCERPT].rstrip("\r\n")]
        offset, number = offset + sum(line.length for line in feed.taken), number + 1
        if problem is not None or any(cell.strip() for cell in cells):
            yield Row(number=number, ends=Place(offset=offset, number=number), cells=cells, problem=problem)


class _Feed:
    """Gives a csv.reader the lines of one row, and takes back those it should not have had.

    It claims to be at its end where a row grows too long; the next row goes on from there.
    """

    def __init__(self, lines: Iterator[Line]) -> None:
        self._lines = lines
        self._ahead: deque[Line] = deque()
        self._characters = 0
        self.taken: list[Line] = []

    def __iter__(self) -> _Feed:
        return self

    def __next__(self) -> str:
        line = self._ahead.popleft() if self._ahead else next(self._lines)
        if self.taken and (not line.is_whole or self._characters + len(line.text) > LONGEST_ROW):
            self._ahead.appendleft(line)
            raise StopIteration
        self.taken.append(line)
        self._characters += len(line.text)
        return line.text

    def begin_row(self) -> None:
        """Forget the lines of the row before."""
        self.taken, self._characters = [], 0

    def give_back_all_but_first(self) -> None:
        """Only the first line of the row is spoilt."""
        self._ahead.extendleft(reversed(self.taken[1:]))
        del self.taken[1:]
