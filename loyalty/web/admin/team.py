"""Who works here: accounts, roles, invitations."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, url_for
from marshmallow import Schema, fields, validate
from sqlmodel import Session
from werkzeug import Response

from loyalty.errors import Invalid, Refused
from loyalty.fields import Text
from loyalty.flows import manage_staff
from loyalty.staff import accounts
from loyalty.staff.roles import MAY, MEANINGS, NAMES
from loyalty.web import field_errors, forms
from loyalty.web.admin.blueprint import pages
from loyalty.web.guards import caller, guard
from loyalty.web.language import spoken
from loyalty.web.services import current_services
from loyalty.web.staff_guard import staff


class InviteSchema(Schema):
    """Whom to invite."""

    email = forms.email()
    name = Text(minimum=1, maximum=80, required=True)
    role = fields.String(required=True, validate=validate.OneOf(list(MAY)))


class RoleSchema(Schema):
    """Another role."""

    role = fields.String(required=True, validate=validate.OneOf(list(MAY)))


class ReasonSchema(Schema):
    """Why."""

    reason = Text(minimum=1, maximum=300, required=True)


@pages.get("/team")
@guard(staff("staff:read"))
def team() -> str:
    """Every account and every open invitation."""
    return _page()


@pages.post("/team/invite")
@guard(staff("staff:write", fresh=True))
def team_invite() -> Any:
    """Invite somebody; the link is shown this once."""
    services = current_services()
    try:
        said = forms.read(InviteSchema())
    except Invalid as refused:
        return _page(form=forms.given(), errors=field_errors.in_words(refused.errors, spoken())), refused.status
    link = manage_staff.invite_staff(services.db, **said, public_url=services.settings.public_url, actor=caller().actor)
    return _page(link=link, invited=said["name"])


@pages.post("/team/<id:account_id>/role")
@guard(staff("staff:write", fresh=True))
def team_role(account_id: int) -> Any:
    """Give somebody another role."""
    said = forms.read(RoleSchema())
    try:
        manage_staff.change_role(current_services().db, account_id=account_id, role=said["role"], actor=caller().actor)
    except accounts.LastAdministrator as refused:
        return _refused(refused)
    return _back()


@pages.post("/team/<id:account_id>/disable")
@guard(staff("staff:write", fresh=True))
def team_disable(account_id: int) -> Any:
    """Shut somebody out."""
    try:
        said = forms.read(ReasonSchema())
        manage_staff.disable_staff(
            current_services().db, account_id=account_id, reason=said["reason"], actor=caller().actor
        )
    except (Invalid, accounts.LastAdministrator) as refused:
        return _refused(refused)
    return _back()


@pages.post("/team/<id:account_id>/sign-out")
@guard(staff("staff:write"))
def team_sign_out(account_id: int) -> Response:
    """End every session of somebody."""
    manage_staff.end_sessions(current_services().db, account_id=account_id, actor=caller().actor)
    return _back()


def _back() -> Response:
    flash("saved")
    return redirect(url_for("admin.team"), 303)


def _refused(refused: Refused) -> tuple[str, int]:
    return _page(refused=refused.say(spoken())), refused.status


def _page(**known: Any) -> str:
    def steps(session: Session) -> dict[str, Any]:
        return {"accounts": accounts.every(session), "invitations": accounts.open_invitations(session)}

    language = spoken()
    roles = [(role, NAMES[role].say(language), MEANINGS[role].say(language)) for role in MAY]
    return render_template("admin/team.html", **current_services().db.read(steps), roles=roles, **known)
