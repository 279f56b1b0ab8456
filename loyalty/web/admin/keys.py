"""Keys of programs: made, shown once, revoked."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import flash, redirect, render_template, url_for
from marshmallow import Schema, fields, validate
from werkzeug import Response

from loyalty import clock
from loyalty.errors import Invalid
from loyalty.fields import Text
from loyalty.flows.manage_keys import list_keys, make_key, revoke_key
from loyalty.staff.scopes import SCOPES, meaning
from loyalty.staff.tables import ApiKey
from loyalty.web import field_errors, forms
from loyalty.web.admin.blueprint import pages
from loyalty.web.guards import caller, guard
from loyalty.web.language import spoken
from loyalty.web.services import current_services
from loyalty.web.staff_guard import staff

LIVES = ("30", "90", "365", "never")  # days
_BOX = "scope-"


class KeySchema(Schema):
    """Who uses it, for how long; the boxes of the scopes are added below."""

    name = Text(minimum=1, maximum=80, required=True)
    life = fields.String(required=True, validate=validate.OneOf(LIVES))


class RevokeSchema(Schema):
    """Why."""

    reason = Text(minimum=3, maximum=300, required=True)


_form = type("KeyForm", (KeySchema,), {f"{_BOX}{scope}": forms.Box() for scope in SCOPES})()


@pages.get("/keys")
@guard(staff("keys:read"))
def keys() -> str:
    """Every key; none shows its secret."""
    return _page()


@pages.post("/keys")
@guard(staff("keys:write", fresh=True))
def keys_make() -> Any:
    """Make one; its secret is on this answer and nowhere else."""
    try:
        said = forms.read(_form)
        made = make_key(
            current_services().db,
            name=said["name"].strip(),
            scopes_wanted=[scope for scope in SCOPES if said[f"{_BOX}{scope}"]],
            expires_at=None if said["life"] == "never" else clock.now() + timedelta(days=int(said["life"])),
            actor=caller().actor,
        )
    except Invalid as refused:
        return _page(form=forms.given(), errors=field_errors.in_words(refused.errors, spoken())), refused.status
    return _page(made=made, made_name=said["name"])


@pages.post("/keys/<word:prefix>/revoke")
@guard(staff("keys:write", fresh=True))
def keys_revoke(prefix: str) -> Any:
    """Shut a program out, at once and for good."""
    try:
        said = forms.read(RevokeSchema())
    except Invalid as refused:
        told = field_errors.in_words(refused.errors, spoken())
        return _page(refused=" ".join(told.values())), refused.status
    revoke_key(current_services().db, prefix=prefix, reason=said["reason"].strip(), actor=caller().actor)
    flash("saved")
    return _back()


def _back() -> Response:
    return redirect(url_for("admin.keys"), 303)


def _page(**known: Any) -> str:
    language, now = spoken(), clock.now()

    def state(key: ApiKey) -> str:
        if key.revoked_at is not None:
            return "revoked"
        return "expired" if key.expires_at is not None and key.expires_at <= now else "good"

    return render_template(
        "admin/keys.html",
        keys=[(each, state(each)) for each in list_keys(current_services().db)],
        scopes=[(scope, f"{_BOX}{scope}", meaning(scope).say(language)) for scope in SCOPES],
        lives=LIVES,
        **known,
    )
