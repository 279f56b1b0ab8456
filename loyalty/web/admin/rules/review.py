"""Before a rule is live: what it changes, what it would say to one activity, what the last days would have given."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import g, render_template
from marshmallow import Schema, fields, validate
from sqlmodel import Session

from loyalty import clock
from loyalty.activities.fact import OWN_NETWORK, ActivityFact
from loyalty.errors import Invalid, NotFound, Refused
from loyalty.fields import Text
from loyalty.flows.backtest import DAYS, Backtest, backtest
from loyalty.flows.earn import Outcome
from loyalty.flows.try_rule import try_activity
from loyalty.programme.find import shows
from loyalty.rules import drafts, find
from loyalty.rules.condition import Known
from loyalty.rules.conditions.kind import DEEDS
from loyalty.rules.conditions.network import NAMES, OURS
from loyalty.rules.find import KeptRule
from loyalty.rules.schema import SlugText, canonical
from loyalty.rules.tables import RuleDraft
from loyalty.rules.words import explain, explain_outcome
from loyalty.staff.roles import may
from loyalty.web import field_errors, forms
from loyalty.web.admin.blueprint import pages
from loyalty.web.admin.rules import bars, telling
from loyalty.web.guards import guard
from loyalty.web.language import spoken
from loyalty.web.services import current_services
from loyalty.web.staff_guard import staff

_LONGEST_BODY = 400_000
_NOBODY = "somebody new"  # an account nobody has met: what a newcomer would be told


class CarriedSchema(Schema):
    """What every form of the review carries: the rule that is not there yet."""

    slug = SlugText(required=True)
    body = Text(maximum=_LONGEST_BODY, lines=True, required=True)
    based_on = forms.Number(minimum=0, maximum=10**6, required=True)
    draft = forms.Number(minimum=1, maximum=2**63 - 1, load_default=None)


class TrySchema(CarriedSchema):
    """One activity that never happened."""

    network = Text(minimum=1, maximum=60, pattern=r"[a-z0-9][a-z0-9_\-]{0,59}", required=True)
    kind = Text(minimum=1, maximum=60, pattern=r"[a-z0-9][a-z0-9_\-]{0,59}", required=True)
    actor = Text(maximum=255, load_default="")
    quantity = forms.Number(minimum=1, maximum=10**9, load_default=1)
    text = Text(maximum=5000, lines=True, load_default="")
    object = Text(maximum=1000, load_default="")
    show = Text(maximum=100, load_default="")
    campaign = Text(maximum=100, load_default="")
    happened_at = forms.LocalMoment(load_default=None)


class ReplaySchema(CarriedSchema):
    """How far back."""

    days = fields.String(required=True, validate=validate.OneOf([str(each) for each in DAYS]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """A rule that is reviewed.

    Attributes:
        body: canonical.
        based_on: the number of the revision it was written over; 0: the rule is new.
        draft: the draft it comes from, where it comes from one.
    """

    slug: str
    body: Mapping[str, Any]
    based_on: int
    draft: int | None = None

    @property
    def as_json(self) -> str:
        """The body, for a hidden field."""
        return json.dumps(self.body, ensure_ascii=False, separators=(",", ":"))


def read(schema: CarriedSchema) -> tuple[Carried, dict[str, Any]]:
    """What a form of the review says.

    Raises:
        Invalid: with what is wrong, by field.
    """
    said = forms.read(schema)
    return _carried(said), said


def carried() -> Carried:
    """What a form of the review carries, whatever else is wrong with it.

    Raises:
        Invalid: not even that can be read.
    """
    given = {name: value for name, value in forms.given().items() if name in CarriedSchema().fields}
    return _carried(_loaded(given))


@pages.post("/rules/try")
@guard(staff("rules:draft"))
def rules_try() -> Any:
    """What one activity would be told."""
    asked = carried()
    try:
        _, said = read(TrySchema())
        tried = try_activity(current_services().db, _fact(said), drafts={asked.slug: asked.body})
    except Refused as refused:
        return page(asked, trial=forms.given(), **wrong(refused, "trial_errors")), refused.status
    return page(asked, trial=forms.given(), tried=_told(tried, asked.slug))


@pages.post("/rules/replay")
@guard(staff("rules:draft"))
def rules_replay() -> Any:
    """What the last days would have given."""
    asked, said = read(ReplaySchema())
    days = int(said["days"])
    found = backtest(current_services().db, {asked.slug: asked.body}, days=days)
    return page(asked, days=days, replayed=found, plot=bars.of_days(found))


def page(asked: Carried, *, replayed: Backtest | None = None, **known: Any) -> str:
    """The review."""
    db, now = current_services().db, clock.now()

    def steps(session: Session) -> tuple[KeptRule | None, RuleDraft | None, dict[str, str]]:
        draft = None if asked.draft is None else drafts.draft(session, asked.draft)
        return find.rule_if_any(session, asked.slug), draft, shows(session)

    rule, draft, programme_shows = db.read(steps)
    former = telling.state_of(rule, now)[1] if rule else None
    start = _revision(rule, asked.based_on)
    latest = rule.latest.number if rule else 0
    meanwhile = latest != asked.based_on
    found = telling.told_findings(asked.body)
    return render_template(
        "admin/rules/review.html",
        asked=asked,
        rule=rule,
        draft=draft,
        former=former,
        changes=telling.changes(former.body if former else None, asked.body),
        latest=latest,
        meanwhile=telling.changes(start.body if start else None, rule.latest.body) if meanwhile and rule else None,
        mine=telling.changes(start.body if start else None, asked.body) if meanwhile else None,
        soon=rule.scheduled(now) if rule else (),
        findings=[each for each in found if each.verdict != telling.ALLOWED],
        forbids=any(each.verdict == telling.FORBIDDEN for each in found),
        today=now.date(),
        replayed=replayed,
        names_shown=may(g.staff.role, "fans:read"),
        explained=lambda verdict: explain(verdict, spoken(), current_services().zone()),
        networks=[(code, words.say(spoken())) for code, words in OURS.items()] + list(NAMES.items()),
        kinds=[(kind, words.say(spoken())) for kind, words in DEEDS.items()],
        shows=programme_shows,
        telling=telling,
        day_choices=DAYS,
        **known,
    )


def wrong(refused: Refused, errors: str) -> dict[str, Any]:
    """What a page says of a refusal: by field under the name `errors`, else in a sentence."""
    by_field = field_errors.in_words(refused.errors, spoken()) if isinstance(refused, Invalid) else {}
    return {errors: by_field, "refused": None if by_field else refused.say(spoken())}


def station_knows(session: Session) -> Known:
    """What an editor of rules may offer."""
    return Known(shows=shows(session))


def _carried(said: Mapping[str, Any]) -> Carried:
    try:
        body = json.loads(said["body"])
    except (ValueError, RecursionError):
        raise Invalid({"body": ["Not JSON."]}) from None
    return Carried(slug=said["slug"], body=canonical(body), based_on=said["based_on"], draft=said.get("draft"))


def _loaded(given: Mapping[str, str]) -> dict[str, Any]:
    problem = CarriedSchema().validate(given)
    if problem:
        raise Invalid(problem)
    loaded: dict[str, Any] = CarriedSchema().load(given)
    return loaded


def _revision(rule: KeptRule | None, number: int) -> Any:
    return next((each for each in rule.revisions if each.number == number), None) if rule else None


def _fact(said: Mapping[str, Any]) -> ActivityFact:
    if said["network"] == OWN_NETWORK and said["actor"] and not said["actor"].isdigit():
        raise NotFound(what=said["actor"])
    return ActivityFact(
        network=said["network"],
        actor=said["actor"].strip() or _NOBODY,
        kind=said["kind"],
        object=said["object"] or "test",
        external_id="test",
        happened_at=said["happened_at"],
        quantity=said["quantity"],
        campaign=said["campaign"] or None,
        show=said["show"] or None,
        text=said["text"] or None,
    )


def _told(tried: Outcome, slug: str) -> dict[str, Any]:
    """The outcome in words, and that of every rule: the reviewed one first, then those that gave something."""
    language, zone = spoken(), current_services().zone()
    verdicts = sorted(tried.verdicts, key=lambda each: (each["rule"] != slug, -each["points"]))
    return {
        "awarded": tried.outcome == "awarded",
        "sentence": explain_outcome(
            tried.reason or "",
            tried.verdicts,
            language,
            points=tried.points,
            status_points=tried.status_points,
            time_zone=zone,
        ),
        "verdicts": [(each, explain(each, language, zone)) for each in verdicts],
    }
