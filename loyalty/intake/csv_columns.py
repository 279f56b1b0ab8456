"""What each column of a CSV file says about an activity: the API's own fields, under the file's own names."""

from __future__ import annotations

import re
import zoneinfo
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from difflib import get_close_matches
from typing import Any
from zoneinfo import ZoneInfo

from marshmallow import ValidationError

from loyalty.activities.fact import ActivityFact
from loyalty.activities.schema import ActivitySchema
from loyalty.errors import Invalid
from loyalty.fields import Moment, Text, WholeNumber

_schema = ActivitySchema()
_columns = dict(sorted(_schema.fields.items(), key=lambda each: not each[1].required))
FIELDS = tuple(_columns)  # the required ones first
REQUIRED = tuple(name for name, column in _columns.items() if column.required)
ERROR_COLUMNS = ("row", "problem")  # what an errors file begins with; read back, they say nothing of the act

_WHOLE = re.compile(r"[+-]?\d{1,18}", re.ASCII)
# As RFC 3339 and as spreadsheets write it: "2026-11-23 08:00", the seconds and the zone left out.
_WHEN = re.compile(r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d)(:\d\d(?:\.\d{1,9})?)? ?([Zz]|[+-]\d\d:\d\d)?", re.ASCII)


class BadRow(Exception):
    """A row tells of no activity; the message says why, for whoever has to correct it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What whoever imports a file says about it.

    Attributes:
        mapped: CSV column to field, where the names differ.
        constants: field to value, for what is the same in every row.
        ignored: columns not to be read.
        scope: who numbers the column `id`: the same scope and id is the same act, in whichever file.
        time_zone: IANA name, what a date without a zone means; None: such a date is wrong.
        separator: between cells; None: as the header shows.
    """

    mapped: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    ignored: Sequence[str] = ()
    scope: str = "import"
    time_zone: str | None = None
    separator: str | None = None

    def known(self) -> set[str]:
        """Every column name that would be understood."""
        return {*FIELDS, *self.mapped, *self.ignored, *ERROR_COLUMNS}

    def as_json(self) -> dict[str, Any]:
        """Plain values: two imports of one file under equal choices are the same import."""
        return {
            "mapped": dict(self.mapped),
            "constants": dict(self.constants),
            "ignored": sorted(self.ignored),
            "scope": self.scope,
            "time_zone": self.time_zone,
            "separator": self.separator,
        }


