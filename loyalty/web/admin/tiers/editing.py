"""One tier: added, changed, archived; each time with what it would do to fans before it is done."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from marshmallow import EXCLUDE, Schema, ValidationError

from loyalty.errors import Invalid, Refused
from loyalty.fields import Text
from loyalty.flows.manage_tiers import add_tier, archive_tier, change_tier, foresee_tier
from loyalty.tiers import find
from loyalty.tiers.foresee import Foreseen
from loyalty.tiers.refusals import ThresholdTaken, TierExists, TierNotFound
from loyalty.tiers.schema import TierSchema
from loyalty.tiers.tables import Tier
from loyalty.web import field_errors, forms
from loyalty.web.admin.api_forms import FromForm
from loyalty.web.admin.blueprint import pages
from loyalty.web.guards import caller, guard
from loyalty.web.language import spoken
from loyalty.web.services import current_services
from loyalty.web.staff_guard import staff
from loyalty.web.tiers import name_of

_SHOW = "foresee"  # the button that saves nothing


class ReasonSchema(Schema):
    """Why."""

    reason = Text(minimum=1, maximum=500, required=True)


class NewTierForm(FromForm, TierSchema, ReasonSchema):
    """A new tier, and why."""


class ChangedTierForm(NewTierForm):
    """Another word about a tier, and why; its slug never changes."""

    class Meta:
        exclude = ("slug",)


class ThresholdForm(FromForm, TierSchema):
    """What a tier would take; the rest may still be empty."""

    class Meta:
        fields = ("threshold",)
        unknown = EXCLUDE


@pages.get("/programme/tiers/-/new")
@guard(staff("programme:write"))
def tiers_new() -> str:
    """The empty form."""
    return _page(None, {})


@pages.post("/programme/tiers/-/new")
@guard(staff("programme:write"))
def tiers_create() -> Any:
    """Add it, or say what it would do."""
    if _SHOW in request.form:
        return _foreseen(None)
    try:
        said = _said(NewTierForm())
        reason = said.pop("reason")
        add_tier(current_services().db, said, actor=caller().actor, reason=reason)
    except (Invalid, TierExists, ThresholdTaken) as refused:
        return _page(None, _given(), refused), refused.status
    flash("saved")
    return redirect(url_for("admin.tiers"), 303)


@pages.get("/programme/tiers/<slug:slug>")
@guard(staff("programme:write"))
def tiers_edit(slug: str) -> str:
    """The form, filled."""
    tier = _tier(slug)
    return _page(tier, tier.model_dump())


@pages.post("/programme/tiers/<slug:slug>")
@guard(staff("programme:write"))
def tiers_change(slug: str) -> Any:
    """Change it, or say what that would do."""
    tier = _tier(slug)
    if _SHOW in request.form:
        return _foreseen(tier)
    try:
        said = _said(ChangedTierForm())
        reason = said.pop("reason")
        change_tier(current_services().db, slug=slug, said=said, actor=caller().actor, reason=reason)
    except (Invalid, ThresholdTaken) as refused:
        return _page(tier, _given(), refused), refused.status
    flash("saved")
    return redirect(url_for("admin.tiers"), 303)


@pages.get("/programme/tiers/<slug:slug>/archive")
@guard(staff("programme:write"))
def tiers_archive(slug: str) -> str:
    """What archiving it takes, before it is done."""
    return _archive_page(_tier(slug))


@pages.post("/programme/tiers/<slug:slug>/archive")
@guard(staff("programme:write", fresh=True))
def tiers_confirm_archive(slug: str) -> Any:
    """Give it to nobody any more."""
    tier = _tier(slug)
    try:
        reason = forms.read(ReasonSchema())["reason"]
    except Invalid as refused:
        return _archive_page(tier, refused), refused.status
    archive_tier(current_services().db, slug=slug, actor=caller().actor, reason=reason)
    flash("saved")
    return redirect(url_for("admin.tiers"), 303)


def _tier(slug: str) -> Tier:
    tier = current_services().db.read(lambda session: find.tier(session, slug))
    if tier.archived_at is not None:
        raise TierNotFound(slug=slug)
    return tier


def _given() -> dict[str, str]:
    return {name: value for name, value in forms.given().items() if name != _SHOW}


def _said(schema: Schema) -> dict[str, Any]:
    try:
        said: dict[str, Any] = schema.load(_given())
    except ValidationError as problem:
        raise Invalid(problem.messages) from None
    return said


def _foreseen(tier: Tier | None) -> Any:
    try:
        threshold = _said(ThresholdForm())["threshold"]
    except Invalid as refused:
        return _page(tier, _given(), refused), refused.status
    foreseen = foresee_tier(current_services().db, slug=tier.slug if tier else None, threshold=threshold)
    return _page(tier, _given(), foreseen=foreseen)


def _page(
    tier: Tier | None, form: Mapping[str, Any], refused: Refused | None = None, foreseen: Foreseen | None = None
) -> str:
    return render_template(
        "admin/tiers/form.html",
        tier=tier,
        name=name_of(tier) if tier else None,
        form=form,
        errors=field_errors.in_words(_by_field(refused), spoken()) if refused else {},
        foreseen=foreseen,
    )


def _archive_page(tier: Tier, refused: Invalid | None = None) -> str:
    return render_template(
        "admin/tiers/archive.html",
        tier=tier,
        name=name_of(tier),
        holders=current_services().db.read(find.how_many).get(tier.id or 0, 0),
        form=forms.given(),
        errors=field_errors.in_words(refused.errors, spoken()) if refused else {},
    )


def _by_field(refused: Refused) -> Any:
    if isinstance(refused, Invalid):
        return refused.errors
    return {"slug" if isinstance(refused, TierExists) else "threshold": [refused.say(spoken())]}
