"""What waits for a second person, and what was decided last."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import flash, redirect, render_template, url_for
from marshmallow import Schema
from sqlmodel import Session
from werkzeug import Response

from loyalty.errors import Invalid, Refused
from loyalty.fields import Text
from loyalty.flows import adjust, approve, change_expiry, propose_movement
from loyalty.i18n import Words
from loyalty.programme.expiry import known, sentence
from loyalty.staff import approvals as asked
from loyalty.staff.tables import Approval
from loyalty.web import field_errors, forms
from loyalty.web.admin import wording
from loyalty.web.admin.blueprint import pages
from loyalty.web.guards import caller, guard
from loyalty.web.language import spoken
from loyalty.web.services import current_services
from loyalty.web.staff_guard import staff

LATEST = 20
_RECEIVE = Words(
    fr="Recevoir {quantity:n} {quantity:unité|unités} de {donor}",
    en="Receive {quantity:n} {quantity:unit|units} from {donor}",
)
_MOVES = {
    "withdrawn": Words(
        fr="Retirer {quantity:n} {quantity:unité|unités}", en="Withdraw {quantity:n} {quantity:unit|units}"
    ),
    "lost": Words(
        fr="Passer {quantity:n} {quantity:unité|unités} en perte", en="Write {quantity:n} {quantity:unit|units} off"
    ),
    "returned": Words(
        fr="Remettre {quantity:n} {quantity:unité|unités} en stock",
        en="Take {quantity:n} {quantity:unit|units} back into stock",
    ),
}
_EXPIRY = Words(
    fr="« {rule} », aussi pour ce qui existe déjà : {points:points} {points:expirerait|expireraient} plus tôt",
    en="“{rule}”, for what exists too: {points:points} would expire sooner",
)
_GIVE = Words(fr="Donner {size:points}", en="Give {size:points}")
_TAKE = Words(fr="Retirer {size:points}", en="Take {size:points}")
_STATUS = Words(fr="{said} de statut", en="{said} of status")


class ApproveSchema(Schema):
    """Agreeing needs no words, but may have some."""

    because = Text(maximum=500, load_default="")


class RefuseSchema(Schema):
    """Who asked wants to know why not."""

    because = Text(minimum=1, maximum=500, required=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One request in words; `is_own` where the reader asked for it."""

    approval: Approval
    what: str
    subject: str
    address: str | None
    asked_by: str
    decided_by: str
    is_own: bool


@pages.get("/approvals")
@guard(staff("approvals:read"))
def approvals() -> str:
    """What waits, the oldest first, and what was decided last."""
    return _page()


@pages.post("/approvals/<id:approval_id>/approve")
@guard(staff("approvals:write", fresh=True))
def approvals_approve(approval_id: int) -> Any:
    """Agree, and do it."""
    try:
        said = forms.read(ApproveSchema())
        because = said["because"].strip() or None
        approve.approve(current_services().db, approval_id=approval_id, actor=caller().actor, because=because)
    except Refused as refused:
        return _refused(approval_id, refused)
    return _back()


@pages.post("/approvals/<id:approval_id>/refuse")
@guard(staff("approvals:write"))
def approvals_refuse(approval_id: int) -> Any:
    """Turn it down."""
    try:
        said = forms.read(RefuseSchema())
        approve.refuse(current_services().db, approval_id=approval_id, actor=caller().actor, because=said["because"])
    except Refused as refused:
        return _refused(approval_id, refused)
    return _back()


def what(approval: Approval) -> str:
    """What is asked for, in words; an action we have none for is told as it is."""
    payload, language = approval.payload, spoken()
    if approval.action == propose_movement.ACTION:
        words = _MOVES.get(payload["kind"], _RECEIVE)
        return words.say(language, quantity=payload["quantity"], donor=payload.get("donor", ""))
    if approval.action == adjust.ACTION:
        amount = payload["amount"]
        said = (_GIVE if amount > 0 else _TAKE).say(language, size=abs(amount))
        return said if payload["unit"] == "points" else _STATUS.say(language, said=said)
    if approval.action == change_expiry.ACTION:
        rule = sentence(known(payload["policy"]), language)
        return _EXPIRY.say(language, rule=rule, points=payload["points_sooner"])
    return wording.action(approval.action)


def _back() -> Response:
    flash("saved")
    return redirect(url_for("admin.approvals"), 303)


def _refused(approval_id: int, refused: Refused) -> tuple[str, int]:
    """The page again: what is wrong beside its form, or above them all where the form is not there any more."""
    if isinstance(refused, Invalid):
        errors = field_errors.in_words(refused.errors, spoken())
        return _page(wrong_id=approval_id, errors=errors, form=forms.given()), refused.status
    return _page(refused=refused.say(spoken())), refused.status


def _page(**known: Any) -> str:
    def steps(session: Session) -> tuple[list[Approval], list[Approval]]:
        return asked.waiting(session), asked.decided(session, limit=LATEST)

    waiting, decided = current_services().db.read(steps)
    return render_template(
        "admin/approvals.html",
        waiting=[_told(each) for each in waiting],
        decided=[_told(each) for each in decided],
        **known,
    )


def _told(approval: Approval) -> Told:
    return Told(
        approval=approval,
        what=what(approval),
        subject=wording.subject(approval.subject),
        address=wording.subject_address(approval.subject),
        asked_by=wording.actor(approval.asked_by),
        decided_by=wording.actor(approval.decided_by or ""),
        is_own=approval.asked_by == str(caller().actor),
    )
