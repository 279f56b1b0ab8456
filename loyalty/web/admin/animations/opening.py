"""Opening an animation: on the overview with one press, or here with everything in view."""

from __future__ import annotations

from typing import Any

from flask import redirect, render_template, request, url_for
from marshmallow import ValidationError
from sqlmodel import Session

from loyalty import clock
from loyalty.animations.kinds import known_kinds
from loyalty.animations.schema import LONGEST_MINUTES
from loyalty.errors import Invalid, Refused
from loyalty.figures.on_air import show_on_air
from loyalty.flows.animate import open_animation
from loyalty.programme.find import shows
from loyalty.web import field_errors, forms
from loyalty.web.admin.animations import form
from loyalty.web.admin.blueprint import pages
from loyalty.web.guards import caller, guard
from loyalty.web.language import spoken
from loyalty.web.services import current_services
from loyalty.web.staff_guard import staff

_AGAIN = "again"  # the button that makes another solution


@pages.get("/animations/new")
@guard(staff("animations:write"))
def animations_new() -> Any:
    """The form."""
    given = {"kind": request.args["kind"]} if request.args.get("kind") else {}
    return _page(given)


@pages.get("/animations/worth")
@guard(staff("animations:read"))
def animations_worth() -> str:
    """What an answer would be worth when, with these settings; nothing where they do not fit."""
    return render_template("admin/animations/worth.html", worth=_worth(dict(request.args)))


@pages.post("/animations")
@guard(staff("animations:write"))
def animations_open() -> Any:
    """Open it."""
    given = dict(forms.given())
    if given.pop(_AGAIN, None):
        return _page({name: value for name, value in given.items() if not name.startswith(form.SOLUTION)})
    try:
        kind = form.kind_of(given)
        said = form.read(kind, given)
        known = current_services().db.read(shows)
        if said["show"] and said["show"] not in known:
            raise Invalid({"show": ["Not a valid choice."]})
        opened = open_animation(current_services().db, _as_opened(said), actor=caller().actor)
    except Refused as refused:
        return _page(given, refused)
    return redirect(url_for("admin.animations_one", slug=opened.slug), 303)


def _as_opened(said: dict[str, Any]) -> dict[str, Any]:
    return {
        "kind": said["kind"],
        "slug": None,
        "name_fr": said["name_fr"] or None,
        "name_en": said["name_en"] or None,
        "show": said["show"] or None,
        "starts_at": said["starts_at"] if said["when"] == form.LATER else clock.now(),
        "minutes": said["minutes"],
        "settings": said["settings"],
        "solution": said["solution"],
    }


def quick(session: Session) -> dict[str, Any] | None:
    """What the overview needs to open one with a single press; None where no kind can be opened so."""
    kind = next((each for each in known_kinds().values() if each.opens_at_once), None)
    if kind is None:
        return None
    solution = [each for each in form.fields_of(kind, {}, spoken()) if each.name.startswith(form.SOLUTION)]
    return {
        "kind": kind,
        "title": kind.title.say(spoken()),
        "solution": solution,
        "shows": shows(session),
        "show": show_on_air(session, clock.now()),
        "minutes": form.MINUTES,
    }


def _page(given: dict[str, str], refused: Refused | None = None) -> Any:
    errors = field_errors.in_words(refused.errors, spoken()) if isinstance(refused, Invalid) else {}
    try:
        kind = form.kind_of(given)
    except Invalid:
        kind = form.kind_of({})

    def steps(session: Session) -> dict[str, Any]:
        return {"shows": shows(session), "on_air": show_on_air(session, clock.now())}

    found = form.fields_of(kind, given, spoken())
    page = render_template(
        "admin/animations/new.html",
        **current_services().db.read(steps),
        kind=kind,
        title=kind.title.say(spoken()),
        kinds=[(name, each.title.say(spoken())) for name, each in known_kinds().items()],
        usual=[each for each in found if not each.rarely],
        rare=[each for each in found if each.rarely],
        worth=_worth({each.name: each.value for each in found} | given),
        given=given,
        errors=errors,
        refused=None if errors or refused is None else refused.say(spoken()),
        default_start=forms.local_value(clock.now()),
        minutes=form.MINUTES,
    )
    return (page, refused.status) if refused is not None else page


def _worth(given: dict[str, str]) -> list[tuple[int, int]]:
    try:
        kind = form.kind_of(given)
        settings = {name: value for name, value in given.items() if name.startswith(form.SETTING)}
        read = kind.load_settings(form.settings_in(kind, settings))
        minutes = forms.Number(minimum=1, maximum=LONGEST_MINUTES).deserialize(given.get("minutes") or "30")
    except (Invalid, ValidationError):
        return []
    return form.worth(kind, read, minutes)
