"""Staff change when points expire: for what is earned from now on, and if they ask so for what fans have already.

Points that exist keep the date they were given, unless it is asked otherwise. Then the new policy is applied bucket by
bucket, through the journal, each holder once: the job may be killed, and may run twice at once.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlmodel import Session

from loyalty import clock
from loyalty.db import Database, Writer
from loyalty.errors import NotFound
from loyalty.flows.preview_expiry import planned, preview_expiry
from loyalty.ids import BUCKETS
from loyalty.ledger import earned, post
from loyalty.programme import changes
from loyalty.programme.expiry import Policy, document, known
from loyalty.programme.find import approval_thresholds, the_programme
from loyalty.programme.refusals import ExpiryAskedFor, ExpiryBeingApplied
from loyalty.programme.tables import ExpiryChange, Programme
from loyalty.staff import approvals, audit
from loyalty.staff.tables import Approval

ACTION = "expiry.changed"
CAUSE = "expiry_policy"
SUBJECT = "programme:expiry"
ACTOR = "job:apply-expiry"
HOLDERS_AT_ONCE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """What became of a change.

    Attributes:
        waits: until a second person agrees; nothing is changed before.
        applies: whether existing points are being given new dates.
    """

    waits: bool = False
    applies: bool = False


def change_expiry(db: Writer, policy: Policy, *, applies: bool, actor: str, reason: str) -> Changed:
    """Change when points expire.

    Args:
        applies: to existing points too; where more of them would expire sooner than one person may take, a second
            person has to agree.

    Raises:
        NotFound: the programme is not set up.
        ExpiryBeingApplied
        ExpiryAskedFor
    """
    sooner = preview_expiry(db, policy).points_sooner if applies else 0

    def steps(session: Session) -> Changed:
        programme = _programme(session)
        _refuse_crossing(session)
        if sooner > approval_thresholds(session).points:
            said = {"policy": document(policy), "points_sooner": sooner}
            asked = approvals.ask(session, action=ACTION, subject=SUBJECT, payload=said, reason=reason, actor=actor)
            after = {**said, "approval": str(asked.id)}
            audit.record(session, actor=actor, action="expiry.asked", subject=SUBJECT, after=after, reason=reason)
            return Changed(waits=True, applies=True)
        _change(session, programme, policy, applies=applies, actor=actor, reason=reason)
        return Changed(applies=applies)

    return db.write(steps)


def change_approved(session: Session, approval: Approval, *, actor: str) -> None:
    """Do what a second person agreed to, in the transaction of the decision.

    Raises:
        ExpiryBeingApplied
    """
    programme = _programme(session)
    if changes.under_way(session):
        raise ExpiryBeingApplied
    policy = known(approval.payload["policy"])
    asked_by = approval.asked_by
    _change(session, programme, policy, applies=True, actor=actor, reason=approval.reason, asked_by=asked_by)


def apply_expiry(db: Database) -> int:
    """Give existing points the dates of the policy that was asked to be applied, if one was. Returns how many lots."""
    if db.read(changes.under_way) is None:
        return 0
    total = 0
    while (done := db.write(_apply_piece)) is not None:
        total += done
    return total


def _apply_piece(session: Session) -> int | None:
    """The next holders of one bucket; how far it got is kept in the same transaction. None: there is nothing to do."""
    change = changes.under_way(session, lock=True)
    if change is None:
        return None
    if change.reached_bucket == BUCKETS:
        _finish(session, change)
        return None
    now, zone, policy = clock.now(), the_programme(session).zone, known(change.policy)
    post.lock_buckets(session, [change.reached_bucket])
    found = list(
        earned.of_bucket(
            session, change.reached_bucket, above_holder=change.reached_holder, holders=HOLDERS_AT_ONCE, now=now
        )
    )
    if not found:
        following = earned.next_bucket(session, after=change.reached_bucket, now=now)
        change.reached_bucket, change.reached_holder = BUCKETS if following is None else following, 0
        session.flush()
        return 0
    states = post.lock(session, {each.lot.holder_id for each in found})
    redated = list(planned(found, policy, now=now, zone=zone))
    post.redate(session, states, redated, cause=CAUSE, cause_id=change.id)
    moved = [each for each in redated if each.expires_at != each.lot.expires_at]
    change.reached_holder = found[-1].lot.holder_id
    change.lots += len(moved)
    change.points += sum(each.lot.left for each in moved)
    change.points_sooner += sum(each.lot.left for each in moved if each.expires_at < each.lot.expires_at)
    session.flush()
    return len(moved)


def _finish(session: Session, change: ExpiryChange) -> None:
    change.is_open, change.finished_at = False, clock.now()
    session.flush()
    after = {
        "policy": change.policy,
        "lots": change.lots,
        "points": change.points,
        "points_sooner": change.points_sooner,
        "asked_by": change.asked_by,
    }
    audit.record(session, actor=ACTOR, action="expiry.applied", subject=SUBJECT, after=after, reason=change.reason)


def _programme(session: Session) -> Programme:
    programme = session.get(Programme, 1)
    if programme is None:
        raise NotFound(what="programme")
    session.refresh(programme, with_for_update=True)
    return programme


def _refuse_crossing(session: Session) -> None:
    if changes.under_way(session):
        raise ExpiryBeingApplied
    if any(each.decided_at is None for each in approvals.about(session, action=ACTION, subject=SUBJECT)):
        raise ExpiryAskedFor


def _change(
    session: Session,
    programme: Programme,
    policy: Policy,
    *,
    applies: bool,
    actor: str,
    reason: str,
    asked_by: str | None = None,
) -> None:
    before, programme.expiry = programme.expiry, document(policy)
    session.flush()
    if before == programme.expiry and not applies:
        return
    after = {"policy": programme.expiry, "existing_points": applies}
    if asked_by is not None:
        after["asked_by"] = asked_by
    if applies:
        changes.begin(session, policy=programme.expiry, reason=reason, asked_by=asked_by or actor)
    audit.record(
        session, actor=actor, action=ACTION, subject=SUBJECT, before={"policy": before}, after=after, reason=reason
    )