class Columns:
    """The columns of one file, ready to read its rows.

    Raises:
        Invalid: the header and the choices do not make sense together; everything wrong at once.
    """

    def __init__(self, header: Sequence[str], choices: Choices) -> None:
        self.header = tuple(header)
        self._skipped = len(ERROR_COLUMNS) if self.header[:2] == ERROR_COLUMNS else 0
        self._zone = _zone(choices.time_zone)
        self._scope = choices.scope
        self._places: dict[str, int] = {}  # of each field, in a row
        errors = list(self._find(choices)) + list(self._check_choices(choices))
        if errors:
            raise Invalid({"columns": [*errors, f"The fields are {', '.join(FIELDS)}."]})
        self._constants = {name: self._plain(name, text) for name, text in choices.constants.items()}

    @property
    def kept(self) -> tuple[str, ...]:
        """The header, less what an errors file put before it."""
        return self.header[self._skipped :]

    def kept_cells(self, cells: Sequence[str]) -> Sequence[str]:
        """The cells under `kept`."""
        return cells[self._skipped :]

    def fact(self, cells: Sequence[str]) -> ActivityFact:
        """The activity a row tells of. An empty cell says nothing.

        Args:
            cells: as many as the header has.

        Raises:
            BadRow: it tells of none.
        """
        given: dict[str, Any] = dict(self._constants)
        try:
            for name, place in self._places.items():
                text = cells[place] if name == "text" else cells[place].strip()
                if text:
                    given[name] = self._plain(name, text)
            fact: ActivityFact = _schema.load(given)
        except ValidationError as problem:
            raise BadRow(self._told(problem.messages_dict)) from None
        return fact if fact.external_id is None else replace(fact, scope=self._scope)

    def _find(self, choices: Choices) -> Iterator[str]:
        for place, name in enumerate(self.header):
            if place < self._skipped or name in choices.ignored:
                continue
            meant = choices.mapped.get(name, name)
            if meant in choices.constants or meant in self._places:
                yield f"{meant} is given twice: by the column {name!r}, and by another or as a constant."
            elif meant in FIELDS:
                self._places[meant] = place
            elif name not in choices.mapped:
                yield f"Column {place + 1}, {name!r}, is not known{_guess(name, FIELDS)}"
        missing = [name for name in REQUIRED if name not in self._places and name not in choices.constants]
        if missing:
            yield f"Missing: {', '.join(missing)}."

    def _check_choices(self, choices: Choices) -> Iterator[str]:
        for name in (*choices.mapped, *choices.ignored):
            if name not in self.header:
                yield f"The header has no column {name!r}{_guess(name, self.header)}"
        for name in (*choices.mapped.values(), *choices.constants):
            if name not in FIELDS:
                yield f"There is no field {name!r}{_guess(name, FIELDS)}"
        for name, text in choices.constants.items():
            try:
                if name in FIELDS:
                    _columns[name].deserialize(self._plain(name, text))
            except ValidationError as problem:
                yield f"{name} cannot be {text!r}: {_sentence(problem.messages)}"
        try:
            Text(minimum=1, maximum=1000).deserialize(choices.scope)
        except ValidationError as problem:
            yield f"The scope cannot be {choices.scope!r}: {_sentence(problem.messages)}"

    def _plain(self, name: str, text: str) -> Any:
        """A text as the API would have it; what cannot be is left to the schema to refuse."""
        column = _columns.get(name)
        if isinstance(column, WholeNumber) and _WHOLE.fullmatch(text):
            return int(text)
        if isinstance(column, Moment):
            return self._instant(text)
        return text

    def _instant(self, text: str) -> str:
        written = _WHEN.fullmatch(text)
        if written is None:
            return text
        day, minute, second, zone = written.groups()
        whole = f"{day}T{minute}{second or ':00'}"
        if zone is not None:
            return whole + zone
        if self._zone is None:
            raise ValidationError({"happened_at": "No time zone, and none was named for dates without one."})
        try:
            return _at(datetime.fromisoformat(whole), self._zone).astimezone(UTC).isoformat()
        except ValueError:  # there is no such date
            return text
        except OverflowError:  # so far off that the schema refuses it in any zone
            return f"{whole}Z"

    def _told(self, errors: Mapping[str, Any]) -> str:
        names = {name: self.header[place] for name, place in self._places.items()}
        return " ".join(f"{names.get(name, name)}: {_sentence(problem)}" for name, problem in errors.items())


def _at(naive: datetime, zone: ZoneInfo) -> datetime:
    first, second = naive.replace(tzinfo=zone, fold=0), naive.replace(tzinfo=zone, fold=1)
    if first.utcoffset() == second.utcoffset():
        return first
    if first.astimezone(UTC).astimezone(zone).replace(tzinfo=None) == naive:
        wrong = f"{naive} happens twice in {zone.key}, when the clock goes back: write its offset."
    else:
        wrong = f"{naive} does not exist in {zone.key}: the clock goes forward over it."
    raise ValidationError({"happened_at": wrong})


def _zone(name: str | None) -> ZoneInfo | None:
    if name is None:
        return None
    known = zoneinfo.available_timezones()
    if name not in known:
        raise Invalid({"time zone": [f"There is no time zone {name!r}{_guess(name, sorted(known))}"]})
    return ZoneInfo(name)


def _guess(name: str, known: Sequence[str]) -> str:
    by_folded = {each.casefold(): each for each in known}
    near = get_close_matches(name.strip().casefold(), list(by_folded), n=1, cutoff=0.5)
    return f": did you mean {by_folded[near[0]]}?" if near else "."


def _sentence(problem: Any) -> str:
    if isinstance(problem, dict):
        problem = list(problem.values())
    return " ".join(_sentence(each) for each in problem) if isinstance(problem, list) else str(problem)
