"""Earning rules: read, revised by whole bodies, tried on an activity that never happened."""

from collections.abc import Mapping
from typing import Any

from flask import Response, jsonify, request

from loyalty.activities.fact import ActivityFact
from loyalty.errors import Invalid, NotFound
from loyalty.flows import manage_rules
from loyalty.flows.try_rule import try_activity
from loyalty.i18n import LANGUAGES
from loyalty.programme.find import shows
from loyalty.rules.find import KeptRevision, KeptRule
from loyalty.rules.policy import ForbiddenByNetwork, ReasonNeeded
from loyalty.rules.revise import InForceInThePast, RuleChangedMeanwhile
from loyalty.rules.schema import in_order
from loyalty.rules.sentence import rule_sentence
from loyalty.web.api import sentences
from loyalty.web.api.activities import EXAMPLE as ACTIVITY_EXAMPLE
from loyalty.web.api.openapi import Routes
from loyalty.web.api.outcomes import told_verdict
from loyalty.web.api.rule_schemas import (
    AppliedSchema,
    KnownRuleSchema,
    RuleEditSchema,
    RuleHistorySchema,
    TrialSchema,
    TriedSchema,
)
from loyalty.web.api.schemas import NamedPageQuery, page, page_of
from loyalty.web.guards import caller, guard, scope
from loyalty.web.services import current_services

routes = Routes("rules", "When an activity earns, and how much. Every edit is a new revision that never changes.")


EXAMPLE = {
    "rule": {
        "name": {"fr": "Bonjour du matin", "en": "Morning hello"},
        "class": "redeemable",
        "when": {
            "all": [
                {"kind": {"one_of": ["live_chat"]}},
                {"network": {"one_of": ["twitch"]}},
                {"hours": {"from": "06:00", "to": "09:00"}},
            ]
        },
        "earn": {"fixed": 10},
        "limits": {"per_day": {"points": 50}},
    },
    "revision": 0,
    "reason": "La matinale fait sa rentrée.",
}


@routes.route("/rules")
@guard(scope("rules:read"))
@routes.arguments(NamedPageQuery, location="query")
@routes.response(200, page_of(KnownRuleSchema))
def list_rules(query: dict[str, Any]) -> Any:
    """See the rules, by slug"""
    limit, cursor = query["limit"], query["cursor"] or ""
    rows = [rule for rule in manage_rules.list_rules(current_services().db) if rule.slug > cursor][: limit + 1]
    found, names = page(rows, limit, lambda rule: rule.slug), current_services().db.read(shows)
    return {**found, "items": [_rule(each, names) for each in found["items"]]}


@routes.route("/rules/<slug:slug>")
@guard(scope("rules:read"))
@routes.response(
    200, RuleHistorySchema, headers={"ETag": {"description": "For `If-Match`.", "schema": {"type": "string"}}}
)
@routes.refuses(NotFound)
def show_rule(slug: str) -> Any:
    """See a rule and all its revisions"""
    rule = manage_rules.show_rule(current_services().db, slug)
    told = _rule(rule, current_services().db.read(shows))
    body = {**told, "revisions": [_revision(each) for each in rule.revisions]}
    return body, 200, {"ETag": f'"{rule.latest.number}"'}


@routes.route(
    "/rules/<slug:slug>",
    methods=["PUT"],
    parameters=[
        {
            "name": "If-Match",
            "in": "header",
            "description": "The ETag of the revision you started from.",
            "schema": {"type": "string", "pattern": '^"[0-9]{1,9}"$'},
        }
    ],
)
@guard(scope("rules:write"))
@routes.arguments(RuleEditSchema, example=EXAMPLE)
@routes.response(200, AppliedSchema)
@routes.refuses(RuleChangedMeanwhile, InForceInThePast, ForbiddenByNetwork, ReasonNeeded)
def put_rule(edit: dict[str, Any], slug: str) -> Any:
    """Make or revise a rule

    The whole body is given. What was judged before stays as it was; a body that says the same makes no revision.
    What the terms of a network forbid to reward is refused; what they leave open needs a `reason`.
    """
    applied = manage_rules.apply_rule(
        current_services().db,
        slug=slug,
        body=edit["rule"],
        actor=caller().actor,
        reason=edit["reason"],
        expected_revision=_expected(edit["revision"]),
        in_force_from=edit["in_force_from"],
        policed=True,
    )
    return {
        "slug": applied.slug,
        "revision": applied.number,
        "changed": applied.changed,
        "difference": applied.difference,
    }


@routes.route("/rules/try", methods=["POST"])
@guard(scope("rules:read"))
@routes.arguments(TrialSchema, example={"activity": ACTIVITY_EXAMPLE, "drafts": {"bonjour": EXAMPLE["rule"]}})
@routes.response(200, TriedSchema)
def try_rules(trial: dict[str, Any]) -> Response:
    """See what an activity would earn

    Judged by the very engine that judges live, with what its fan has earned so far; nothing is written.
    """
    fact: ActivityFact = trial["activity"]
    tried = try_activity(current_services().db, fact, drafts=trial["drafts"])
    return jsonify(
        outcome=tried.outcome,
        reason=tried.reason,
        sentence=sentences.of_outcome(
            tried.reason or "", tried.verdicts, points=tried.points, status_points=tried.status_points
        ),
        points=tried.points,
        status_points=tried.status_points,
        verdicts=[told_verdict(each) for each in tried.verdicts],
    )


def _expected(revision: int | None) -> int | None:
    match = request.if_match.as_set()
    if not match:
        return revision
    tag = next(iter(match))
    number = int(tag) if len(match) == 1 and tag.isascii() and tag.isdigit() and len(tag) < 10 else None
    if number is None or revision not in (None, number):
        raise Invalid({"If-Match": ["Must be the one ETag of this rule, and agree with `revision`."]})
    return number


def _rule(rule: KeptRule, names: Mapping[str, str]) -> dict[str, Any]:
    latest, zone = rule.latest, current_services().zone()
    body = in_order(latest.body)
    return {
        "slug": rule.slug,
        "revision": latest.number,
        "rule": body,
        "sentence": {language: rule_sentence(body, language, zone, shows=names) for language in LANGUAGES},
        "in_force_from": latest.in_force_from,
        "points_issued": rule.points_issued,
        "created_at": rule.created_at,
    }


def _revision(revision: KeptRevision) -> dict[str, Any]:
    return {
        "revision": revision.number,
        "rule": in_order(revision.body),
        "difference": revision.difference,
        "in_force_from": revision.in_force_from,
        "created_at": revision.created_at,
        "created_by": revision.created_by,
        "reason": revision.reason,
    }
