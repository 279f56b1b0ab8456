"""An animation as the pages of the staff tell of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext
from sqlmodel import Session

from loyalty.animations import find, results
from loyalty.animations.kinds import known_kinds
from loyalty.animations.tables import IN_REVIEW, RECORDED, REFUSED, TRYING, Animation
from loyalty.flows.animate import id_of
from loyalty.web.language import spoken

ON, COMING, OVER, VOIDED = "on", "coming", "over", "voided"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One animation.

    Attributes:
        state: `ON`, `COMING`, `OVER` or `VOIDED`.
        frozen: why answers wait for a person; None where they do not.
        trying, recorded, waiting, refused: fans by how far they came.
        earned: what it gave, less what was withdrawn since.
    """

    animation: Animation
    name: str
    kind: str
    show: str | None
    state: str
    ended_at: datetime
    frozen: str | None
    trying: int
    recorded: int
    waiting: int
    refused: int
    earned: results.Earned

    @property
    def answers(self) -> int:
        """Those that count, whatever becomes of them."""
        return self.recorded + self.waiting + self.refused

    @property
    def taking_back(self) -> bool:
        """Whether it was voided and the worker is not done with it."""
        animation = self.animation
        if animation.voided_at is None or animation.taken_back_at is not None:
            return False
        return bool(self.earned.fans or self.waiting)

    @property
    def tried(self) -> int:
        """Fans who tried at all."""
        return self.answers + self.trying


def told(session: Session, row: Animation, *, shows: dict[str, str], now: datetime) -> Told:
    """One animation, counted."""
    counts = find.counts(session, id_of(row))
    kind = known_kinds().get(row.kind)
    return Told(
        animation=row,
        name=row.name_fr if spoken() == "fr" else row.name_en,
        kind=row.kind if kind is None else kind.title.say(spoken()),
        show=None if row.show is None else shows.get(row.show, row.show),
        state=state_of(row, now),
        ended_at=find.ended_at(row),
        frozen=None if row.frozen_because is None else row.frozen_because[spoken()],
        trying=counts.get(TRYING, 0),
        recorded=counts.get(RECORDED, 0),
        waiting=counts.get(IN_REVIEW, 0),
        refused=counts.get(REFUSED, 0),
        earned=results.earned(session, id_of(row)),
    )


def state_of(row: Animation, now: datetime) -> str:
    """Whether it is on, is coming, is over, or never should have been."""
    if row.voided_at is not None:
        return VOIDED
    if now >= find.ended_at(row):
        return OVER
    return ON if now >= row.starts_at else COMING


def seconds_after_air(part: find.Part, row: Animation) -> str:
    """How long after the start an answer came: "2:05"; before it, in words."""
    seconds = int((part.happened_at - row.starts_at).total_seconds())
    if seconds < 0:
        return str(gettext("before air"))
    return f"{seconds // 60}:{seconds % 60:02}"
