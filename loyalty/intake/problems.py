"""What is wrong with a CSV file or with one of its rows: a code for machines, words for whoever corrects it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from loyalty import complaints
from loyalty.errors import Invalid, Refused
from loyalty.i18n import Words


class BadRow(Refused):
    """A row tells of no activity; only that row is left out."""

    code = "bad_row"
    words = Words(fr="Cette ligne ne se lit pas.", en="This row cannot be read.")


class RowTooLong(BadRow):
    """A row is longer than any that is read."""

    code = "row_too_long"
    words = Words(fr="La ligne fait {most:n} caractères ou davantage.", en="The row has {most:n} characters or more.")


class QuoteNotClosed(BadRow):
    """A cell begins with a quote that nothing closes."""

    code = "quote_not_closed"
    words = Words(
        fr="Un guillemet est ouvert et jamais bien refermé : doublez-le s’il fait partie du texte.",
        en="A quote is opened and not rightly closed: write two quotes for one.",
    )


class CellGoesOn(BadRow):
    """Something stands between the closing quote of a cell and the separator."""

    code = "cell_goes_on"
    words = Words(
        fr="Une cellule continue après son guillemet fermant : doublez-le s’il fait partie du texte.",
        en="A cell goes on after its closing quote: write two quotes for one.",
    )


class OtherWidth(BadRow):
    """A row has more or fewer cells than the header."""

    code = "other_width"
    words = Words(
        fr="La ligne a {cells:n} {cells:cellule|cellules}, l’en-tête en a {header:n}.",
        en="The row has {cells:n} cells, the header {header:n}.",
    )


class NoTimeZone(BadRow):
    """A date says no time zone, and none was chosen for such dates."""

    code = "no_time_zone"
    words = Words(
        fr="Pas de fuseau horaire, et aucun n’a été choisi pour les dates qui n’en ont pas.",
        en="No time zone, and none was named for dates without one.",
    )


class HappensTwice(BadRow):
    """The clock shows this time twice that day."""

    code = "happens_twice"
    words = Words(
        fr="{at} arrive deux fois à {zone}, quand l’heure recule : écrivez son décalage.",
        en="{at} happens twice in {zone}, when the clock goes back: write its offset.",
    )


class NeverHappens(BadRow):
    """The clock never shows this time that day."""

    code = "never_happens"
    words = Words(
        fr="{at} n’existe pas à {zone} : l’heure avance par-dessus.",
        en="{at} does not exist in {zone}: the clock goes forward over it.",
    )


class WrongCells(BadRow):
    """Cells of a row do not fit their fields.

    Args:
        by_column: what is wrong with each, as the schema says it or as one of our own refusals.
    """

    code = "wrong_cells"

    def __init__(self, by_column: Mapping[str, Any]) -> None:
        super().__init__()
        self._by_column = by_column

    def say(self, language: str) -> str:
        """Each column with what is wrong."""
        colon = "\N{NARROW NO-BREAK SPACE}: " if language == "fr" else ": "
        return " ".join(f"{name}{colon}{said(found, language)}" for name, found in self._by_column.items())


class BadColumns(Invalid):
    """The header and the choices do not make sense together; `lines` says everything wrong at once."""

    def __init__(self, about: str, lines: Sequence[tuple[Words, Mapping[str, Any]]]) -> None:
        self._lines = lines
        super().__init__({about: self.lines("en")})

    def lines(self, language: str) -> list[str]:
        """A sentence for each thing that is wrong."""
        return [words.say(language, **holes) for words, holes in self._lines]


def said(found: Any, language: str) -> str:
    """What a schema, or one of our refusals, says is wrong."""
    # English is left to the schemas: theirs is the wording of the API's documentation.
    told = []
    for each in complaints.each(found):
        if isinstance(each, Refused):
            told.append(each.say(language))
        else:
            told.append(str(each) if language == "en" else complaints.told(str(each), language))
    return " ".join(told)
