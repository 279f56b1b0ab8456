"""The ladder with who stands on it, and the terms that hold for all of it."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, url_for
from marshmallow import Schema
from sqlmodel import Session

from loyalty import clock
from loyalty.errors import Invalid
from loyalty.fields import Text
from loyalty.flows.change_programme import change_programme
from loyalty.programme.find import the_programme
from loyalty.tiers import find
from loyalty.tiers.due import unapplied
from loyalty.tiers.review import years_of
from loyalty.web import field_errors, forms
from loyalty.web.admin.blueprint import pages
from loyalty.web.guards import caller, guard
from loyalty.web.language import spoken
from loyalty.web.services import current_services
from loyalty.web.staff_guard import staff
from loyalty.web.tiers import last_day


class TermsSchema(Schema):
    """When a year of tiers begins, and how one is lost."""

    tier_year_starts = forms.Number(minimum=1, maximum=12, required=True)
    tier_one_step = forms.Box()
    reason = Text(minimum=1, maximum=500, required=True)


@pages.get("/programme/tiers")
@guard(staff("programme:read"))
def tiers() -> str:
    """Every tier, how many fans have it, and the terms."""
    return _page()


@pages.post("/programme/tiers/-/terms")
@guard(staff("programme:write", fresh=True))
def tiers_terms() -> Any:
    """Change the terms; what was promised to fans keeps its date."""
    try:
        said = forms.read(TermsSchema())
    except Invalid as refused:
        errors = field_errors.in_words(refused.errors, spoken())
        return _page(errors=errors, form=forms.given()), refused.status
    services, reason = current_services(), said.pop("reason")
    change_programme(services.db, said, actor=caller().actor, reason=reason)
    services.forget_look()
    flash("saved")
    return redirect(url_for("admin.tiers"), 303)


def _page(**known: Any) -> str:
    def steps(session: Session) -> dict[str, Any]:
        programme = the_programme(session)
        return {
            "terms": programme,
            "ladder": list(reversed(find.every_tier(session))),
            "holders": find.how_many(session),
            "under_way": bool(unapplied(session)),
            "year_ends": last_day(years_of(programme, clock.now()).this),
        }

    return render_template("admin/tiers/list.html", **{**current_services().db.read(steps), **known})
