"""Activities and changes of the balance as a fan reads them: what, where, when, how much, and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from loyalty.activities.browse import Row, activities_of
from loyalty.fans import disputes
from loyalty.ledger import holds
from loyalty.ledger.find import Line
from loyalty.ledger.journal import TRANSFER
from loyalty.rewards.find import names_of_redemptions
from loyalty.web.api import sentences
from loyalty.web.fan import facts, told_holds, told_transfers, wording
from loyalty.web.language import spoken


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One line of a fan's history.

    Attributes:
        state: "gain", "loss", "refused", "measured", "withdrawn": how it looks.
        title, place, why: in the language of the request.
        points, status_points: what it changed.
        key: where the next page begins after it.
        about, about_id: what a question about it is kept with: the activity where there is one, else the entry.
        reverses: the entry it takes back.
    """

    state: str
    title: str
    place: str | None
    why: str
    at: datetime
    points: int
    status_points: int
    key: int
    about: str
    about_id: int
    reverses: int | None = None


def activities(session: Session, rows: Iterable[Row]) -> list[Told]:
    """Activities, whatever became of them."""
    names = facts.shows()
    return [_activity(row, names) for row in rows]


def lines(session: Session, found: list[Line], *, fan_id: int) -> list[Told]:
    """Changes of the balance, each with what caused it."""
    names = facts.shows()
    acts = {row.id: row for row in activities_of(session, _causes(found, "activity"))}
    rewards = names_of_redemptions(session, _causes(found, "redemption", "cancellation"), fan_id=fan_id)
    aside = holds.these(session, _causes(found, *told_holds.CAUSES))
    people = told_transfers.people(session, found, fan_id=fan_id)

    def say(line: Line) -> Told:
        if line.cause_id in aside:
            hold = aside[line.cause_id]
            return _plain(line, told_holds.title(hold, line.cause), told_holds.why(hold, line.cause))
        if line.cause == TRANSFER:
            return _plain(line, told_transfers.title(line), told_transfers.why(line, people))
        return _line(line, acts, rewards, names)

    return [say(line) for line in found]


def _causes(found: list[Line], *causes: str) -> list[int]:
    return [line.cause_id for line in found if line.cause in causes]


def _activity(row: Row, shows: Mapping[str, str]) -> Told:
    state = {"awarded": "gain", "refused": "refused", "withdrawn": "withdrawn"}.get(row.outcome, "measured")
    counts = row.outcome == "awarded"
    return Told(
        state=state,
        title=wording.kind(row.kind, spoken()),
        place=_place(row, shows),
        why=_why(row),
        at=row.happened_at,
        points=row.points if counts else 0,
        status_points=row.status_points if counts else 0,
        key=row.id,
        about=disputes.ACTIVITY,
        about_id=row.id,
    )


def _line(line: Line, acts: Mapping[int, Row], rewards: Mapping[int, dict[str, str]], shows: Mapping[str, str]) -> Told:
    language, act = spoken(), acts.get(line.cause_id) if line.cause == "activity" else None
    reward = rewards.get(line.cause_id) if line.cause in ("redemption", "cancellation") else None
    return Told(
        state=_state(line),
        title=wording.kind(act.kind, language)
        if act
        else reward[language]
        if reward
        else wording.cause(line.cause, language),
        place=_place(act, shows) if act else wording.cause(line.cause, language) if reward else None,
        why=wording.AGAIN.say(language) if line.again else _why(act) if act else _why_of(line),
        at=line.effective_at,
        points=line.points,
        status_points=line.status_points,
        key=line.id,
        about=disputes.ACTIVITY if act else disputes.ENTRY,
        about_id=act.id if act else line.id,
        reverses=line.reverses,
    )


def _state(line: Line) -> str:
    if line.points > 0 or line.status_points > 0:
        return "gain"
    return "loss" if line.points or line.status_points else "withdrawn"


def _why_of(line: Line) -> str:
    said = wording.why(line.cause, spoken())
    return f"{said} {wording.FORGIVEN.say(spoken(), points=line.forgiven)}" if line.forgiven else said


def _plain(line: Line, title: str, why: str) -> Told:
    said = wording.cause(line.cause, spoken())
    return Told(
        state=_state(line),
        title=title,
        place=None if title == said else said,
        why=why,
        at=line.effective_at,
        points=line.points,
        status_points=line.status_points,
        key=line.id,
        about=disputes.ENTRY,
        about_id=line.id,
        reverses=line.reverses,
    )


def _place(row: Row, shows: Mapping[str, str]) -> str | None:
    where = [wording.network(row.network, spoken()), shows.get(row.show or "")]
    return " · ".join(part for part in where if part) or None


def _why(row: Row) -> str:
    said = sentences.of_outcome(row.reason, row.verdicts, points=row.points, status_points=row.status_points)
    return said[spoken()]
