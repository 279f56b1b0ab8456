"""Every rule in a sentence, and what can be done to it in one gesture: pause, resume, undo."""

from __future__ import annotations

from typing import Any

from flask import Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from marshmallow import Schema
from werkzeug import Response as WerkzeugResponse

from loyalty import clock
from loyalty.errors import NotFound, Refused
from loyalty.fields import Text
from loyalty.flows import manage_rules
from loyalty.rules.conditions.network import NAMES, OURS
from loyalty.rules.find import KeptRule
from loyalty.web import forms
from loyalty.web.admin import tables
from loyalty.web.admin.blueprint import pages
from loyalty.web.admin.rules import rows, telling
from loyalty.web.guards import caller, guard
from loyalty.web.language import spoken
from loyalty.web.services import current_services
from loyalty.web.staff_guard import staff

UNDO = "rule"  # the category of the message that offers to undo


class GestureSchema(Schema):
    """One gesture; the revision it was made on, so that nothing else is undone by mistake."""

    revision = forms.Number(minimum=1, maximum=10**6, required=True)
    reason = Text(maximum=300, load_default="")


@pages.get("/rules")
@guard(staff("rules:read"))
def rules() -> str | Response:
    """The list, or its file."""
    return _page()


@pages.post("/rules/<slug:slug>/pause")
@guard(staff("rules:write"))
def rules_pause(slug: str) -> Any:
    """Let a rule give nothing for a while."""
    return _switch(slug, enabled=False)


@pages.post("/rules/<slug:slug>/resume")
@guard(staff("rules:write"))
def rules_resume(slug: str) -> Any:
    """Let it count again."""
    return _switch(slug, enabled=True)


@pages.post("/rules/<slug:slug>/undo")
@guard(staff("rules:write"))
def rules_undo(slug: str) -> Any:
    """Go back to what was before the latest revision, as long as it is the latest."""
    said = forms.read(GestureSchema())
    rule = manage_rules.show_rule(current_services().db, slug)
    former = next((each for each in rule.revisions if each.number == said["revision"] - 1), None)
    if former is None:
        raise NotFound(what=f"revision {said['revision'] - 1}")
    reason = gettext("Revision %(number)s undone", number=said["revision"])
    return _apply(rule, former.body, said["revision"], reason)


def made(slug: str, number: int) -> WerkzeugResponse:
    """Back to the list, which says what was done and offers to undo it."""
    flash(f"{slug}/{number}", UNDO)
    return redirect(url_for("admin.rules"), 303)


def _switch(slug: str, *, enabled: bool) -> Any:
    said = forms.read(GestureSchema())
    rule = manage_rules.show_rule(current_services().db, slug)
    _, revision = telling.state_of(rule, clock.now())
    reason = said["reason"].strip() or (
        gettext("Resumed from the list") if enabled else gettext("Paused from the list")
    )
    return _apply(rule, {**revision.body, "enabled": enabled}, said["revision"], reason)


def _apply(rule: KeptRule, body: Any, expected: int, reason: str) -> Any:
    try:
        applied = manage_rules.apply_rule(
            current_services().db,
            slug=rule.slug,
            body=body,
            actor=caller().actor,
            reason=reason,
            expected_revision=expected,
            policed=True,
            may_replace_scheduled=False,
        )
    except manage_rules.ScheduledMeanwhile:  # it is told in full there, and confirmed
        enabled = "yes" if body["enabled"] else "no"
        return redirect(url_for("admin.rules_switch", slug=rule.slug, enabled=enabled), 303)
    except Refused as refused:
        return _page(refused=refused.say(spoken())), refused.status
    return made(rule.slug, applied.number)


def _page(**known: Any) -> str | Response:
    every = rows.all_rows()
    chosen = {name: request.args.get(name, "")[:100] for name in ("q", "state", "class", "network")}
    found = rows.kept(
        every,
        text=chosen["q"],
        state=chosen["state"],
        points_class=chosen["class"],
        network=chosen["network"],
    )
    if tables.wants_csv():
        return _file(found)
    begins = _whole(request.args.get("after", ""))
    named = sorted({network for row in every for network in row.networks})
    return render_template(
        "admin/rules/list.html",
        rows=found[begins : begins + tables.PAGE],
        older_key=begins + tables.PAGE if len(found) > begins + tables.PAGE else None,
        how_many=len(found),
        all_drafts=[(row, draft) for row in every for draft in row.drafts],
        chosen=chosen,
        states=[(state, telling.state_name(state)) for state in telling.STATES],
        classes=[(each, telling.class_name(each)) for each in telling.CLASSES],
        networks=[(each, OURS[each].say(spoken()) if each in OURS else NAMES.get(each, each)) for each in named],
        telling=telling,
        **known,
    )


def _file(found: list[rows.Row]) -> Response:
    header = (
        "slug", "name", "state", "class", "revision", "points_7_days", "holders_7_days", "awards_7_days",
        "points_issued", "budget", "sentence",
    )  # fmt: skip
    lines = (
        (
            row.slug, row.name, row.state or "draft", row.body["class"], row.number, row.given.points,
            row.given.holders, row.given.times, row.issued, row.budget, row.sentence,
        )
        for row in found
    )  # fmt: skip
    return tables.csv_answer("rules", header, lines)


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0
