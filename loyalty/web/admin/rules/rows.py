"""The rules as a list shows them: how each stands, what it gave in a week, what is left of its budget."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session

from loyalty import clock
from loyalty.day import day_number
from loyalty.fields import parse_moment
from loyalty.rules import drafts, find
from loyalty.rules.find import KeptRevision, KeptRule
from loyalty.rules.given import Given, given_since
from loyalty.rules.hints import Hint, hints
from loyalty.rules.tables import RuleDraft
from loyalty.web.admin.rules import telling
from loyalty.web.language import spoken
from loyalty.web.services import current_services

WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One rule, or one that is only drafted yet.

    Attributes:
        state: None for a rule that is only drafted.
        latest: the number an edit has to start from.
        soon: the revisions that are still to come into force.
        budget_left: of `budget`, for everybody.
    """

    slug: str
    name: str
    sentence: str
    body: Mapping[str, Any]
    state: str | None
    number: int
    latest: int
    since: datetime | None
    given: Given
    issued: int
    budget: int | None
    hints: Sequence[Hint]
    soon: Sequence[KeptRevision]
    drafts: Sequence[RuleDraft]

    @property
    def budget_left(self) -> int:
        """What may still be given."""
        return max(0, (self.budget or 0) - self.issued)

    @property
    def percent_left(self) -> int:
        """Of the budget, rounded up: 0 only when nothing is left."""
        return -(-100 * self.budget_left // self.budget) if self.budget else 0

    @property
    def networks(self) -> set[str]:
        """Those it names."""
        return _networks(self.body.get("when"))


def all_rows() -> list[Row]:
    """Every rule: those in force first, then by name."""
    now = clock.now()
    week_ago = (now - WEEK + timedelta(days=1)).astimezone(current_services().zone())

    def steps(session: Session) -> tuple[list[KeptRule], dict[str, Given], list[RuleDraft]]:
        return find.kept_rules(session), given_since(session, day_number(week_ago)), drafts.waiting(session)

    rules, given, waiting = current_services().db.read(steps)
    told = {rule.slug: telling.state_of(rule, now) for rule in rules}
    wrong = hints({slug: revision.body for slug, (_, revision) in told.items()}, now)
    found = [_row(rule, *told[rule.slug], given=given, wrong=wrong, waiting=waiting, now=now) for rule in rules]
    new = {draft.slug: draft for draft in waiting if draft.slug not in told}
    found += [_new(draft, [each for each in waiting if each.slug == slug]) for slug, draft in new.items()]
    order = {None: -1, telling.IN_FORCE: 0, telling.SCHEDULED: 1, telling.PAUSED: 2, telling.ENDED: 3}
    return sorted(found, key=lambda row: (order[row.state], row.name.casefold(), row.slug))


def kept(rows: Sequence[Row], *, text: str, state: str, points_class: str, network: str) -> list[Row]:
    """Those that fit the filters; an empty one fits everything."""
    wanted = text.casefold().split()
    return [
        row
        for row in rows
        if all(word in f"{row.slug} {row.name} {row.sentence}".casefold() for word in wanted)
        and state in ("", row.state or "draft", "draft" if row.drafts else "")
        and points_class in ("", row.body["class"])
        and (not network or network in row.networks)
    ]


def starts(body: Mapping[str, Any]) -> datetime | None:
    """When the window of a rule begins."""
    return parse_moment(body["from"]) if body.get("from") else None


def _row(
    rule: KeptRule,
    state: str,
    revision: KeptRevision,
    *,
    given: Mapping[str, Given],
    wrong: Mapping[str, Sequence[Hint]],
    waiting: Sequence[RuleDraft],
    now: datetime,
) -> Row:
    body = revision.body
    return Row(
        slug=rule.slug,
        name=body["name"][spoken()],
        sentence=telling.sentence(body),
        body=body,
        state=state,
        number=revision.number,
        latest=rule.latest.number,
        since=revision.in_force_from,
        given=given.get(rule.slug, Given()),
        issued=rule.points_issued,
        budget=body.get("limits", {}).get("budget_points"),
        hints=wrong[rule.slug],
        soon=rule.scheduled(now),
        drafts=[draft for draft in waiting if draft.slug == rule.slug],
    )


def _new(draft: RuleDraft, its: Sequence[RuleDraft]) -> Row:
    return Row(
        slug=draft.slug,
        name=draft.body["name"][spoken()],
        sentence=telling.sentence(draft.body),
        body=draft.body,
        state=None,
        number=0,
        latest=0,
        since=None,
        given=Given(),
        issued=0,
        budget=draft.body.get("limits", {}).get("budget_points"),
        hints=(),
        soon=(),
        drafts=its,
    )


def _networks(node: Any) -> set[str]:
    if isinstance(node, Mapping):
        named = node.get("network")
        if isinstance(named, Mapping):
            return set(named.get("one_of", ()))
        return {each for inside in node.values() for each in _networks(inside)}
    return {each for inside in node for each in _networks(inside)} if isinstance(node, list) else set()
