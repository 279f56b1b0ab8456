"""The leak alarm: answers that no broadcast can explain freeze an animation, and a person looks at what follows.

The early alarm is asked by each answer before air, which are few; the whole curve only every few seconds by a job, so
that a rush costs no answer more than itself.
"""

from sqlmodel import Session

from loyalty import clock
from loyalty.animation import Curve
from loyalty.animations import find, keep
from loyalty.animations.kinds import kind_named
from loyalty.animations.tables import Animation
from loyalty.db import Database
from loyalty.staff import audit

ACTOR = "job:watch"
_MOST_EARLY = 1_001  # no kind asks for more


def watch_animations(db: Database) -> int:
    """Look at every animation that listens now. Returns how many were frozen."""
    now = clock.now()
    listening = db.read(lambda session: find.listening(session, now, now))
    unsuspected = [each for each in listening if each.frozen_at is None and now < find.ended_at(each)]
    return sum(_watch(db, animation) for animation in unsuspected)


def freeze_if_strange(session: Session, animation: Animation) -> bool:
    """Freeze an animation that too many answered rightly before it began."""
    if animation.frozen_at is not None:
        return False
    return _freeze(session, animation, Curve(early=find.early_answers(session, animation, most=_MOST_EARLY)))


def _watch(db: Database, animation: Animation) -> bool:
    curve = db.read(lambda session: find.curve(session, animation))
    if kind_named(animation.kind).alarm(find.opened(animation), curve) is None:
        return False
    return db.write(lambda session: _freeze(session, animation, curve))


def _freeze(session: Session, animation: Animation, curve: Curve) -> bool:
    because = kind_named(animation.kind).alarm(find.opened(animation), curve)
    assert animation.id is not None
    if because is None or not keep.freeze(session, animation.id, because, now=clock.now()):
        return False
    words, holes = because
    audit.record(
        session,
        actor=ACTOR,
        action="animation.frozen",
        subject=f"animation:{animation.slug}",
        after={"because": words.both(holes)},
    )
    return True
