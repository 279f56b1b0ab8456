"""A person asks the station for their data, or to be forgotten: staff do it for them."""

from __future__ import annotations

import json
from typing import Any

from flask import Response, current_app, flash, redirect, render_template, url_for
from flask_babel import gettext
from marshmallow import Schema
from sqlmodel import Session

from loyalty import clock
from loyalty.errors import Invalid
from loyalty.fans.register import get_fan
from loyalty.fields import Text
from loyalty.flows.erase import erase_fan
from loyalty.flows.export_on_request import export_on_request
from loyalty.web import field_errors, forms
from loyalty.web.admin.blueprint import pages
from loyalty.web.admin.fans.page import who
from loyalty.web.guards import caller, guard
from loyalty.web.language import spoken
from loyalty.web.services import current_services
from loyalty.web.staff_guard import staff


class ReasonSchema(Schema):
    """Why."""

    reason = Text(minimum=3, maximum=300, required=True)


class EraseSchema(ReasonSchema):
    """Why, and the word that says one means it."""

    word = Text(maximum=40, load_default="")


@pages.get("/fans/<id:fan_id>/leave")
@guard(staff("fans:write"))
def fans_leave(fan_id: int) -> str:
    """Both ways, and what they take."""
    return _page(fan_id)


@pages.post("/fans/<id:fan_id>/export")
@guard(staff("fans:write", fresh=True))
def fans_export(fan_id: int) -> Any:
    """Everything that is kept about the fan, as a file to send to them (GDPR, articles 15 and 20)."""
    try:
        said = forms.read(ReasonSchema())
    except Invalid as refused:
        return _page(fan_id, errors={"export": field_errors.in_words(refused.errors, spoken())}), refused.status
    kept = export_on_request(current_services().db, fan_id=fan_id, actor=caller().actor, reason=said["reason"].strip())
    body = json.dumps(kept, ensure_ascii=False, indent=2, default=str)
    response: Response = current_app.response_class(body, mimetype="application/json")
    response.headers["Content-Disposition"] = f'attachment; filename="fan-{fan_id}-{clock.now():%Y-%m-%d}.json"'
    return response


@pages.post("/fans/<id:fan_id>/erase")
@guard(staff("fans:write", fresh=True))
def fans_erase(fan_id: int) -> Any:
    """Erase the fan, if the word was typed (GDPR, article 17)."""
    try:
        said = forms.read(EraseSchema())
    except Invalid as refused:
        errors = {"erase": field_errors.in_words(refused.errors, spoken())}
        return _page(fan_id, form=forms.given(), errors=errors), refused.status
    if said["word"].strip().casefold() != _word().casefold():
        errors = {"erase": {"word": gettext("This is not the word.")}}
        return _page(fan_id, form=forms.given(), errors=errors), 422
    erase_fan(current_services().db, fan_id=fan_id, actor=caller().actor, reason=said["reason"].strip())
    flash(gettext("Nothing here names this person any more."))
    return redirect(url_for("admin.fans_one", fan_id=fan_id), 303)


def _word() -> str:
    return str(gettext("ERASE"))


def _page(fan_id: int, **known: Any) -> str:
    def steps(session: Session) -> dict[str, Any]:
        get_fan(session, fan_id)
        return who(session, fan_id)

    return render_template("admin/fans/leave.html", word=_word(), **{**current_services().db.read(steps), **known})
