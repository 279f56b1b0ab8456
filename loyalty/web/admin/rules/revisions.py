"""What a rule was, who changed it and why; and the way back to any of it."""

from __future__ import annotations

from dataclasses import dataclass

from flask import render_template, request
from sqlmodel import Session

from loyalty import clock
from loyalty.errors import NotFound
from loyalty.flows import manage_rules
from loyalty.rules import drafts
from loyalty.rules.find import KeptRevision, KeptRule
from loyalty.rules.tables import RuleDraft
from loyalty.web.admin.blueprint import pages
from loyalty.web.admin.rules import review, telling
from loyalty.web.guards import guard
from loyalty.web.language import spoken
from loyalty.web.services import current_services
from loyalty.web.staff_guard import staff


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One revision in the timeline; `standing`: "now", "soon", "never" (replaced before it came into force), "past"."""

    revision: KeptRevision
    standing: str
    sentence: str
    changes: list[telling.Change]


@pages.get("/rules/<slug:slug>")
@guard(staff("rules:read"))
def rules_show(slug: str) -> str:
    """The timeline of a rule, the latest revision first."""
    db, now = current_services().db, clock.now()
    rule = manage_rules.show_rule(db, slug)

    def waiting(session: Session) -> list[RuleDraft]:
        return [draft for draft in drafts.waiting(session) if draft.slug == slug]

    state, revision = telling.state_of(rule, now)
    return render_template(
        "admin/rules/show.html",
        rule=rule,
        name=revision.body["name"][spoken()],
        state_code=state,
        revision=revision,
        told=list(reversed([_told(rule, at) for at in range(len(rule.revisions))])),
        drafts=db.read(waiting),
        telling=telling,
    )


@pages.get("/rules/<slug:slug>/revisions/<int:number>")
@guard(staff("rules:draft"))
def rules_return(slug: str, number: int) -> str:
    """Before going back to a revision: what that would change."""
    rule = manage_rules.show_rule(current_services().db, slug)
    former = next((each for each in rule.revisions if each.number == number), None)
    if former is None:
        raise NotFound(what=f"revision {number}")
    return review.page(
        review.Carried(slug=slug, body=former.body, based_on=rule.latest.number), returns_to=former.number
    )


@pages.get("/rules/<slug:slug>/switch")
@guard(staff("rules:write"))
def rules_switch(slug: str) -> str:
    """Before pausing or resuming a rule that has a revision planned: what that would replace."""
    rule = manage_rules.show_rule(current_services().db, slug)
    _, revision = telling.state_of(rule, clock.now())
    body = {**revision.body, "enabled": request.args.get("enabled") == "yes"}
    return review.page(review.Carried(slug=slug, body=body, based_on=rule.latest.number))


def _told(rule: KeptRule, at: int) -> Told:
    revision = rule.revisions[at]
    before = rule.revisions[at - 1].body if at else None
    return Told(
        revision=revision,
        standing=_standing(rule, revision),
        sentence=telling.sentence(revision.body),
        changes=telling.changes(before, revision.body) if before else [],
    )


def _standing(rule: KeptRule, revision: KeptRevision) -> str:
    now = clock.now()
    in_force = rule.in_force(now)
    if in_force is not None and revision.number == in_force.number:
        return "now"
    if revision in rule.scheduled(now):
        return "soon"
    later = [each for each in rule.revisions if each.number > revision.number]
    return "never" if any(each.in_force_from <= revision.in_force_from for each in later) else "past"
