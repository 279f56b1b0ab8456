"""An animation never should have been: it closes, what waited is refused, what it earned is taken back.

That is declared at once and done bit by bit: as much as a request has time for, then by the worker, a few seconds a
step. It may be killed anywhere: to withdraw an act twice changes nothing, and how far it came is kept.
"""

from __future__ import annotations

import time
from datetime import timedelta

from sqlmodel import Session

from loyalty import clock
from loyalty.activities.fact import WithdrawnFact
from loyalty.activities.find import standing_act_keys
from loyalty.animations import find, keep
from loyalty.animations.tables import RECORDED, Animation
from loyalty.db import Database
from loyalty.flows.animate import close_animation, id_of
from loyalty.flows.reverse import withdraw
from loyalty.flows.review import refuse
from loyalty.staff import audit

SECONDS = 2.0  # of one step, about
_UNDER_WAY = timedelta(minutes=1)  # an answer that began before it was voided is recorded by then
_AT_ONCE = 500  # withdrawals of one transaction


def void_animation(db: Database, slug: str, *, actor: str, reason: str, seconds: float = SECONDS) -> Animation:
    """Void an animation, for good, and begin to take back; `take_back_voided` goes on. Again changes nothing.

    Raises:
        AnimationNotFound
    """
    close_animation(db, slug, actor=actor, reason=reason)

    def declare(session: Session) -> Animation:
        animation = find.animation(session, slug)
        if keep.void(session, id_of(animation), by=str(actor), because=reason, now=clock.now()):
            audit.record(session, actor=actor, action="animation.voided", subject=f"animation:{slug}", reason=reason)
            session.refresh(animation)
        return animation

    animation = db.write(declare)
    _take_back(db, animation, until=time.monotonic() + seconds)
    return animation


def take_back_voided(db: Database, *, seconds: float = SECONDS) -> int:
    """Do one step for each animation that was voided and is not taken back. Returns how many acts were withdrawn."""
    until = time.monotonic() + seconds
    return sum(_take_back(db, animation, until=until) for animation in db.read(find.to_take_back))


def _take_back(db: Database, animation: Animation, *, until: float) -> int:
    by, because = animation.voided_by or "", animation.voided_because or ""
    assert animation.voided_at is not None, "declared first"
    while refuse(db, animation.slug, actor=by, reason=because).left:
        if time.monotonic() > until:
            return 0
    began, after_id, done = animation.taken_back_to, animation.taken_back_to, 0
    while True:
        last, act_keys = db.read(lambda session: _look(session, animation, after_id))  # noqa: B023
        if last is None:
            break
        after_id = last
        if act_keys:
            withdraw(db, [WithdrawnFact(act_key=each, happened_at=animation.voided_at) for each in act_keys], source=by)
            done += len(act_keys)
            db.write(lambda session: keep.note_taken_back(session, id_of(animation), to=after_id))  # noqa: B023
            if time.monotonic() > until:
                return done
    # Done where a whole pass found nothing, once nothing can be under way; else it is looked through again.
    is_done = not done and not began and clock.now() >= animation.voided_at + _UNDER_WAY
    if is_done or began or done:
        at = clock.now() if is_done else None
        db.write(lambda session: keep.note_taken_back(session, id_of(animation), to=0, at=at))
    return done


def _look(session: Session, animation: Animation, after_id: int) -> tuple[int | None, list[str]]:
    """Some of the recorded answers: the last one's number, None when none is left, and the acts that still stand."""
    found = list(find.answers(session, id_of(animation), limit=_AT_ONCE, after_id=after_id, state=RECORDED))
    # By the number of each act: a fan merged since then answered under another name.
    act_keys = standing_act_keys(session, [row.activity_id for row in found]) if found else []
    return (int(found[-1].id) if found else None), act_keys
