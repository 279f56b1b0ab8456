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
from loyalty.fields import Moment, Text, WholeNumber
from loyalty.i18n import LANGUAGES, Words
from loyalty.intake.problems import BadColumns, HappensTwice, NeverHappens, NoTimeZone, WrongCells, said

_schema = ActivitySchema()
_columns = dict(sorted(_schema.fields.items(), key=lambda each: not each[1].required))
FIELDS = tuple(_columns)  # the required ones first
REQUIRED = tuple(name for name, column in _columns.items() if column.required)
ERROR_COLUMNS = ("row", "problem")  # what an errors file begins with; read back, they say nothing of the act

_WHOLE = re.compile(r"[+-]?\d{1,18}", re.ASCII)
# As RFC 3339 and as spreadsheets write it: "2026-11-23 08:00", the seconds and the zone left out.
_WHEN = re.compile(r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d)(:\d\d(?:\.\d{1,9})?)? ?([Zz]|[+-]\d\d:\d\d)?", re.ASCII)


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


Line = tuple[Words, Mapping[str, Any]]
_FIELDS_ARE = Words(fr="Les champs sont {fields:list}.", en="The fields are {fields:list}.")
_TWICE = Words(
    fr="{field} est donné deux fois : par la colonne {column!r}, et par une autre ou comme constante.",
    en="{field} is given twice: by the column {column!r}, and by another or as a constant.",
)
_UNKNOWN = Words(
    fr="La colonne {place}, {column!r}, n’est pas connue{guess_fr}",
    en="Column {place}, {column!r}, is not known{guess_en}",
)
_MISSING = Words(fr="Il manque : {fields:list}.", en="Missing: {fields:list}.")
_NO_COLUMN = Words(
    fr="L’en-tête n’a pas de colonne {column!r}{guess_fr}", en="The header has no column {column!r}{guess_en}"
)
_NO_FIELD = Words(fr="Il n’y a pas de champ {field!r}{guess_fr}", en="There is no field {field!r}{guess_en}")
_CANNOT_BE = Words(fr="{field} ne peut pas être {value!r} : {why_fr}", en="{field} cannot be {value!r}: {why_en}")
_NOT_A_SCOPE = Words(
    fr="L’espace de numérotation ne peut pas être {value!r} : {why_fr}", en="The scope cannot be {value!r}: {why_en}"
)
_NO_ZONE = Words(fr="Il n’y a pas de fuseau horaire {zone!r}{guess_fr}", en="There is no time zone {zone!r}{guess_en}")
_DID_YOU_MEAN = Words(fr=" : vouliez-vous dire {near} ?", en=": did you mean {near}?")


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
            raise BadColumns("columns", [*errors, (_FIELDS_ARE, {"fields": FIELDS})])
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
            names = {name: self.header[place] for name, place in self._places.items()}
            wrong = {names.get(name, name): found for name, found in problem.messages_dict.items()}
            raise WrongCells(wrong) from None
        return fact if fact.external_id is None else replace(fact, scope=self._scope)

    def _find(self, choices: Choices) -> Iterator[Line]:
        for place, name in enumerate(self.header):
            if place < self._skipped or name in choices.ignored:
                continue
            meant = choices.mapped.get(name, name)
            if meant in choices.constants or meant in self._places:
                yield _TWICE, {"field": meant, "column": name}
            elif meant in FIELDS:
                self._places[meant] = place
            elif name not in choices.mapped:
                yield _UNKNOWN, {"place": place + 1, "column": name, **_guess(name, FIELDS)}
        missing = [name for name in REQUIRED if name not in self._places and name not in choices.constants]
        if missing:
            yield _MISSING, {"fields": missing}

    def _check_choices(self, choices: Choices) -> Iterator[Line]:
        for name in (*choices.mapped, *choices.ignored):
            if name not in self.header:
                yield _NO_COLUMN, {"column": name, **_guess(name, self.header)}
        for name in (*choices.mapped.values(), *choices.constants):
            if name not in FIELDS:
                yield _NO_FIELD, {"field": name, **_guess(name, FIELDS)}
        for name, text in choices.constants.items():
            try:
                if name in FIELDS:
                    _columns[name].deserialize(self._plain(name, text))
            except ValidationError as problem:
                yield _CANNOT_BE, {"field": name, "value": text, **_why(problem)}
        try:
            Text(minimum=1, maximum=1000).deserialize(choices.scope)
        except ValidationError as problem:
            yield _NOT_A_SCOPE, {"value": choices.scope, **_why(problem)}

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
            raise ValidationError({"happened_at": [NoTimeZone()]})
        try:
            return _at(datetime.fromisoformat(whole), self._zone).astimezone(UTC).isoformat()
        except ValueError:  # there is no such date
            return text
        except OverflowError:  # so far off that the schema refuses it in any zone
            return f"{whole}Z"


def _at(naive: datetime, zone: ZoneInfo) -> datetime:
    first, second = naive.replace(tzinfo=zone, fold=0), naive.replace(tzinfo=zone, fold=1)
    if first.utcoffset() == second.utcoffset():
        return first
    if first.astimezone(UTC).astimezone(zone).replace(tzinfo=None) == naive:
        raise ValidationError({"happened_at": [HappensTwice(at=str(naive), zone=zone.key)]})
    raise ValidationError({"happened_at": [NeverHappens(at=str(naive), zone=zone.key)]})


def _zone(name: str | None) -> ZoneInfo | None:
    if name is None:
        return None
    known = zoneinfo.available_timezones()
    if name not in known:
        raise BadColumns("time zone", [(_NO_ZONE, {"zone": name, **_guess(name, sorted(known))})])
    return ZoneInfo(name)


def _guess(name: str, known: Sequence[str]) -> dict[str, str]:
    """The end of a sentence in each language: with the name that was meant, if one is near."""
    by_folded = {each.casefold(): each for each in known}
    near = get_close_matches(name.strip().casefold(), list(by_folded), n=1, cutoff=0.5)
    told = _DID_YOU_MEAN.both({"near": by_folded[near[0]]}) if near else dict.fromkeys(LANGUAGES, ".")
    return _in_each(told, "guess")


def _why(problem: ValidationError) -> dict[str, str]:
    return _in_each({language: said(problem.messages, language) for language in LANGUAGES}, "why")


def _in_each(told: Mapping[str, str], hole: str) -> dict[str, str]:
    return {f"{hole}_{language}": text for language, text in told.items()}
