"""Points are set aside for something, then spent in one or several parts, or given back: by who asked, or by time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from loyalty import clock, ids
from loyalty.db import Writer
from loyalty.errors import Invalid
from loyalty.fans.register import get_fan, present_fan
from loyalty.flows.piecemeal import bucket_by_bucket
from loyalty.ledger import holds, post
from loyalty.ledger.tables import Hold
from loyalty.programme.find import the_programme
from loyalty.staff import audit

USUAL = timedelta(days=7)
LONGEST = timedelta(days=90)
HOLDS_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A hold as it is now, and the points that can be spent beside it."""

    hold: Hold
    balance: int


def authorise(
    db: Writer, *, fan_id: int, amount: int, purpose: str, expires_at: datetime | None = None, actor: str
) -> Held:
    """Set points aside.

    Args:
        purpose: what for, in words the fan reads.
        expires_at: when what is left comes back by itself; None: after `USUAL`.

    Raises:
        NotFound: there is no such fan.
        NotEnoughPoints
        Invalid: `expires_at` is not ahead, or further than `LONGEST`.
    """

    def steps(session: Session) -> Held:
        now = clock.now()
        until = now + USUAL if expires_at is None else expires_at
        if not now < until <= now + LONGEST:
            raise Invalid({"expires_at": [f"Must be ahead, by {LONGEST.days} days at most."]})
        get_fan(session, fan_id)
        states = post.lock(session, [fan_id])
        post.refuse_moved(states)
        if fan_id not in states:
            raise post.NotEnoughPoints(balance=0, cost=amount, missing=amount)
        state = states[fan_id]
        hold = post.set_aside(
            session,
            state,
            hold_id=ids.new(),
            amount=amount,
            purpose=purpose,
            effective_at=now,
            expires_at=until,
        )
        _note(session, "hold.opened", hold, amount, actor)
        return _held(session, state, hold, now)

    return db.write(steps)


def capture(
    db: Writer, *, fan_id: int, hold_id: int, amount: int | None = None, final: bool = False, actor: str
) -> Held:
    """Spend some of what is set aside, or all of it.

    Args:
        amount: None: all that is left.
        final: whether nothing more will come, so that the rest goes back.

    Raises:
        NotFound
        HoldClosed
        MoreThanHeld
    """

    def steps(session: Session) -> Held:
        now = clock.now()
        state, hold = _locked(session, fan_id, hold_id)
        post.refuse_closed(hold, zone=the_programme(session).zone, at=now)
        points = holds.left(hold) if amount is None else amount
        post.capture(session, state, hold, amount=points, cause_id=ids.new(), effective_at=now)
        if final and holds.left(hold):
            post.release(session, state, hold, effective_at=now)
        _note(session, "hold.captured", hold, points, actor)
        return _held(session, state, hold, now)

    return db.write(steps)


def release(db: Writer, *, fan_id: int, hold_id: int, actor: str) -> Held:
    """Give back what is left of it.

    Raises:
        NotFound
        HoldClosed
    """

    def steps(session: Session) -> Held:
        now = clock.now()
        state, hold = _locked(session, fan_id, hold_id)
        post.refuse_closed(hold, zone=the_programme(session).zone)
        points = post.release(session, state, hold, effective_at=now)
        _note(session, "hold.released", hold, points, actor)
        return _held(session, state, hold, now)

    return db.write(steps)


def release_holds(db: Writer) -> int:
    """Give back what is left of every hold whose time is over: bucket by bucket, safe to kill and safe to run twice.

    Points whose lot expired meanwhile go back to it, and expire with the next sweep. Returns how many holds ended.
    """
    return bucket_by_bucket(
        db,
        lambda session: holds.due_buckets(session, clock.now()),
        lambda session, bucket: post.release_due(session, bucket, at=clock.now(), limit=HOLDS_AT_ONCE),
        at_once=HOLDS_AT_ONCE,
    )


def hold_now(session: Session, *, fan_id: int, hold_id: int) -> Hold:
    """One hold of a fan; by the number of a fan who was merged since, too.

    Raises:
        NotFound
    """
    return holds.hold_of(session, {fan_id, present_fan(session, fan_id).id}, hold_id)


def _locked(session: Session, fan_id: int, hold_id: int) -> tuple[post.HolderState, Hold]:
    """Lock whose it is, then read it: who captures and who releases do not cross."""
    holder_id = present_fan(session, fan_id).id
    states = post.lock(session, [holder_id])
    post.refuse_moved(states)
    hold = hold_now(session, fan_id=fan_id, hold_id=hold_id)
    return states[holder_id], hold


def _held(session: Session, state: post.HolderState, hold: Hold, now: datetime) -> Held:
    return Held(hold=hold, balance=post.spendable(session, state, at=now))


def _note(session: Session, action: str, hold: Hold, points: int, actor: str) -> None:
    after = {"fan": str(hold.holder_id), "points": points, "state": holds.state(hold)}
    audit.record(session, actor=actor, action=action, subject=f"hold:{hold.id}", after=after)
