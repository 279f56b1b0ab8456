"""Points given and received as a fan reads them: to whom, from whom."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlmodel import Session

from loyalty.fans.find import display_names
from loyalty.i18n import Words
from loyalty.ledger import find as ledger
from loyalty.ledger.find import Line
from loyalty.ledger.journal import TRANSFER
from loyalty.web.language import spoken

_GIVEN = Words(fr="Points donnés", en="Points given")
_RECEIVED = Words(fr="Points reçus", en="Points received")
_TO = Words(fr="Vous les avez donnés à {name}.", en="You gave them to {name}.")
_FROM = Words(
    fr="{name} vous les a donnés : ils gardent leur date d’expiration.",
    en="{name} gave them to you: they keep the expiry they had.",
)
_SOMEBODY = Words(fr="un fan", en="a fan")


def people(session: Session, lines: Iterable[Line], *, fan_id: int) -> dict[int, str | None]:
    """Who gave or got the points of each transfer among these lines, by its number: the name they chose, if any."""
    transfers = [line.cause_id for line in lines if line.cause == TRANSFER]
    if not transfers:
        return {}
    others = ledger.counterparts(session, fan_id, transfers)
    names = display_names(session, others.values())
    return {each: names.get(others[each]) for each in others}


def title(line: Line) -> str:
    """Given or received."""
    return (_RECEIVED if line.points > 0 else _GIVEN).say(spoken())


def why(line: Line, people: Mapping[int, str | None]) -> str:
    """To whom, or from whom."""
    name = people.get(line.cause_id) or _SOMEBODY.say(spoken())
    said = (_FROM if line.points > 0 else _TO).say(spoken(), name=name)
    return said[:1].upper() + said[1:]
