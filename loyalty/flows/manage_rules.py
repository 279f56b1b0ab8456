"""Write, compare, show and export earning rules."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlmodel import Session

from loyalty import clock
from loyalty.db import Writer
from loyalty.errors import Conflict
from loyalty.i18n import Words
from loyalty.ids import BUCKETS
from loyalty.ledger.post import lock_buckets
from loyalty.rules import find, issued, policy
from loyalty.rules.find import KeptRule
from loyalty.rules.revise import Applied, compare, revise
from loyalty.rules.schema import VERSION, canonical, canonical_document, checked_slug
from loyalty.staff import audit


class ScheduledMeanwhile(Conflict):
    """An edit would take the place of a revision that is planned for later."""

    code = "scheduled_meanwhile"
    words = Words(
        fr="La version {number} est programmée pour le {at:moment} : confirmez qu’elle peut être remplacée.",
        en="Revision {number} is planned for {at:moment}: confirm that it may be replaced.",
    )


def apply_rule(
    db: Writer,
    *,
    slug: str,
    body: Any,
    actor: str,
    reason: str | None = None,
    expected_revision: int | None = None,
    in_force_from: datetime | None = None,
    policed: bool = False,
    may_replace_scheduled: bool = True,
) -> Applied:
    """Make a rule, or revise it; a body that changes nothing makes no revision.

    Args:
        body: see `rules/schema.py`.
        expected_revision: the number the editor started from, 0 for a new rule; None: whatever is there.
        in_force_from: now unless said otherwise; before now only for a new rule. It judges what happens from
            then on.
        policed: whether what the networks forbid is refused (`rules/policy.py`): what people write.
        may_replace_scheduled: whether a revision planned for later may be replaced by this one.

    Raises:
        Invalid: the slug or the body is not one.
        RuleChangedMeanwhile, InForceInThePast, ScheduledMeanwhile.
        ForbiddenByNetwork, ReasonNeeded: where it is policed.
    """
    bodies = {checked_slug(slug): canonical(body)}
    if policed:
        policy.enforce(bodies[slug], reason=reason)
    if not may_replace_scheduled:
        db.read(lambda session: _refuse_replacing(session, slug, in_force_from))
    expected = {} if expected_revision is None else {slug: expected_revision}
    (applied,) = _apply(db, bodies, expected, actor=actor, reason=reason, in_force_from=in_force_from)
    return applied


def apply_rules(
    db: Writer,
    document: Any,
    *,
    actor: str,
    reason: str | None = None,
    expected_revisions: Mapping[str, int] | None = None,
    in_force_from: datetime | None = None,
    policed: bool = False,
) -> list[Applied]:
    """Apply every rule of a document, all or none; rules it does not name stay as they are.

    Args:
        document: as `export_rules` makes it.
        expected_revisions, policed: see `apply_rule`; a rule that does not change is not looked at again.

    Raises:
        Invalid: with all that is wrong, by path.
        RuleChangedMeanwhile, InForceInThePast.
        ForbiddenByNetwork, ReasonNeeded: where it is policed.
    """
    bodies, expected = canonical_document(document), expected_revisions or {}
    if policed:
        for each in compare_rules(db, document):
            if each.changed:
                policy.enforce(bodies[each.slug], reason=reason)
    return _apply(db, bodies, expected, actor=actor, reason=reason, in_force_from=in_force_from)


def compare_rules(db: Writer, document: Any) -> list[Applied]:
    """What `apply_rules` would do, without doing it.

    Raises:
        Invalid: with all that is wrong, by path.
    """
    bodies = canonical_document(document)
    return db.read(lambda session: [compare(session, slug=slug, body=bodies[slug]) for slug in sorted(bodies)])


def list_rules(db: Writer) -> list[KeptRule]:
    """Every rule, by slug."""
    return db.read(find.kept_rules)


def show_rule(db: Writer, slug: str) -> KeptRule:
    """One rule with all its revisions and what each changed.

    Raises:
        NotFound: there is none of that slug.
    """
    return db.read(lambda session: find.kept_rule(session, slug))


def export_rules(db: Writer) -> dict[str, Any]:
    """The latest revision of every rule as one document, which `apply_rules` takes back."""
    return {"version": VERSION, "rules": {rule.slug: rule.latest.body for rule in list_rules(db)}}


def _refuse_replacing(session: Session, slug: str, in_force_from: datetime | None) -> None:
    """Look whether an edit would replace what is planned; the expected revision guards against one planned since."""
    rule, now = find.rule_if_any(session, slug), clock.now()
    for planned in rule.scheduled(now) if rule else ():
        if planned.in_force_from >= (in_force_from or now):
            raise ScheduledMeanwhile(number=planned.number, at=planned.in_force_from)


def _apply(
    db: Writer,
    bodies: Mapping[str, dict[str, Any]],
    expected: Mapping[str, int],
    *,
    actor: str,
    reason: str | None,
    in_force_from: datetime | None,
) -> list[Applied]:
    def one(session: Session, slug: str, now: datetime) -> Applied:
        applied = revise(
            session,
            slug=slug,
            body=bodies[slug],
            actor=actor,
            reason=reason,
            expected_revision=expected.get(slug),
            in_force_from=in_force_from,
            now=now,
        )
        if applied.changed:
            if issued.has_budget(bodies[slug]):
                issued.count_in_one_row(session, slug)
            audit.record(
                session,
                actor=actor,
                action="rule.revised" if applied.previous else "rule.made",
                subject=f"rule:{slug}",
                before=applied.before,
                after=bodies[slug],
                reason=reason,
            )
        return applied

    def steps(session: Session) -> list[Applied]:
        now = clock.now()
        if any(issued.wants_one_count(session, slug, body) for slug, body in bodies.items()):
            lock_buckets(session, range(BUCKETS))
        # In one order, so that two documents never wait for each other.
        return [one(session, slug, now) for slug in sorted(bodies)]

    return db.write(steps)
