"""The station hosts something: an animation is opened, shown to fans while it is on, and closed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session

from loyalty import clock
from loyalty.activities.fact import OWN_NETWORK, ActivityFact
from loyalty.animation import Sentence
from loyalty.animations import find, keep
from loyalty.animations.kinds import kind_named
from loyalty.animations.tables import Animation
from loyalty.db import Writer
from loyalty.programme.find import the_programme
from loyalty.staff import audit


@dataclass(frozen=True, slots=True)
class OnNow:
    """An animation that takes answers now, for a fan.

    Attributes:
        how: what to do.
        part: what this fan did in it so far, if anything: see `AnimationPart`.
    """

    animation: Animation
    how: Sentence
    part: find.Part | None


def open_animation(db: Writer, said: Mapping[str, Any], *, actor: str) -> Animation:
    """Open an animation; it takes answers from its start, for its minutes.

    Args:
        said: as `animations.schema.OpenSchema` loads it.

    Raises:
        Invalid: there is no such kind, or its settings or its solution do not fit.
        AnimationExists: another one has its slug.
        NotFound: the programme is not set up.
    """
    kind = kind_named(said["kind"])
    settings = kind.load_settings(said["settings"])
    solution = kind.load_solution(kind.new_solution() if said["solution"] is None else said["solution"])

    def steps(session: Session) -> Animation:
        local = said["starts_at"].astimezone(the_programme(session).zone)
        made_slug = f"{(said['show'] or kind.name.replace('_', '-'))[:45]}-{local:%Y-%m-%d-%H%M}"
        animation = keep.add(
            session,
            Animation(
                slug=said["slug"] or made_slug,
                kind=kind.name,
                name_fr=said["name_fr"] or kind.title.fr,
                name_en=said["name_en"] or kind.title.en,
                show=said["show"],
                starts_at=said["starts_at"],
                ends_at=said["starts_at"] + timedelta(minutes=said["minutes"]),
                settings=settings,
                solution=solution,
                created_at=clock.now(),
            ),
        )
        _audit(session, "opened", animation, actor=actor, after=keep.described(animation))
        return animation

    return db.write(steps)


def close_animation(db: Writer, slug: str, *, actor: str, reason: str) -> Animation:
    """Take no more answers from now on; again changes nothing. Those in review stay to be decided.

    Raises:
        AnimationNotFound
    """

    def steps(session: Session) -> Animation:
        animation = find.animation(session, slug)
        if keep.close(session, id_of(animation), now=clock.now()):
            _audit(session, "closed", animation, actor=actor, reason=reason)
        session.refresh(animation)
        return animation

    return db.write(steps)


def open_animations(
    db: Writer, now: datetime, *, fan_id: int | None = None, known: Iterable[Animation] | None = None
) -> list[OnNow]:
    """What a fan can take part in now, the next to end first. One that has not begun is not told of.

    Args:
        known: all that are on or will be, where they have been read.
    """

    def steps(session: Session) -> list[OnNow]:
        rows = [row for row in (find.to_come(session, now) if known is None else known) if find.is_open(row, now)]
        parts = {} if fan_id is None else find.parts_in(session, fan_id, [id_of(row) for row in rows])
        return [OnNow(row, kind_named(row.kind).how(find.opened(row)), parts.get(id_of(row))) for row in rows]

    return db.read(steps)


def activity(
    animation: Animation,
    kind: str,
    *,
    fan_id: int,
    quantity: int = 1,
    happened_at: datetime | None = None,
) -> ActivityFact:
    """The act of having answered: it has no number, so that it is one for each fan and animation, for ever.

    Args:
        kind: of activity.
    """
    return ActivityFact(
        network=OWN_NETWORK,
        actor=str(fan_id),
        kind=kind,
        object=animation.slug,
        show=animation.show,
        quantity=quantity,
        happened_at=happened_at,
    )


def id_of(animation: Animation) -> int:
    """Its number, which it has once it is kept."""
    assert animation.id is not None, "an animation that was read has a number"
    return animation.id


def _audit(session: Session, done: str, animation: Animation, **said: Any) -> None:
    audit.record(session, action=f"animation.{done}", subject=f"animation:{animation.slug}", **said)
