"""Partners, their places, and the phones that become devices."""

from typing import Any

from flask import Response
from marshmallow import fields
from sqlmodel import Session

from loyalty.db import Joined
from loyalty.fields import Moment
from loyalty.flows import enrol, manage_partners
from loyalty.intake.rate import TooManyAttempts
from loyalty.partners import find
from loyalty.partners.refusals import (
    DeviceNotFound,
    EnrolmentRefused,
    PartnerExists,
    PartnerNotFound,
    PlaceNotFound,
)
from loyalty.partners.schema import EnrolSchema, PartnerSchema, PlaceSchema
from loyalty.partners.tables import Partner
from loyalty.web.api.idempotency import answer_once
from loyalty.web.api.openapi import Routes
from loyalty.web.api.rewards import ReasonQuery
from loyalty.web.api.schemas import Answer, Id, PageQuery, page, page_of
from loyalty.web.guards import caller, guard, network_address, public, scope
from loyalty.web.services import current_services

routes = Routes("partners", "Who hands rewards out, where, and with which phones.")


class KnownPlaceSchema(Answer):
    """Where a partner hands out."""

    id = Id()
    name = fields.String()
    created_at = Moment()


class KnownDeviceSchema(Answer):
    """An enrolled phone."""

    id = Id()
    name = fields.String()
    place = Id(attribute="place_id")
    created_at = Moment()
    last_seen_at = Moment(allow_none=True)
    revoked_at = Moment(allow_none=True)


class KnownPartnerSchema(Answer):
    """A partner."""

    slug = fields.String()
    name = fields.String()
    created_at = Moment()
    archived_at = Moment(allow_none=True)


class PartnerInFullSchema(KnownPartnerSchema):
    """A partner with its places and devices."""

    places = fields.List(fields.Nested(KnownPlaceSchema))
    devices = fields.List(fields.Nested(KnownDeviceSchema))


class EnrolmentSchema(PlaceSchema):
    """At which place a phone is to become a device."""

    class Meta:
        exclude = ("name",)

    place = Id(required=True, description="The place's id.")


class OpenedSchema(Answer):
    """A one-time code with which one phone becomes a device."""

    code = fields.String(metadata={"description": "Shown this once, good for 15 minutes."})
    expires_at = Moment()


class EnrolledSchema(Answer):
    """A new device."""

    id = Id(attribute="device.id")
    name = fields.String(attribute="device.name")
    credential = fields.String(metadata={"description": "Shown this once. Send it as `Authorization: Bearer`."})


@routes.route("/partners")
@guard(scope("partners:read"))
@routes.arguments(PageQuery, location="query")
@routes.response(200, page_of(KnownPartnerSchema))
def list_partners(query: dict[str, Any]) -> Any:
    """See every partner, in the order they came"""
    wanted, cursor = query["limit"], query["cursor"] or 0
    rows = current_services().db.read(lambda session: find.partners(session, after_id=cursor, limit=wanted + 1))
    return page(rows, wanted, lambda partner: partner.id)


@routes.route("/partners", methods=["POST"])
@guard(scope("partners:write"))
@routes.arguments(PartnerSchema, example={"slug": "cafe-lumiere", "name": "Café Lumière"})
@routes.response(201, KnownPartnerSchema)
@routes.refuses(PartnerExists)
def create_partner(said: dict[str, Any]) -> Any:
    """Make a partner

    Its slug makes the request safe to repeat: the second time answers 409.
    """
    return manage_partners.create_partner(current_services().db, **said, actor=caller().actor)


@routes.route("/partners/<slug:slug>")
@guard(scope("partners:read"))
@routes.response(200, PartnerInFullSchema)
@routes.refuses(PartnerNotFound)
def show_partner(slug: str) -> Any:
    """See a partner, its places and its devices"""

    def steps(session: Session) -> dict[str, Any]:
        partner = find.partner(session, slug)
        places = find.places(session, _id(partner))
        return {**partner.model_dump(), "places": places, "devices": find.devices(session, _id(partner))}

    return current_services().db.read(steps)


@routes.route("/partners/<slug:slug>/places", methods=["POST"])
@guard(scope("partners:write"))
@routes.arguments(PlaceSchema, example={"name": "Comptoir de la rue Mercière"})
@routes.response(201, KnownPlaceSchema)
@routes.refuses(PartnerNotFound)
@routes.idempotent
def add_place(said: dict[str, Any], slug: str) -> Response:
    """Make a place of a partner"""
    actor = caller().actor

    def run(db: Joined) -> Any:
        return manage_partners.add_place(db, partner_slug=slug, name=said["name"], actor=actor)

    return answer_once(KnownPlaceSchema(), run)


@routes.route("/partners/<slug:slug>/enrolments", methods=["POST"])
@guard(scope("partners:write"))
@routes.arguments(EnrolmentSchema, example={"place": "1"})
@routes.response(201, OpenedSchema)
@routes.refuses(PartnerNotFound, PlaceNotFound)
def open_enrolment(said: dict[str, Any], slug: str) -> Any:
    """Get a code to enrol a phone

    Asked again it makes another code; one that nobody uses is worth nothing after 15 minutes.
    """
    return manage_partners.open_enrolment(
        current_services().db, partner_slug=slug, place_id=said["place"], actor=caller().actor
    )


@routes.route("/devices/enrol", methods=["POST"])
@guard(public)
@routes.arguments(EnrolSchema, example={"code": "7K3M-9QX2-D8RW-0T6C", "name": "Téléphone du comptoir"})
@routes.response(201, EnrolledSchema)
@routes.refuses(EnrolmentRefused, TooManyAttempts)
def enrol_device(said: dict[str, Any]) -> Any:
    """Become a device

    With a one-time code; the credential in the answer is seen this once.
    """
    return enrol.enrol(current_services().db, **said, network_address=network_address())


@routes.route("/devices/<id:device_id>", methods=["DELETE"])
@guard(scope("partners:write"))
@routes.arguments(ReasonQuery, location="query")
@routes.response(204)
@routes.refuses(DeviceNotFound)
def revoke_device(query: dict[str, Any], device_id: int) -> None:
    """Shut a device out

    At once, for good. Again changes nothing.
    """
    manage_partners.revoke_device(
        current_services().db, device_id=device_id, actor=caller().actor, reason=query["reason"]
    )


def _id(partner: Partner) -> int:
    assert partner.id is not None
    return partner.id
