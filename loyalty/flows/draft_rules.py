"""Draft a rule for somebody else to publish, publish a draft, or discard it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlmodel import Session

from loyalty import clock
from loyalty.db import Joined, Writer
from loyalty.flows.manage_rules import apply_rule
from loyalty.rules import drafts
from loyalty.rules.revise import Applied
from loyalty.rules.schema import canonical, checked_slug
from loyalty.rules.tables import RuleDraft
from loyalty.staff import audit


def save_draft(
    db: Writer,
    *,
    slug: str,
    body: Any,
    based_on: int,
    note: str | None,
    actor: str,
    replaces: int | None = None,
) -> RuleDraft:
    """Keep a revision that is not in force. What networks forbid is said when it is published, not here.

    Args:
        based_on: the number of the revision it was written over; 0 for a new rule.
        replaces: an earlier draft of it, which waits no longer if it is the actor's own.

    Raises:
        Invalid: the slug or the body is not one.
    """
    slug, body = checked_slug(slug), canonical(body)

    def steps(session: Session) -> RuleDraft:
        kept = drafts.keep(session, slug=slug, body=body, based_on=based_on, note=note, actor=actor, now=clock.now())
        _replace_own(session, replaces, actor)
        audit.record(
            session,
            actor=actor,
            action="rule.drafted",
            subject=f"rule:{slug}",
            after={"draft": str(kept.id), "based_on": based_on, "rule": body},
            reason=note,
        )
        return kept

    return db.write(steps)


def publish_draft(
    db: Writer,
    draft_id: int,
    *,
    actor: str,
    reason: str,
    body: Any = None,
    based_on: int | None = None,
    in_force_from: datetime | None = None,
    may_replace_scheduled: bool = False,
) -> Applied:
    """Make a draft the next revision of its rule.

    Args:
        body: what is published instead, where whoever publishes has changed it.
        based_on: the revision they saw when they did.
        in_force_from: now unless said otherwise.

    Raises:
        NotFound, DraftDecided
        RuleChangedMeanwhile: somebody revised the rule since it was drafted.
        InForceInThePast, ScheduledMeanwhile, ForbiddenByNetwork, ReasonNeeded: see `apply_rule`.
    """

    def steps(session: Session) -> Applied:
        draft = drafts.decide(session, draft_id, decision=drafts.PUBLISHED, actor=actor, now=clock.now())
        applied = apply_rule(
            Joined(session),
            slug=draft.slug,
            body=draft.body if body is None else body,
            actor=actor,
            reason=reason,
            expected_revision=draft.based_on if based_on is None else based_on,
            in_force_from=in_force_from,
            policed=True,
            may_replace_scheduled=may_replace_scheduled,
        )
        audit.record(
            session,
            actor=actor,
            action="rule.draft_published",
            subject=f"rule:{draft.slug}",
            before={"draft": str(draft_id), "drafted_by": draft.created_by},
            after={"revision": applied.number},
            reason=reason,
        )
        return applied

    return db.write(steps)


def discard_draft(db: Writer, draft_id: int, *, actor: str, reason: str) -> RuleDraft:
    """Say no to a draft; it stays readable.

    Raises:
        NotFound, DraftDecided
    """

    def steps(session: Session) -> RuleDraft:
        draft = drafts.decide(session, draft_id, decision=drafts.DISCARDED, actor=actor, now=clock.now())
        audit.record(
            session,
            actor=actor,
            action="rule.draft_discarded",
            subject=f"rule:{draft.slug}",
            before={"draft": str(draft_id), "drafted_by": draft.created_by, "rule": draft.body},
            reason=reason,
        )
        return draft

    return db.write(steps)


def _replace_own(session: Session, draft_id: int | None, actor: str) -> None:
    earlier = None if draft_id is None else drafts.draft(session, draft_id)
    if earlier is None or earlier.decision is not None or earlier.created_by != str(actor):
        return
    drafts.decide(session, earlier.id, decision=drafts.DISCARDED, actor=actor, now=clock.now())
