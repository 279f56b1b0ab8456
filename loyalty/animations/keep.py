"""Animations are opened, closed, voided and frozen; each of these happens once."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from loyalty.animation import Sentence
from loyalty.animations.refusals import AnimationExists
from loyalty.animations.tables import Animation

_animation = Animation.__table__  # type: ignore[attr-defined]


def add(session: Session, animation: Animation) -> Animation:
    """Keep a new animation.

    Raises:
        AnimationExists
    """
    session.add(animation)
    try:
        session.flush()
    except IntegrityError:
        raise AnimationExists(slug=animation.slug) from None
    return animation


def described(animation: Animation) -> dict[str, Any]:
    """What the audit trail says of it: everything but the solution."""
    return animation.model_dump(
        mode="json", include={"kind", "name_fr", "name_en", "show", "starts_at", "ends_at", "settings"}
    )


def close(session: Session, animation_id: int, *, now: datetime) -> bool:
    """Take no more answers; False when it was closed already."""
    return _once(session, animation_id, _animation.c.closed_at, {"closed_at": now})


def void(session: Session, animation_id: int, *, by: str, because: str, now: datetime) -> bool:
    """Declare that it never should have been; False when that was declared already."""
    values = {"voided_at": now, "voided_by": by, "voided_because": because}
    return _once(session, animation_id, _animation.c.voided_at, values)


def note_taken_back(session: Session, animation_id: int, *, to: int, at: datetime | None = None) -> None:
    """Note how far a voided one is taken back; `at`: it is, wholly."""
    noted = sa.update(_animation).where(_animation.c.id == animation_id)
    session.execute(noted.values(taken_back_to=to, taken_back_at=at))


def freeze(session: Session, animation_id: int, because: Sentence, *, now: datetime) -> bool:
    """Have a person look at every answer from here on; False when it is so already."""
    words, holes = because
    values = {"frozen_at": now, "frozen_because": words.both(holes)}
    return _once(session, animation_id, _animation.c.frozen_at, values)


def _once(session: Session, animation_id: int, mark: sa.Column[Any], values: Mapping[str, Any]) -> bool:
    changed: Any = session.execute(
        sa.update(_animation).where(_animation.c.id == animation_id, mark.is_(None)).values(values)
    )
    return bool(changed.rowcount)
