"""One partner: its places and devices, what they read these last days, and what staff change about them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask import flash, redirect, render_template, url_for
from markupsafe import Markup
from marshmallow import Schema
from sqlmodel import Session

from loyalty import clock
from loyalty.errors import Invalid
from loyalty.fields import Text
from loyalty.flows import manage_partners
from loyalty.partners import enrolment, find
from loyalty.partners.refusals import DeviceNotFound
from loyalty.partners.schema import PlaceSchema
from loyalty.rewards import find as rewards
from loyalty.vouchers import census, counter, qr
from loyalty.web import field_errors, forms
from loyalty.web.admin.blueprint import pages
from loyalty.web.guards import caller, guard
from loyalty.web.language import spoken
from loyalty.web.services import current_services
from loyalty.web.staff_guard import staff

DAYS = 7  # of scans that are counted


class NameSchema(PlaceSchema):
    """Another name."""


class ReasonSchema(Schema):
    """Why."""

    reason = Text(minimum=1, maximum=500, required=True)


class ArchiveSchema(ReasonSchema):
    """Why, and the slug once more, so that it is this one."""

    slug = Text(maximum=60, load_default="")


@pages.get("/partners/<slug:slug>")
@guard(staff("partners:read"))
def partners_one(slug: str) -> str:
    """One partner."""
    return _page(slug)


@pages.post("/partners/<slug:slug>/name")
@guard(staff("partners:write"))
def partners_rename(slug: str) -> Any:
    """Call it something else."""
    return _act(
        slug,
        "name",
        NameSchema(),
        lambda said: manage_partners.rename_partner(
            current_services().db, slug=slug, name=said["name"], actor=caller().actor
        ),
    )


@pages.post("/partners/<slug:slug>/places")
@guard(staff("partners:write"))
def partners_add_place(slug: str) -> Any:
    """A place more."""
    return _act(
        slug,
        "place",
        PlaceSchema(),
        lambda said: manage_partners.add_place(
            current_services().db, partner_slug=slug, name=said["name"], actor=caller().actor
        ),
    )


@pages.post("/partners/<slug:slug>/places/<int:place_id>/name")
@guard(staff("partners:write"))
def partners_rename_place(slug: str, place_id: int) -> Any:
    """Call a place something else."""
    return _act(
        slug,
        f"place-{place_id}",
        NameSchema(),
        lambda said: manage_partners.rename_place(
            current_services().db, partner_slug=slug, place_id=place_id, name=said["name"], actor=caller().actor
        ),
    )


@pages.post("/partners/<slug:slug>/places/<int:place_id>/enrolment")
@guard(staff("partners:write"))
def partners_enrolment(slug: str, place_id: int) -> str:
    """A one-time link for one phone, shown this once."""
    services = current_services()
    opened = manage_partners.open_enrolment(services.db, partner_slug=slug, place_id=place_id, actor=caller().actor)
    address = enrolment.link(services.settings.public_url, opened.code)
    picture = Markup(qr.svg(address, title="QR"))  # noqa: S704 - ours, and its title is no one's input
    known = services.db.read(lambda session: _known(session, slug))
    (place,) = [each for each in known["places"] if each.id == place_id]
    return render_template(
        "admin/partners/enrolment.html", **known, place=place, opened=opened, address=address, picture=picture
    )


@pages.post("/partners/<slug:slug>/devices/<id:device_id>/revoke")
@guard(staff("partners:write"))
def partners_revoke(slug: str, device_id: int) -> Any:
    """Shut a device out, at once."""

    def revoke(said: dict[str, Any]) -> None:
        db = current_services().db
        known = db.read(lambda session: _known(session, slug))
        if device_id not in {each.id for each in known["devices"]}:
            raise DeviceNotFound
        manage_partners.revoke_device(db, device_id=device_id, actor=caller().actor, reason=said["reason"])

    return _act(slug, f"device-{device_id}", ReasonSchema(), revoke)


@pages.get("/partners/<slug:slug>/archive")
@guard(staff("partners:write"))
def partners_leave(slug: str) -> str:
    """What parting with it would touch."""
    return _leave(slug, form={}, errors={})


@pages.post("/partners/<slug:slug>/archive")
@guard(staff("partners:write", fresh=True))
def partners_archive(slug: str) -> Any:
    """Part with it, for good."""
    try:
        said = forms.read(ArchiveSchema())
        if said["slug"].strip() != slug:
            raise Invalid({"slug": ["Must match it."]})
    except Invalid as refused:
        errors = field_errors.in_words(refused.errors, spoken())
        return _leave(slug, form=forms.given(), errors=errors), refused.status
    manage_partners.archive_partner(current_services().db, slug=slug, actor=caller().actor, reason=said["reason"])
    flash("saved")
    return redirect(url_for("admin.partners_one", slug=slug), 303)


def _act(slug: str, act: str, schema: Schema, flow: Callable[[dict[str, Any]], Any]) -> Any:
    try:
        flow(forms.read(schema))
    except Invalid as refused:
        errors = field_errors.in_words(refused.errors, spoken())
        return _page(slug, act=act, errors=errors, form=forms.given()), refused.status
    flash("saved")
    return redirect(url_for("admin.partners_one", slug=slug), 303)


def _page(slug: str, **more: Any) -> str:
    known = current_services().db.read(lambda session: _known(session, slug))
    return render_template("admin/partners/one.html", days=DAYS, **known, **more)


def _leave(slug: str, **more: Any) -> str:
    known = current_services().db.read(lambda session: _known(session, slug))
    return render_template("admin/partners/archive.html", **known, **more)


def _known(session: Session, slug: str) -> dict[str, Any]:
    partner, now = find.partner(session, slug), clock.now()
    assert partner.id is not None
    return {
        "partner": partner,
        "places": find.places(session, partner.id),
        "devices": find.devices(session, partner.id),
        "scans": counter.by_device(session, partner.id, since=now - timedelta(days=DAYS)),
        "rewards": rewards.of_partner(session, partner.id),
        "live": census.live_by_partner(session, now=now, partner_id=partner.id).get(partner.id, 0),
    }
