"""The queue: answers that wait are released or refused, one, several or all, each time with a reason."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for
from flask_babel import gettext, ngettext
from marshmallow import Schema, ValidationError, fields, validate

from loyalty.errors import Invalid
from loyalty.fields import Text
from loyalty.flows import review
from loyalty.web import forms
from loyalty.web.admin.animations.one import page
from loyalty.web.admin.blueprint import pages
from loyalty.web.api.schemas import identifier
from loyalty.web.guards import caller, guard
from loyalty.web.looks import number
from loyalty.web.looks import points as in_points
from loyalty.web.services import current_services
from loyalty.web.staff_guard import staff

RELEASE, REFUSE = "release", "refuse"
_PICKED = "answer"


class DecisionSchema(Schema):
    """What is decided, about which answers, and why."""

    # a button says what, and about which: "release:all", "refuse:picked", "release:912626453030371744"
    decision = fields.String(
        required=True, validate=validate.Regexp(rf"({RELEASE}|{REFUSE}):(all|picked|[1-9][0-9]{{0,18}})\Z")
    )
    reason = Text(maximum=500, load_default="")


@pages.post("/animations/<slug:slug>/review")
@guard(staff("animations:write"))
def animations_review(slug: str) -> Any:
    """Decide."""
    try:
        decision, which, reason = _said()
    except Invalid as refused:
        return page(slug, refused=refused, about="review")
    decide = review.release if decision == RELEASE else review.refuse
    done = decide(current_services().db, slug, actor=caller().actor, reason=reason, part_ids=which)
    flash(_told(decision, done))
    return redirect(url_for("admin.animations_one", slug=slug, _anchor="queue"), 303)


def _said() -> tuple[str, list[int] | None, str]:
    given = {name: value for name, value in forms.given().items() if name != _PICKED}
    try:
        said = DecisionSchema().load(given)
    except ValidationError as problem:
        raise Invalid(problem.messages) from None
    decision, _, about = said["decision"].partition(":")
    if decision == REFUSE and not said["reason"].strip():
        raise Invalid({"reason": [gettext("Fans are told why: say it.")]})
    which = None if about == "all" else request.form.getlist(_PICKED) if about == "picked" else [about]
    numbers = None if which is None else [number for each in which if (number := identifier(each)) is not None]
    if numbers == []:
        raise Invalid({"decision": [gettext("Tick the answers it is about first.")]})
    return decision, numbers, said["reason"].strip() or gettext("Checked")


def _told(decision: str, done: review.Reviewed) -> str:
    count = number(done.answers)
    if decision == RELEASE:
        said = ngettext("%(count)s answer released: %(points)s.", "%(count)s answers released: %(points)s.",
                        done.answers, count=count, points=in_points(done.points))  # fmt: skip
    else:
        said = ngettext("%(count)s answer refused.", "%(count)s answers refused.", done.answers, count=count)
    if done.left:
        said += " " + ngettext("%(left)s more waits.", "%(left)s more wait.", done.left, left=number(done.left))
    return str(said)
