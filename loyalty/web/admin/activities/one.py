"""One activity: what every rule said to it, what it moved, what brought it, and how it is withdrawn."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from flask import flash, redirect, render_template, url_for
from flask_babel import gettext
from marshmallow import Schema
from sqlmodel import Session

from loyalty.activities import browse
from loyalty.errors import Invalid, Refused
from loyalty.fans.find import by_ids
from loyalty.fields import Text
from loyalty.figures.span import within
from loyalty.flows.withdraw_activity import AlreadyWithdrawn, withdraw_activity
from loyalty.intake.sources import find_sources, name_of
from loyalty.intake.tables import Delivery
from loyalty.ledger.of_cause import legs_of
from loyalty.programme.find import shows
from loyalty.rules.find import kept_rules
from loyalty.web import field_errors, forms
from loyalty.web.admin import wording
from loyalty.web.admin.activities.listing import LOOKS, outcome_names, told
from loyalty.web.admin.blueprint import pages
from loyalty.web.admin.links import link
from loyalty.web.api import sentences
from loyalty.web.guards import caller, guard
from loyalty.web.language import spoken
from loyalty.web.looks import points as in_points
from loyalty.web.services import current_services
from loyalty.web.staff_guard import staff

_WORKED_WITHIN = timedelta(hours=6)  # after it came, a delivery is looked for no longer
_MOST_DELIVERIES = 2_000
_delivery = Delivery.__table__  # type: ignore[attr-defined]


class ReasonSchema(Schema):
    """Why."""

    reason = Text(minimum=1, maximum=500, required=True)


@pages.get("/activities/<id:activity_id>")
@guard(staff("fans:read"))
def activities_one(activity_id: int) -> Any:
    """One activity."""
    return _page(activity_id)


@pages.post("/activities/<id:activity_id>/withdraw")
@guard(staff("fans:write"))
def activities_withdraw(activity_id: int) -> Any:
    """Take back what it earned."""
    try:
        said = forms.read(ReasonSchema())
        points = withdraw_activity(current_services().db, activity_id, actor=caller().actor, reason=said["reason"])
    except (Invalid, AlreadyWithdrawn) as refused:
        return _page(activity_id, refused)
    flash(gettext("Withdrawn. Taken back: %(points)s.", points=in_points(points)))
    return redirect(url_for("admin.activities_one", activity_id=activity_id), 303)


def _page(activity_id: int, refused: Refused | None = None) -> Any:
    def steps(session: Session) -> dict[str, Any]:
        row = browse.activity(session, activity_id)
        delivery_id = _delivery_of(session, row)
        return {
            "told": told(row),
            "show": shows(session).get(row.show or "", row.show),
            "verdicts": [(each, sentences.of_verdict(each)[spoken()]) for each in row.verdicts],
            "legs": legs_of(session, cause="activity", cause_id=row.id),
            "delivery_id": delivery_id,
            "delivery": delivery_id and link("admin.deliveries_one", "deliveries:read", delivery_id=delivery_id),
            "fan_name": row.fan_id and by_ids(session, [row.fan_id])[row.fan_id].display_name,
            "rule_names": {each.slug: each.latest.body["name"][spoken()] for each in kept_rules(session)},
            "told_by": wording.actor(row.source),
            "fan_page": row.fan_id and link("admin.fans_one", "fans:read", fan_id=row.fan_id),
        }

    errors = field_errors.in_words(refused.errors, spoken()) if isinstance(refused, Invalid) else {}
    shown = render_template(
        "admin/activities/one.html",
        **current_services().db.read(steps),
        names=outcome_names(),
        looks=LOOKS,
        accounts=_accounts(),
        errors=errors,
        given=forms.given() if refused else {},
        refused=None if errors or refused is None else refused.say(spoken()),
    )
    return (shown, refused.status) if refused else shown


def _accounts() -> dict[str, str]:
    """What each account of the ledger is to people."""
    return {
        "issued": gettext("the station"),
        "pending": gettext("what waits"),
        "wallet": gettext("the fan’s balance"),
        "spent": gettext("what was spent"),
        "expired": gettext("what expired"),
        "debt": gettext("what the fan owes"),
        "moved": gettext("the fan’s other account"),
        "status": gettext("the fan’s status"),
    }


def _delivery_of(session: Session, row: browse.Row) -> int | None:
    """The delivery that carried an activity: its source says whose, its outcomes name the activity."""
    source = next((each for each in find_sources(session) if name_of(each) == row.source), None)
    if source is None:
        return None
    first, last = row.recorded_at - _WORKED_WITHIN, row.recorded_at + timedelta(seconds=1)
    came = within(session, _delivery.c.id, _delivery.c.received_at, first, last)
    chosen = sa.select(_delivery.c.id, _delivery.c.outcomes).where(came, _delivery.c.source_id == source.id)
    rows = session.execute(chosen.order_by(_delivery.c.id.desc()).limit(_MOST_DELIVERIES))
    return next((each.id for each in rows if str(row.id) in str(each.outcomes)), None)
