"""The programme: how it looks and speaks, what it allows, its time zone, its shows."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Mapping
from typing import Any
from zoneinfo import available_timezones

from flask import flash, redirect, render_template, request, url_for
from marshmallow import Schema, fields, validate
from sqlmodel import Session
from werkzeug import Response

from loyalty.errors import Invalid, Refused
from loyalty.fields import Text
from loyalty.flows.change_programme import change_programme
from loyalty.flows.manage_programme import add_show
from loyalty.flows.manage_shows import archive_show, rename_show
from loyalty.i18n import LANGUAGES
from loyalty.partners.schema import slug_field
from loyalty.pictures.make import LOGO
from loyalty.programme.colour import contrast_of, palette
from loyalty.programme.find import every_show
from loyalty.programme.refusals import ShowExists
from loyalty.programme.tables import Programme
from loyalty.web import field_errors, forms
from loyalty.web.admin.blueprint import pages
from loyalty.web.guards import caller, guard
from loyalty.web.language import spoken
from loyalty.web.looks import look
from loyalty.web.pictures import uploaded
from loyalty.web.services import current_services
from loyalty.web.staff_guard import staff
from loyalty.web.uploads import takes_picture

_COLOUR = re.compile("#[0-9a-f]{6}")
_POINTS = [(f"point_{language}_{number}", language) for language in LANGUAGES for number in ("one", "many")]
_ZONES = tuple(sorted(each for each in available_timezones() if "/" in each and not each.startswith("Etc/")))


class LookSchema(Schema):
    """How the programme looks and speaks."""

    name = Text(minimum=1, maximum=80, required=True)
    brand_colour = Text(maximum=7, pattern="#[0-9a-fA-F]{6}", required=True)
    default_language = forms.language()
    point_fr_one = Text(minimum=1, maximum=30, required=True)
    point_fr_many = Text(minimum=1, maximum=30, required=True)
    point_en_one = Text(minimum=1, maximum=30, required=True)
    point_en_many = Text(minimum=1, maximum=30, required=True)
    without_logo = forms.Box()


class LimitsSchema(Schema):
    """What the programme allows, and for how long."""

    approval_points = forms.Number(minimum=0, maximum=10**9, required=True)
    approval_units = forms.Number(minimum=0, maximum=10**6, required=True)
    forget_after_months = forms.Number(minimum=1, maximum=120, required=True)
    reason = Text(minimum=1, maximum=500, required=True)


class ZoneSchema(Schema):
    """Another time zone."""

    time_zone = fields.String(required=True, validate=validate.OneOf(_ZONES))
    reason = Text(minimum=1, maximum=500, required=True)


class ShowSchema(Schema):
    """A show more."""

    slug = slug_field("Its name in addresses, for ever.", required=True)
    name = Text(minimum=1, maximum=120, required=True)


class NameSchema(Schema):
    """Another name."""

    name = Text(minimum=1, maximum=120, required=True)


class ReasonSchema(Schema):
    """Why."""

    reason = Text(minimum=1, maximum=500, required=True)


@pages.get("/programme")
@guard(staff("programme:read"))
def programme() -> str:
    """Everything of it: `?colour=` shows the page in another colour, which is saved nowhere."""
    return _page()


@pages.post("/programme/look")
@guard(staff("programme:write"))
@takes_picture
def programme_look() -> Any:
    """Change how it looks and speaks."""

    def save(said: dict[str, Any]) -> None:
        without = said.pop("without_logo")
        logo = uploaded("logo", LOGO)
        names: dict[str, list[str]] = {language: [] for language in LANGUAGES}
        for field, language in _POINTS:
            names[language].append(said.pop(field).strip())
        said |= {"brand_colour": said["brand_colour"].lower(), "point_names": names}
        _change(said, logo=logo, without_logo=without)

    return _act("look", LookSchema(), save)


@pages.post("/programme/limits")
@guard(staff("programme:write", fresh=True))
def programme_limits() -> Any:
    """Change what it allows; grave, as who may do alone what is decided here."""
    return _act("limits", LimitsSchema(), lambda said: _change(said, reason=said.pop("reason")))


@pages.post("/programme/zone")
@guard(staff("programme:write", fresh=True))
def programme_zone() -> Any:
    """Change the time zone: every day, week and hour in rules from now on."""
    return _act("zone", ZoneSchema(), lambda said: _change(said, reason=said.pop("reason")))


@pages.post("/programme/shows")
@guard(staff("programme:write"))
def programme_add_show() -> Any:
    """A show more."""
    return _act("show", ShowSchema(), lambda said: add_show(current_services().db, **said, actor=caller().actor))


@pages.post("/programme/shows/<slug:slug>/name")
@guard(staff("programme:write"))
def programme_rename_show(slug: str) -> Any:
    """Call a show something else."""
    return _act(
        f"name-{slug}",
        NameSchema(),
        lambda said: rename_show(current_services().db, slug=slug, **said, actor=caller().actor),
    )


@pages.post("/programme/shows/<slug:slug>/archive")
@guard(staff("programme:write"))
def programme_archive_show(slug: str) -> Any:
    """Take a show out of the schedule."""
    return _act(
        f"archive-{slug}",
        ReasonSchema(),
        lambda said: archive_show(current_services().db, slug=slug, **said, actor=caller().actor),
    )


def _change(said: Mapping[str, Any], **more: Any) -> None:
    services = current_services()
    change_programme(services.db, said, actor=caller().actor, **more)
    services.forget_look()


def _act(act: str, schema: Schema, save: Callable[[dict[str, Any]], None]) -> tuple[str, int] | Response:
    try:
        save(forms.read(schema))
    except (Invalid, ShowExists) as refused:
        return _page(act=act, errors=_errors(refused), form=forms.given()), refused.status
    flash("saved")
    return redirect(url_for("admin.programme"), 303)


def _errors(refused: Refused) -> dict[str, str]:
    wrong = refused.errors if isinstance(refused, Invalid) else {"slug": [refused.say(spoken())]}
    return field_errors.in_words(wrong, spoken())


def _page(act: str | None = None, **known: Any) -> str:
    def steps(session: Session) -> dict[str, Any]:
        return {"kept": session.get_one(Programme, 1), "shows": every_show(session)}

    found = current_services().db.read(steps)
    kept = found["kept"]
    tried = request.args.get("colour", "").lower()
    colour = tried if _COLOUR.fullmatch(tried) else kept.brand_colour
    shown = palette(colour)
    return render_template(
        "admin/programme.html",
        **found,
        **known,
        act=act,
        programme=dataclasses.replace(look(), brand_colour=colour),
        tried=colour != kept.brand_colour,
        colours=shown,
        contrasts={
            "button": contrast_of(shown.on_fill, shown.fill),
            "light": contrast_of(shown.ink, "#ffffff"),
            "dark": contrast_of(shown.ink_dark, "#1f1e23"),
        },
        point_fields={field: kept.point_names[of][i % 2] for i, (field, of) in enumerate(_POINTS)},
        zones=_ZONES if kept.time_zone in _ZONES else (kept.time_zone, *_ZONES),
    )
