"""What would an activity earn? Judged by the very engine that judges live, and nothing is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlmodel import Session

from loyalty import clock
from loyalty.activities.fact import ActivityFact, KeyedFact
from loyalty.db import Writer
from loyalty.fans.identities import Account, KnownIdentity, find_identities
from loyalty.flows.earn import Outcome
from loyalty.flows.judge import Judge
from loyalty.programme.find import the_programme
from loyalty.rules.compile import compile_revision
from loyalty.rules.evaluate import Revision
from loyalty.rules.find import History, current_history
from loyalty.rules.schema import checked_slug

_ALWAYS = datetime(1970, 1, 1, tzinfo=UTC)


def try_activity(db: Writer, fact: ActivityFact, *, drafts: Mapping[str, Any] | None = None) -> Outcome:
    """What one activity would earn, see `try_activities`."""
    (outcome,) = try_activities(db, [fact], drafts=drafts)
    return outcome


def try_activities(
    db: Writer, facts: Sequence[ActivityFact], *, drafts: Mapping[str, Any] | None = None
) -> list[Outcome]:
    """What activities would earn, each after the ones before it, from what their fans have earned so far.

    Whether they are on record already is not asked: an activity that was judged can be tried again.

    Args:
        drafts: bodies of rules by slug, that take the place of the revisions in force, or stand beside them.

    Returns:
        one outcome a fact, of the status "tried" and without an id; an account we never met is a newcomer.

    Raises:
        Invalid: a draft is not valid, by path.
        NotFound: the programme is not set up.
    """
    given = {checked_slug(slug): body for slug, body in (drafts or {}).items()}

    def steps(session: Session) -> list[Outcome]:
        history = with_drafts(current_history(session), given)
        judge = Judge(session, the_programme(session), history, now=clock.now())
        identities = _identities(session, facts)
        judge.read(facts, identities)
        judged = [judge.judge(KeyedFact.of(fact), identities[fact.network, fact.actor]) for fact in facts]
        return [
            Outcome(
                "tried",
                None,
                each.outcome,
                each.reason,
                each.points,
                each.status_points,
                [verdict.kept for verdict in each.verdicts],
            )
            for each in judged
        ]

    return db.read(steps)


def with_drafts(history: History, drafts: Mapping[str, Any]) -> History:
    """The history as if each draft had always been in force; what its rule gave so far still counts."""
    rules = {revisions[0].slug: rule_id for rule_id, revisions in history.items()}
    tried = dict(history)
    for newcomer, (slug, body) in enumerate(sorted(drafts.items()), 1):
        rule_id = rules.get(slug, -newcomer)  # no row has a negative id
        known: Sequence[Revision] = history.get(rule_id, ())
        number = len(known) + 1
        tried[rule_id] = [
            compile_revision(
                body, revision_id=-newcomer, rule_id=rule_id, slug=slug, number=number, in_force_from=_ALWAYS
            )
        ]
    return tried


def _identities(session: Session, facts: Sequence[ActivityFact]) -> dict[Account, KnownIdentity]:
    accounts = {(fact.network, fact.actor) for fact in facts}
    known = find_identities(session, accounts)
    for newcomer, account in enumerate(sorted(accounts - known.keys()), 1):
        known[account] = KnownIdentity(-newcomer, *account, holder_id=-newcomer, fan_id=None)
    return known
