"""An animation never should have been: it closes, what waited is refused, what it earned is taken back."""

from __future__ import annotations

from sqlmodel import Session

from loyalty import clock
from loyalty.activities.fact import WithdrawnFact
from loyalty.activities.find import act_keys_of
from loyalty.animations import find, keep
from loyalty.animations.tables import RECORDED, Animation
from loyalty.db import Database
from loyalty.flows.animate import close_animation, id_of
from loyalty.flows.reverse import withdraw
from loyalty.flows.review import refuse
from loyalty.staff import audit

_AT_ONCE = 500  # withdrawals of one transaction


def void_animation(db: Database, slug: str, *, actor: str, reason: str) -> Animation:
    """Void an animation, for good.

    Taking back is many small transactions. Called again it goes on where it was cut off, and catches an answer that
    was under way while the first call ran.

    Raises:
        AnimationNotFound
    """
    animation = close_animation(db, slug, actor=actor, reason=reason)
    if animation.voided_at is None:
        while refuse(db, slug, actor=actor, reason=reason).left:
            pass

    def declare(session: Session) -> Animation:
        animation = find.animation(session, slug)
        if keep.void(session, id_of(animation), now=clock.now()):
            audit.record(session, actor=actor, action="animation.voided", subject=f"animation:{slug}", reason=reason)
            session.refresh(animation)
        return animation

    animation = db.write(declare)
    after_id: int | None = 0
    while after_id is not None:
        after_id = _take_back(db, animation, after_id, source=actor)
    return animation


def _take_back(db: Database, animation: Animation, after_id: int, *, source: str) -> int | None:
    """Withdraw some of the recorded answers; the last one's number, None when none is left."""

    def look(session: Session) -> tuple[list[find.Part], list[str]]:
        found = list(find.answers(session, id_of(animation), limit=_AT_ONCE, after_id=after_id, state=RECORDED))
        # By the number of each act: a fan merged since then answered under another name.
        return found, act_keys_of(session, [row.activity_id for row in found])

    recorded, act_keys = db.read(look)
    if not recorded:
        return None
    withdraw(db, [WithdrawnFact(act_key=each, happened_at=animation.voided_at) for each in act_keys], source=source)
    return int(recorded[-1].id)
