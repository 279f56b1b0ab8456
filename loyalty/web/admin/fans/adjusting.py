"""Staff give or take points."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, url_for
from flask_babel import gettext
from marshmallow import Schema, fields, validate

from loyalty.errors import Refused
from loyalty.fields import BIGGEST, Text
from loyalty.flows.adjust import MOST, UNITS, adjust_points
from loyalty.web import forms
from loyalty.web.admin.blueprint import pages
from loyalty.web.admin.fans.page import page
from loyalty.web.guards import caller, guard
from loyalty.web.services import current_services
from loyalty.web.staff_guard import staff

GIVE, TAKE = "give", "take"


class AdjustSchema(Schema):
    """How much, which way, and why."""

    direction = fields.String(required=True, validate=validate.OneOf((GIVE, TAKE)))
    amount = forms.Number(minimum=1, maximum=MOST, required=True)
    unit = fields.String(required=True, validate=validate.OneOf(UNITS))
    reason = Text(minimum=3, maximum=300, required=True)
    nonce = forms.Number(minimum=1, maximum=BIGGEST, required=True)


@pages.post("/fans/<id:fan_id>/adjust")
@guard(staff("fans:write", fresh=True))
def fans_adjust(fan_id: int) -> Any:
    """Do it, or have it wait for a second person; the form sent twice does it once."""
    try:
        said = forms.read(AdjustSchema())
        adjusted = adjust_points(
            current_services().db,
            fan_id=fan_id,
            amount=said["amount"] if said["direction"] == GIVE else -said["amount"],
            unit=said["unit"],
            reason=said["reason"].strip(),
            key=said["nonce"],
            actor=caller().actor,
        )
    except Refused as refused:
        return page(fan_id, **forms.refilled(refused)), refused.status
    flash(gettext("It waits for a second person to agree.") if adjusted.waits else gettext("It is done."))
    return redirect(url_for("admin.fans_one", fan_id=fan_id), 303)
