"""Every partner with its places, its devices and when one of them spoke last; and the form for a new one."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from sqlmodel import Session

from loyalty import clock
from loyalty.errors import Invalid
from loyalty.flows import manage_partners
from loyalty.partners import find
from loyalty.partners.refusals import PartnerExists
from loyalty.partners.schema import PartnerSchema
from loyalty.vouchers import census
from loyalty.web import field_errors, forms
from loyalty.web.admin.blueprint import pages
from loyalty.web.guards import caller, guard
from loyalty.web.language import spoken
from loyalty.web.services import current_services
from loyalty.web.staff_guard import staff

_MOST = 1_000


@pages.get("/partners")
@guard(staff("partners:read"))
def partners() -> str:
    """Every partner: `?archived=1` those who left."""
    return _page()


@pages.post("/partners")
@guard(staff("partners:write"))
def partners_create() -> Any:
    """Make one."""
    try:
        said = forms.read(PartnerSchema())
        partner = manage_partners.create_partner(current_services().db, **said, actor=caller().actor)
    except (Invalid, PartnerExists) as refused:
        wrong = refused.errors if isinstance(refused, Invalid) else {"slug": [refused.say(spoken())]}
        return _page(form=forms.given(), errors=field_errors.in_words(wrong, spoken())), refused.status
    flash("saved")
    return redirect(url_for("admin.partners_one", slug=partner.slug), 303)


def _page(**known: Any) -> str:
    archived = request.args.get("archived") == "1"

    def steps(session: Session) -> dict[str, Any]:
        found = find.partners(session, limit=_MOST)
        return {
            "rows": [each for each in found if (each.archived_at is not None) == archived],
            "some_archived": any(each.archived_at for each in found),
            "seen": find.last_seen(session),
            "places": find.place_counts(session),
            "live": census.live_by_partner(session, now=clock.now()),
        }

    return render_template("admin/partners/list.html", archived=archived, **current_services().db.read(steps), **known)
