"""What fans ask about a line of their history, and what a person answered: one question a line."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from loyalty import clock, ids
from loyalty.errors import NotFound, Refused
from loyalty.fans.tables import Dispute
from loyalty.i18n import Words

ACTIVITY, ENTRY = "activity", "entry"
MOST_OPEN = 5  # of one fan: somebody has to read them

_dispute = Dispute.__table__  # type: ignore[attr-defined]


class AlreadyContested(Refused):
    """There is a question about this line."""

    code = "already_contested"
    status = 409
    words = Words(fr="Vous avez déjà posé une question sur cette ligne.", en="You have asked about this line already.")


class TooManyOpen(Refused):
    """Several questions of this fan wait for their answers."""

    code = "too_many_disputes"
    status = 409
    words = Words(
        fr="Vous avez déjà {open:n} questions en attente : nous y répondons d’abord.",
        en="{open:n} of your questions wait already: we answer those first.",
    )


class AlreadyAnsweredDispute(Refused):
    """Somebody answered meanwhile."""

    code = "dispute_already_answered"
    status = 409
    words = Words(fr="Cette question a déjà sa réponse.", en="This question has its answer already.")


def ask(session: Session, *, fan_id: int, about: str, about_id: int, text: str) -> Dispute:
    """Keep a question.

    Raises:
        AlreadyContested
        TooManyOpen
    """
    waiting = how_many_open(session, fan_id=fan_id)
    if waiting >= MOST_OPEN:
        raise TooManyOpen(open=waiting)
    asked = Dispute(id=ids.new(), fan_id=fan_id, about=about, about_id=about_id, text=text, asked_at=clock.now())
    session.add(asked)
    try:
        session.flush()
    except IntegrityError:
        raise AlreadyContested from None
    return asked


def answer(session: Session, dispute_id: int, *, text: str, by: str) -> Dispute:
    """Keep the answer to a question.

    Raises:
        NotFound
        AlreadyAnsweredDispute
    """
    asked = get(session, dispute_id)
    kept: Any = session.execute(
        sa.update(_dispute)
        .where(_dispute.c.id == dispute_id, _dispute.c.answered_at.is_(None))
        .values(answer=text, answered_at=clock.now(), answered_by=by)
    )
    if not kept.rowcount:
        raise AlreadyAnsweredDispute
    session.refresh(asked)
    return asked


def get(session: Session, dispute_id: int) -> Dispute:
    """One question.

    Raises:
        NotFound
    """
    found = session.get(Dispute, dispute_id)
    if found is None:
        raise NotFound(what="question")
    return found


def about(session: Session, *, fan_id: int, about: str, about_id: int) -> Dispute | None:
    """What this fan asked about a line."""
    chosen = select(Dispute).where(Dispute.fan_id == fan_id, Dispute.about == about, Dispute.about_id == about_id)
    return session.exec(chosen).one_or_none()


def open_ones(session: Session, *, limit: int, above_id: int = 0) -> list[Dispute]:
    """The questions that wait, whoever asked first comes first; after the question `above_id`."""
    chosen = select(Dispute).where(col(Dispute.answered_at).is_(None), Dispute.id > above_id)
    return list(session.exec(chosen.order_by(col(Dispute.id)).limit(limit)))


def answered_ones(session: Session, *, limit: int, below_id: int | None = None) -> list[Dispute]:
    """The questions that have their answer, the latest first; before the question `below_id`."""
    chosen = select(Dispute).where(col(Dispute.answered_at).is_not(None)).order_by(col(Dispute.id).desc())
    if below_id is not None:
        chosen = chosen.where(Dispute.id < below_id)
    return list(session.exec(chosen.limit(limit)))


def how_many_open(session: Session, *, fan_id: int | None = None) -> int:
    """How many questions wait, of everybody or of one fan."""
    chosen = sa.select(sa.func.count()).select_from(_dispute).where(_dispute.c.answered_at.is_(None))
    if fan_id is not None:
        chosen = chosen.where(_dispute.c.fan_id == fan_id)
    return int(session.execute(chosen).scalar_one())


def of_fan(session: Session, fan_id: int) -> list[Dispute]:
    """Every question of a fan, the earliest first."""
    return list(session.exec(select(Dispute).where(Dispute.fan_id == fan_id).order_by(col(Dispute.id))))


def forget_fan(session: Session, fan_id: int) -> None:
    """Delete the questions of a fan: they are in the fan's own words."""
    session.execute(sa.delete(_dispute).where(_dispute.c.fan_id == fan_id))
