"""Two fans turn out to be one person: found, compared, merged."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from marshmallow import Schema
from sqlmodel import Session

from loyalty.activities.latest import last_days
from loyalty.errors import NotFound, Refused
from loyalty.fans import search
from loyalty.fans.merge import Kept
from loyalty.fans.register import get_fan
from loyalty.fields import Text, storable
from loyalty.flows.merge_fans import merge_fans
from loyalty.web import forms
from loyalty.web.admin.blueprint import pages
from loyalty.web.admin.fans.page import who
from loyalty.web.fan import wording
from loyalty.web.guards import caller, guard
from loyalty.web.language import spoken
from loyalty.web.services import current_services
from loyalty.web.staff_guard import staff

_FOUND = 20
FIELDS = ("display_name", "email", "reference")


class MergeSchema(Schema):
    """Of whom each name is kept, why, and the word that says one means it."""

    display_name = forms.Box()
    email = forms.Box()
    reference = forms.Box()
    reason = Text(minimum=3, maximum=300, required=True)
    word = Text(maximum=40, load_default="")


@pages.get("/fans/<id:fan_id>/merge")
@guard(staff("fans:write"))
def fans_merge_search(fan_id: int) -> str:
    """Look for the other one."""
    sought = storable(request.args.get("q", "").strip(), 100)

    def steps(session: Session) -> dict[str, Any]:
        get_fan(session, fan_id)
        found = search.fans(session, sought=sought, limit=_FOUND) if len(sought) >= search.SHORTEST else []
        networks = search.networks_of(session, [each.id for each in found])
        others = [
            (each, [wording.network(code, spoken()) for code in networks.get(each.id, [])])
            for each in found
            if each.id != fan_id and each.merged_into is None and each.erased_at is None
        ]
        return {**who(session, fan_id), "others": others}

    return render_template("admin/fans/merge_search.html", sought=sought, **current_services().db.read(steps))


@pages.get("/fans/<id:fan_id>/merge/<id:other_id>")
@guard(staff("fans:write"))
def fans_merge(fan_id: int, other_id: int) -> str:
    """The two side by side, and what would move."""
    return _page(fan_id, other_id)


@pages.post("/fans/<id:fan_id>/merge/<id:other_id>")
@guard(staff("fans:write", fresh=True))
def fans_do_merge(fan_id: int, other_id: int) -> Any:
    """Merge the other into the fan, if the word was typed."""
    try:
        said = forms.read(MergeSchema())
        if said["word"].strip().casefold() != _word().casefold():
            return _page(fan_id, other_id, form=forms.given(), errors={"word": gettext("This is not the word.")}), 422
        merge_fans(
            current_services().db,
            source_id=other_id,
            target_id=fan_id,
            kept=Kept(**{name: said[name] for name in FIELDS}),
            reason=said["reason"].strip(),
            actor=caller().actor,
        )
    except Refused as refused:
        return _page(fan_id, other_id, **forms.refilled(refused)), refused.status
    flash(gettext("The two fans are one now."))
    return redirect(url_for("admin.fans_one", fan_id=fan_id), 303)


def _word() -> str:
    return str(gettext("MERGE"))


def _page(fan_id: int, other_id: int, **known: Any) -> str:
    def steps(session: Session) -> dict[str, Any]:
        days = last_days(session, [fan_id, other_id])
        if fan_id == other_id:
            raise NotFound(what="fan")
        sides = []
        for each in (fan_id, other_id):
            get_fan(session, each)
            sides.append({**who(session, each), "last_day": days.get(each)})
        return {"target": sides[0], "source": sides[1]}

    return render_template(
        "admin/fans/merge.html", word=_word(), fields=FIELDS, **{**current_services().db.read(steps), **known}
    )
