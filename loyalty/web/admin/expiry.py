"""When points expire: the rule, what another one would do to the points there are, and when fans are told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from marshmallow import Schema, ValidationError, fields, validate
from sqlmodel import Session
from werkzeug import Response

from loyalty.errors import Invalid, Refused
from loyalty.fields import Text
from loyalty.flows.change_expiry import change_expiry
from loyalty.flows.change_programme import change_programme
from loyalty.flows.preview_expiry import preview_expiry
from loyalty.programme import changes
from loyalty.programme.expiry import FIXED, LEAST_NOTICE, NEVER_KIND, ROLLING, SLIDING, Policy, document, read, sentence
from loyalty.programme.find import the_programme
from loyalty.web import field_errors, forms
from loyalty.web.admin.blueprint import pages
from loyalty.web.admin.expiry_plot import named, plot_of
from loyalty.web.guards import caller, guard
from loyalty.web.language import spoken
from loyalty.web.services import current_services
from loyalty.web.staff_guard import staff

NEW, EXISTING = "new", "existing"
# The fields of the form, of each kind: the name of the field by that of the policy.
_FIELDS: Mapping[str, Mapping[str, str]] = {
    NEVER_KIND: {},
    ROLLING: {"months": "rolling_months"},
    SLIDING: {"months": "sliding_months"},
    FIXED: {"month": "fixed_month", "day": "fixed_day", "at_least_months": "at_least_months"},
}


class RuleSchema(Schema):
    """A rule, as a form asks for it: the fields of every kind, of which those of the chosen one count."""

    kind = fields.String(required=True, validate=validate.OneOf(tuple(_FIELDS)))
    rolling_months = forms.Number(minimum=1, maximum=1_200)
    sliding_months = forms.Number(minimum=1, maximum=1_200)
    fixed_month = forms.Number(minimum=1, maximum=12)
    fixed_day = forms.Number(minimum=1, maximum=31)
    at_least_months = forms.Number(minimum=0, maximum=120)


class ChangeSchema(RuleSchema):
    """The rule that was previewed, for which points, why, and the word that says one means it."""

    applies = fields.String(required=True, validate=validate.OneOf((NEW, EXISTING)))
    reason = Text(minimum=1, maximum=500, required=True)
    word = Text(maximum=40, load_default="")


class NoticeSchema(Schema):
    """When fans are told, and of how few points nobody is."""

    first_days = forms.Number(minimum=1, maximum=365, load_default=None)
    last_days = forms.Number(minimum=1, maximum=365, load_default=None)
    least_points = forms.Number(minimum=1, maximum=10**6, required=True)


@pages.get("/programme/expiry")
@guard(staff("programme:read"))
def expiry() -> tuple[str, int]:
    """The rule in force; with `?kind=` and its fields, what that rule would do."""
    if "kind" not in request.args:
        return _page(), 200
    given = {name: value for name, value in request.args.items() if name in RuleSchema().fields}
    try:
        return _page(asked=_policy(_loaded(given)), form=given), 200
    except Invalid as refused:
        return _page(form=given, errors=_in_words(refused)), refused.status


@pages.post("/programme/expiry")
@guard(staff("programme:write", fresh=True))
def expiry_change() -> Any:
    """Change the rule, for what is earned from now on or for what is there too."""
    asked = None
    try:
        form = forms.given()
        asked = _policy(_loaded({name: form[name] for name in form if name in RuleSchema().fields}))
        said = forms.read(ChangeSchema())
        applies = said["applies"] == EXISTING
        if applies and said["word"].strip().casefold() != _word().casefold():
            return _page(asked=asked, form=form, errors={"word": gettext("This is not the word.")}), 422
        services = current_services()
        actor, reason = caller().actor, said["reason"].strip()
        changed = change_expiry(services.db, asked, applies=applies, actor=actor, reason=reason)
        services.forget_look()
    except Invalid as refused:
        return _page(asked=asked, form=forms.given(), errors=_in_words(refused)), refused.status
    except Refused as refused:
        return _page(asked=asked, form=forms.given(), refused=refused.say(spoken())), refused.status
    if changed.waits:
        return redirect(url_for("admin.approvals"), 303)
    flash("saved")
    return redirect(url_for("admin.expiry"), 303)


@pages.post("/programme/expiry/notices")
@guard(staff("programme:write"))
def expiry_notices() -> tuple[str, int] | Response:
    """Change when fans are told."""
    try:
        said = forms.read(NoticeSchema())
    except Invalid as refused:
        return _page(notice=forms.given(), errors=_in_words(refused)), refused.status
    days = sorted({each for each in (said["first_days"], said["last_days"]) if each is not None}, reverse=True)
    wanted = {"expiry_notice_days": days, "expiry_notice_points": said["least_points"]}
    change_programme(current_services().db, wanted, actor=caller().actor)
    flash("saved")
    return redirect(url_for("admin.expiry"), 303)


def _loaded(given: Mapping[str, str]) -> dict[str, Any]:
    try:
        said: dict[str, Any] = RuleSchema().load(given)
    except ValidationError as problem:
        raise Invalid(problem.messages) from None
    return said


def _policy(said: Mapping[str, Any]) -> Policy:
    names = _FIELDS[said["kind"]]
    try:
        return read({"kind": said["kind"], **{name: said[field] for name, field in names.items() if field in said}})
    except Invalid as refused:
        raise Invalid({names.get(name, name): wrong for name, wrong in refused.errors.items()}) from None


def _in_words(refused: Invalid) -> dict[str, str]:
    return field_errors.in_words(refused.errors, spoken())


def _word() -> str:
    return str(gettext("APPLY"))


def _page(asked: Policy | None = None, form: Mapping[str, str] | None = None, **known: Any) -> str:
    def steps(session: Session) -> dict[str, Any]:
        return {"programme_now": the_programme(session), "change": changes.latest(session)}

    db = current_services().db
    found = db.read(steps)
    now: Policy = found["programme_now"].expiry
    names = _FIELDS[now.kind]
    in_force = {"kind": now.kind} | {field: document(now)[name] for name, field in names.items()}
    preview = preview_expiry(db, asked) if asked else None
    notice_days = [*found["programme_now"].expiry_notice_days, "", ""][:2]
    told = {
        "first_days": notice_days[0],
        "last_days": notice_days[1],
        "least_points": found["programme_now"].expiry_notice_points,
    }
    return render_template(
        "admin/expiry.html",
        change=found["change"],
        rule=sentence(now, spoken()),
        asked_rule=sentence(asked, spoken()) if asked else None,
        is_same=asked == now,
        form=form or {},
        shown={**in_force, **(form or {})},
        preview=preview,
        plot=plot_of(preview) if preview and preview.months else None,
        month_names=[named(each) for each in preview.months] if preview else [],
        notice_days=LEAST_NOTICE.days,
        word=_word(),
        **{"notice": told, "errors": {}, "refused": None, **known},
    )
