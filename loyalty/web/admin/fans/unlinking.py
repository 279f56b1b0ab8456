"""Staff take a network account off a fan: it was linked to the wrong person, or the fan asked for it."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, url_for
from flask_babel import gettext
from marshmallow import Schema

from loyalty.errors import Invalid
from loyalty.fields import Text
from loyalty.flows.unlink import unlink
from loyalty.web import field_errors, forms
from loyalty.web.admin.blueprint import pages
from loyalty.web.admin.fans.page import page
from loyalty.web.guards import caller, guard
from loyalty.web.language import spoken
from loyalty.web.services import current_services
from loyalty.web.staff_guard import staff


class UnlinkSchema(Schema):
    """Why."""

    reason = Text(minimum=3, maximum=300, required=True)


@pages.post("/fans/<id:fan_id>/networks/<word:network>/<account:external_id>/unlink")
@guard(staff("fans:write", fresh=True))
def fans_unlink(fan_id: int, network: str, external_id: str) -> Any:
    """Do it; the past stays with the fan."""
    try:
        said = forms.read(UnlinkSchema())
    except Invalid as refused:
        errors = {"unlink": field_errors.in_words(refused.errors, spoken())}
        return page(fan_id, errors=errors), refused.status
    unlink(
        current_services().db,
        fan_id=fan_id,
        network=network,
        external_id=external_id,
        actor=caller().actor,
        reason=said["reason"].strip(),
    )
    flash(gettext("The account is unlinked: what it earned stays with the fan."))
    return redirect(url_for("admin.fans_one", fan_id=fan_id), 303)
