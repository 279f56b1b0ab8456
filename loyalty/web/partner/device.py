"""This device: what it is called, where it stands, and how it stops being one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import make_response, render_template
from marshmallow import Schema
from sqlmodel import Session

from loyalty.flows import manage_partners
from loyalty.partners.tables import Partner, Place
from loyalty.web import device_session, forms
from loyalty.web.device_guard import device_in_hand, enrolled
from loyalty.web.guards import caller, guard
from loyalty.web.partner.blueprint import page, pages
from loyalty.web.services import current_services


class LeaveSchema(Schema):
    """A button says it all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Whereabouts:
    """Where the device stands."""

    partner: str
    place: str


@pages.get("/device")
@guard(enrolled)
def device() -> str:
    """What is known of this device."""
    in_hand = device_in_hand()

    def steps(session: Session) -> Whereabouts:
        partner, place = session.get_one(Partner, in_hand.partner_id), session.get_one(Place, in_hand.place_id)
        return Whereabouts(partner=partner.name, place=place.name)

    return page("partner/device.html", where=current_services().db.read(steps))


@pages.post("/device/leave")
@guard(enrolled)
def leave() -> Any:
    """Stop being a device, at once."""
    forms.read(LeaveSchema())
    manage_partners.revoke_device(
        current_services().db,
        device_id=device_in_hand().id,
        actor=caller().actor,
        reason="The device ended its own enrolment.",
    )
    return device_session.end(make_response(render_template("partner/left.html")))
