"""Senders: how each does, and its secret, which is shown once."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, url_for
from marshmallow import Schema, fields, validate
from sqlmodel import Session
from werkzeug import Response

from loyalty.errors import Invalid, NotFound, Refused
from loyalty.fields import Text
from loyalty.flows import manage_sources
from loyalty.flows.manage_sources import NewSecret
from loyalty.intake.find import health
from loyalty.intake.sources import find_sources, id_of
from loyalty.rules.conditions.network import NAMES
from loyalty.web import field_errors, forms
from loyalty.web.admin.blueprint import pages
from loyalty.web.guards import caller, guard
from loyalty.web.language import spoken
from loyalty.web.services import current_services
from loyalty.web.staff_guard import staff


class SourceSchema(Schema):
    """A new sender."""

    connector = fields.String(required=True, validate=validate.OneOf(sorted(manage_sources.connectors())))
    slug = Text(minimum=1, maximum=63, required=True)
    secret = Text(maximum=500, load_default="")


class StopSchema(Schema):
    """Why."""

    reason = Text(minimum=3, maximum=200, required=True)


class RotateSchema(StopSchema):
    """Why, the secret if the network gives it, and whether the former one leaked."""

    secret = Text(maximum=500, load_default="")
    leaked = forms.Box()


@pages.get("/deliveries/sources")
@guard(staff("deliveries:read"))
def deliveries_sources() -> str:
    """Every source, stopped ones too; none shows its secrets."""
    return _page()


@pages.post("/deliveries/sources")
@guard(staff("deliveries:write", fresh=True))
def deliveries_sources_add() -> Any:
    """Set up a sender; its secret is on this answer and nowhere else."""
    services = current_services()
    try:
        said = forms.read(SourceSchema())
        new = manage_sources.add_source(
            services.db,
            services.sealer,
            connector=said["connector"],
            slug=said["slug"].strip(),
            secret=said["secret"].strip() or None,
            actor=caller().actor,
        )
    except Refused as refused:
        return _again(refused)
    return _shown(new)


@pages.post("/deliveries/sources/<word:connector>/<slug:slug>/rotate")
@guard(staff("deliveries:write", fresh=True))
def deliveries_sources_rotate(connector: str, slug: str) -> Any:
    """Another secret, shown this once; a source that was stopped starts again with it."""
    services = current_services()
    try:
        said = forms.read(RotateSchema())
        new = manage_sources.rotate_secret(
            services.db,
            services.sealer,
            connector=connector,
            slug=slug,
            secret=said["secret"].strip() or None,
            keep_former=not said["leaked"],
            reason=said["reason"].strip(),
            actor=caller().actor,
        )
    except NotFound:
        raise
    except Refused as refused:
        return _again(refused)
    return _shown(new)


@pages.post("/deliveries/sources/<word:connector>/<slug:slug>/stop")
@guard(staff("deliveries:write", fresh=True))
def deliveries_sources_stop(connector: str, slug: str) -> Any:
    """Accept nothing more from it."""
    services = current_services()
    try:
        said = forms.read(StopSchema())
        manage_sources.stop_source(
            services.db,
            services.sealer,
            connector=connector,
            slug=slug,
            reason=said["reason"].strip(),
            actor=caller().actor,
        )
    except NotFound:
        raise
    except Refused as refused:
        return _again(refused)
    flash("saved")
    return _back()


def _back() -> Response:
    return redirect(url_for("admin.deliveries_sources"), 303)


def _shown(new: NewSecret) -> str:
    return _page(new=new, new_address=f"{current_services().settings.public_url}{new.path}")


def _again(refused: Refused) -> tuple[str, int]:
    errors = field_errors.in_words(refused.errors, spoken()) if isinstance(refused, Invalid) else {}
    said = " ".join(errors.values()) if errors else refused.say(spoken())
    return _page(refused=said, errors=errors, form=forms.given()), refused.status


def _page(**known: Any) -> str:
    def steps(session: Session) -> list[dict[str, Any]]:
        found = find_sources(session)
        states = health(session, [id_of(each) for each in found])
        return [{"source": each, "health": states[id_of(each)]} for each in found]

    connectors = [(name, NAMES.get(name, name.capitalize())) for name in sorted(manage_sources.connectors())]
    rows = current_services().db.read(steps)
    return render_template("admin/deliveries/sources.html", rows=rows, connectors=connectors, **known)
