"""Put a rule in force, keep it as a draft, discard a draft: each with its reason."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, url_for
from flask_babel import gettext
from marshmallow import Schema
from sqlmodel import Session
from werkzeug import Response

from loyalty.errors import Invalid, Refused
from loyalty.fields import Text
from loyalty.flows import draft_rules, manage_rules
from loyalty.rules import drafts
from loyalty.rules.revise import Applied
from loyalty.rules.tables import RuleDraft
from loyalty.web import forms
from loyalty.web.admin.blueprint import pages
from loyalty.web.admin.rules import listing, review
from loyalty.web.guards import caller, guard
from loyalty.web.services import current_services
from loyalty.web.staff_guard import staff


class PublishSchema(review.CarriedSchema):
    """Why, from when, and whether what is planned may be replaced."""

    reason = Text(minimum=1, maximum=500, required=True)
    in_force_from = forms.LocalMoment(load_default=None)
    replaces = forms.Box()


class NoteSchema(review.CarriedSchema):
    """What the draft is for."""

    note = Text(maximum=500, load_default="")


class DiscardSchema(Schema):
    """Why not."""

    reason = Text(minimum=1, maximum=500, required=True)


@pages.post("/rules/publish")
@guard(staff("rules:write"))
def rules_publish() -> Any:
    """Put it in force, now or later."""
    asked = review.carried()
    try:
        _, said = review.read(PublishSchema())
        applied = _publish(asked, said)
    except Refused as refused:
        return review.page(asked, publishing=forms.given(), **review.wrong(refused, "publish_errors")), refused.status
    if not applied.changed:
        flash(gettext("Nothing changed: the rule says this already."), "said")
        return redirect(url_for("admin.rules"), 303)
    return listing.made(asked.slug, applied.number)


@pages.post("/rules/drafts")
@guard(staff("rules:draft"))
def rules_save_draft() -> Any:
    """Keep it for somebody else to publish."""
    asked = review.carried()
    try:
        _, said = review.read(NoteSchema())
        draft = draft_rules.save_draft(
            current_services().db,
            slug=asked.slug,
            body=asked.body,
            based_on=asked.based_on,
            note=said["note"].strip() or None,
            actor=caller().actor,
            replaces=asked.draft,
        )
    except Refused as refused:
        return review.page(asked, drafting=forms.given(), **review.wrong(refused, "draft_errors")), refused.status
    flash(gettext("The draft is kept. Whoever may publish rules sees it in the list."), "said")
    return redirect(url_for("admin.rules_draft", draft_id=draft.id), 303)


@pages.get("/rules/drafts/<id:draft_id>")
@guard(staff("rules:read"))
def rules_draft(draft_id: int) -> str:
    """A draft, beside what is in force."""
    return _draft_page(draft_id)


@pages.post("/rules/drafts/<id:draft_id>/discard")
@guard(staff("rules:write"))
def rules_discard_draft(draft_id: int) -> Any:
    """Say no to it."""
    try:
        said = forms.read(DiscardSchema())
        draft_rules.discard_draft(current_services().db, draft_id, actor=caller().actor, reason=said["reason"])
    except Invalid as refused:
        return _draft_page(draft_id, **review.wrong(refused, "discard_errors")), refused.status
    flash(gettext("The draft is discarded."), "said")
    return _to_list()


def _publish(asked: review.Carried, said: dict[str, Any]) -> Applied:
    db, actor = current_services().db, caller().actor
    common = {
        "actor": actor,
        "reason": said["reason"].strip(),
        "in_force_from": said["in_force_from"],
        "may_replace_scheduled": said["replaces"],
    }
    if asked.draft is None:
        return manage_rules.apply_rule(
            db, slug=asked.slug, body=asked.body, expected_revision=asked.based_on, policed=True, **common
        )
    return draft_rules.publish_draft(db, asked.draft, body=asked.body, based_on=asked.based_on, **common)


def _draft_page(draft_id: int, **known: Any) -> str:
    def steps(session: Session) -> RuleDraft:
        return drafts.draft(session, draft_id)

    draft = current_services().db.read(steps)
    asked = review.Carried(slug=draft.slug, body=draft.body, based_on=draft.based_on, draft=draft.id)
    return review.page(asked, **known)


def _to_list() -> Response:
    return redirect(url_for("admin.rules"), 303)
