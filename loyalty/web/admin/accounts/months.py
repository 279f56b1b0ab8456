"""One month of the books: its balances, its movements, and how it is closed."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, url_for
from marshmallow import Schema
from sqlmodel import Session

from loyalty.db import one_snapshot
from loyalty.errors import Invalid, Refused
from loyalty.fields import Text
from loyalty.flows import extract_journal
from loyalty.flows.close_month import close_month
from loyalty.ledger import closing
from loyalty.ledger.breakage import expected_points
from loyalty.ledger.months import Month, written
from loyalty.ledger.refusals import MonthNotFound
from loyalty.ledger.value import euros
from loyalty.programme.find import the_programme, valuation
from loyalty.web import field_errors, forms
from loyalty.web.admin.accounts import listing
from loyalty.web.admin.blueprint import pages
from loyalty.web.guards import caller, guard
from loyalty.web.language import spoken
from loyalty.web.services import current_services
from loyalty.web.staff_guard import staff


class CloseSchema(Schema):
    """Why, and the month again, which says one means it."""

    reason = Text(minimum=1, maximum=500, required=True)
    word = Text(maximum=40, load_default="")


@pages.get("/accounts/<month>")
@guard(staff("accounts:read"))
def accounts_month(month: str) -> str:
    """What moved in a month, and what stood at its end."""
    return _page(_read(month))


@pages.post("/accounts/<month>/close")
@guard(staff("accounts:write", fresh=True))
def accounts_close(month: str) -> Any:
    """Close it, for good, if its name was typed."""
    chosen = _read(month)
    try:
        said = forms.read(CloseSchema())
        if said["word"].strip() != str(chosen):
            raise Invalid({"word": ["Must match it."]})
        close_month(current_services().db, chosen, actor=caller().actor, reason=said["reason"].strip())
    except Invalid as refused:
        errors = field_errors.in_words(refused.errors, spoken())
        return _page(chosen, errors=errors, form=forms.given()), refused.status
    except Refused as refused:
        return _page(chosen, refused=refused.say(spoken()), form=forms.given()), refused.status
    flash("saved")
    return redirect(url_for("admin.accounts_month", month=str(chosen)), 303)


def _read(text: str) -> Month:
    month = written(text)
    if month is None:
        raise MonthNotFound
    return month


def _page(month: Month, **more: Any) -> str:
    def steps(session: Session) -> dict[str, Any]:
        one_snapshot(session)
        found = [each for each in listing.months(session, the_programme(session).zone) if each.month == month]
        if not found:
            raise MonthNotFound
        (told,) = found
        value = told.kept.point_value if told.kept else valuation(session).point_value
        return {
            "told": told,
            "rows": extract_journal.rows_of(told.opening, told.moved, value),
            "point_value": value,
            "eur": euros(told.outstanding, value),
            "expected": [euros(expected_points(told.outstanding, each), value) for each in told.kept.breakage]
            if told.kept
            else None,
            "is_first": told.kept is not None and told.kept.previous == closing.FIRST,
        }

    return render_template("admin/accounts/month.html", **current_services().db.read(steps), **more)
