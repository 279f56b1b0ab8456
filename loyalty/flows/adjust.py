"""Staff give or take points with a reason; a large amount waits for a second person."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from loyalty import clock
from loyalty.db import TryAgain, Writer
from loyalty.errors import Refused
from loyalty.fans.register import get_fan, present_fan
from loyalty.i18n import Words
from loyalty.ledger import post
from loyalty.ledger.journal import POINTS_UNIT, STATUS_UNIT
from loyalty.programme.find import approval_thresholds, the_programme
from loyalty.programme.years import end_of_year
from loyalty.staff import approvals, audit
from loyalty.staff.tables import Approval
from loyalty.tiers.review import review

CAUSE = "adjustment"
ACTION = "points.adjusted"
UNITS = (POINTS_UNIT, STATUS_UNIT)
MOST = 1_000_000  # points at once: more is a slip of the keyboard


class NotThatMany(Refused):
    """More would be taken than the fan has to spend."""

    code = "not_that_many_points"
    status = 409
    words = Words(
        fr="Ce fan a {balance:points} à dépenser : on ne peut pas en retirer {amount:n}. Rien n’a changé.",
        en="This fan has {balance:points} to take from: {amount:n} cannot be taken. Nothing was changed.",
    )


class FormUsed(Refused):
    """The form was sent before, with another content."""

    code = "form_used"
    status = 409
    words = Words(
        fr="Ce formulaire a déjà servi, avec un autre montant : rouvrez la page avant de recommencer.",
        en="This form was used before, with another amount: open the page again first.",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjusted:
    """What became of an adjustment.

    Attributes:
        balance: the points to spend after it; as they are while it waits.
        waits: until a second person agrees.
        is_new: False when the same form did it before.
    """

    balance: int
    waits: bool = False
    is_new: bool = True


def adjust_points(
    db: Writer, *, fan_id: int, amount: int, reason: str, actor: str, key: int, unit: str = POINTS_UNIT
) -> Adjusted:
    """Give points, or take them: soonest expiry first, never more than there is.

    Args:
        amount: positive to give, negative to take; not 0.
        key: made anew for each form: sent again, it changes nothing and gets the same answer.
        unit: "points", or "status".

    Raises:
        NotFound: there is no such fan.
        NotThatMany
        FormUsed: the key came with another amount.
    """
    assert amount and unit in UNITS, "checked where it came in"

    def steps(session: Session) -> Adjusted:
        state = _locked(session, fan_id)
        before = post.posted(session, fan_id, cause=CAUSE, cause_id=key)
        asked = None if before else _asked(session, fan_id, key)
        if before or asked:
            if (before or {asked.payload["unit"]: asked.payload["amount"]}) != {unit: amount}:  # type: ignore[union-attr]
                raise FormUsed
            return Adjusted(balance=state.balance, waits=not before, is_new=False)
        if abs(amount) > approval_thresholds(session).points:
            _refuse_too_many(session, state, amount, unit)
            payload = {"fan_id": str(fan_id), "amount": amount, "unit": unit, "key": str(key)}
            approval = approvals.ask(
                session, action=ACTION, subject=f"fan:{fan_id}", payload=payload, reason=reason, actor=actor
            )
            audit.record(
                session,
                actor=actor,
                action="adjustment.asked",
                subject=f"fan:{fan_id}",
                after={"amount": amount, "unit": unit, "approval": str(approval.id)},
                reason=reason,
            )
            return Adjusted(balance=state.balance, waits=True)
        return _post(session, state, amount=amount, unit=unit, key=key, reason=reason, actor=actor)

    return db.write(steps)


def adjust_approved(session: Session, approval: Approval, *, actor: str) -> None:
    """Do what a second person agreed to, in the transaction of the decision; the fan may have been merged meanwhile.

    Raises:
        NotFound: the fan was erased.
        NotThatMany: the points were spent meanwhile.
    """
    said = approval.payload
    fan = present_fan(session, int(said["fan_id"]))
    state = _locked(session, fan.id)
    if post.posted(session, fan.id, cause=CAUSE, cause_id=int(said["key"])) is None:
        _post(
            session,
            state,
            amount=said["amount"],
            unit=said["unit"],
            key=int(said["key"]),
            reason=approval.reason,
            actor=actor,
            asked_by=approval.asked_by,
        )


def _locked(session: Session, fan_id: int) -> post.HolderState:
    get_fan(session, fan_id)
    states = post.lock(session, [fan_id])
    post.refuse_moved(states)
    if fan_id not in states:
        raise TryAgain
    return states[fan_id]


def _asked(session: Session, fan_id: int, key: int) -> Approval | None:
    """The question this form already put before a second person."""
    of_fan = approvals.about(session, action=ACTION, subject=f"fan:{fan_id}")
    return next((each for each in of_fan if each.payload.get("key") == str(key)), None)


def _refuse_too_many(session: Session, state: post.HolderState, amount: int, unit: str) -> None:
    """Nobody is asked to agree to what cannot be."""
    has = state.status if unit == STATUS_UNIT else post.spendable(session, state, at=clock.now())
    if has + amount < 0:
        raise NotThatMany(balance=has, amount=-amount)


def _post(
    session: Session,
    state: post.HolderState,
    *,
    amount: int,
    unit: str,
    key: int,
    reason: str,
    actor: str,
    asked_by: str | None = None,
) -> Adjusted:
    now, programme = clock.now(), the_programme(session)
    before = {"points": state.balance, "status": state.status, "debt": state.debt}
    cause: dict[str, Any] = {"cause": CAUSE, "cause_id": key, "effective_at": now, "unit": unit}
    if amount > 0:
        expires_at, slides_until = programme.expiry.end_of(now, programme.zone), None
        if unit == STATUS_UNIT:
            expires_at = end_of_year(now, programme.tier_year_starts, programme.zone)
        elif programme.expiry.slides:
            slides_until = expires_at
        given = post.Award(holder_id=state.id, amount=amount, expires_at=expires_at, slides_until=slides_until, **cause)
        post.award(session, {state.id: state}, [given])
    else:
        try:
            post.take(session, state, amount=-amount, **cause)
        except post.NotEnoughPoints as short:
            raise NotThatMany(balance=short.holes["balance"], amount=-amount) from None
    if unit == STATUS_UNIT:
        review(session, [state.id], programme=programme, now=now)
    after = {"points": state.balance, "status": state.status, "debt": state.debt, "amount": amount, "unit": unit}
    after["form"] = str(key)
    if asked_by is not None:
        after["asked_by"] = asked_by
    audit.record(
        session, actor=actor, action=ACTION, subject=f"fan:{state.id}", before=before, after=after, reason=reason
    )
    return Adjusted(balance=state.balance)
