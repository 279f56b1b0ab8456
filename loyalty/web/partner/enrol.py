"""How a phone becomes a device: a one-time link or code, the name it is to have, and a button."""

from __future__ import annotations

from typing import Any

from flask import make_response, redirect, render_template, request, url_for
from marshmallow import Schema

from loyalty.errors import Invalid, Refused
from loyalty.fields import Text
from loyalty.flows import enrol as flow
from loyalty.flows import manage_partners
from loyalty.intake.rate import TooManyAttempts
from loyalty.partners.refusals import EnrolmentRefused
from loyalty.partners.schema import EnrolSchema
from loyalty.staff.audit import Actor
from loyalty.web import device_session, forms
from loyalty.web.guards import guard, network_address
from loyalty.web.language import spoken
from loyalty.web.partner.blueprint import pages
from loyalty.web.services import current_services


class CodeSchema(Schema):
    """A code typed by hand."""

    code = Text(minimum=1, maximum=40, required=True)


@pages.get("/enrol")
@guard("public")
def type_code() -> str:
    """The form for the code."""
    return render_template("partner/enrol_code.html", already=device_session.find())


@pages.post("/enrol")
@guard("public")
def read_code() -> Any:
    """From the code to the form for the name."""
    try:
        code = forms.read(CodeSchema())["code"]
    except Invalid as refused:
        return render_template("partner/enrol_code.html", errors=refused.errors, form=forms.given()), refused.status
    return _invitation(code)


@pages.get("/enrol/<code>")
@guard("public")
def invitation(code: str) -> Any:
    """What the link opens: where this phone is about to be enrolled, and a form; nothing is used up."""
    return _invitation(code)


@pages.post("/enrol/device")
@guard("public")
def become_device() -> Any:
    """Use the code up; this browser is a device from now on."""
    db, former = current_services().db, device_session.find()
    try:
        enrolled = flow.enrol(db, **forms.read(EnrolSchema()), network_address=network_address())
    except Invalid as refused:
        return _invitation(request.form.get("code", ""), errors=refused.errors, status=refused.status)
    except (EnrolmentRefused, TooManyAttempts) as refused:
        return _refused(refused)
    if former is not None:  # its credential is gone with this answer: nobody may use it any more
        reason = "The phone was enrolled anew."
        manage_partners.revoke_device(
            db, device_id=former.id, actor=Actor(f"device:{former.id}", request.remote_addr), reason=reason
        )
    return device_session.begin(make_response(redirect(url_for("partner.scan"), 303)), enrolled.credential)


def _invitation(code: str, *, errors: Any = None, status: int = 200) -> Any:
    try:
        found = flow.look(current_services().db, code=code, network_address=network_address())
    except (EnrolmentRefused, TooManyAttempts) as refused:
        return _refused(refused)
    known = {"invited": found, "code": code, "already": device_session.find(), "errors": errors or {}}
    return render_template("partner/enrol.html", form=forms.given(), **known), status


def _refused(refused: Refused) -> Any:
    return render_template("partner/enrol_refused.html", refused=refused.say(spoken())), refused.status
