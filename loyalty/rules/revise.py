"""An edit of a rule is a new revision; what was written stays as it was."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from loyalty.db import TryAgain
from loyalty.errors import Conflict, Refused
from loyalty.i18n import Words
from loyalty.rules.difference import difference
from loyalty.rules.tables import Rule, RuleRevision

Latest = sa.Row[int, dict[str, Any]] | None


class RuleChangedMeanwhile(Conflict):
    """Somebody else revised the rule since it was read; nothing of theirs is overwritten."""

    code = "rule_changed_meanwhile"
    words = Words(
        fr="La règle {slug} a changé : vous partiez de la version {expected}, la dernière est la {current}.",
        en="Rule {slug} has changed: you started from revision {expected}, the latest is {current}.",
    )


class InForceInThePast(Refused):
    """An edit would change what has been judged already."""

    code = "in_force_in_the_past"
    words = Words(
        fr="Une règle existante ne change pas dans le passé ({at:moment}).",
        en="A rule that exists does not change in the past ({at:moment}).",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """What became of one edit.

    Attributes:
        number: of the latest revision: the one just made, or if nothing changed the one there was.
        previous: the number it was compared with; 0 for a new rule.
        before: the body it was compared with; None for a new rule.
        difference: what changed, in lines; for a new rule, all of it.
    """

    slug: str
    number: int
    previous: int
    before: Mapping[str, Any] | None
    difference: list[str]

    @property
    def changed(self) -> bool:
        """Whether there is a new revision."""
        return self.number != self.previous


def compare(session: Session, *, slug: str, body: Mapping[str, Any]) -> Applied:
    """What `revise` would do, without doing it.

    Args:
        body: canonical.
    """
    return _compared(_latest(session, slug), slug, body)


def revise(
    session: Session,
    *,
    slug: str,
    body: Mapping[str, Any],
    actor: str,
    reason: str | None,
    expected_revision: int | None,
    in_force_from: datetime | None,
    now: datetime,
) -> Applied:
    """Write the next revision of a rule, or the first; the same body again writes none.

    Args:
        body: canonical.
        expected_revision: the number the editor saw, 0 for "there is no such rule"; None: whatever it is.
        in_force_from: None: now. It replaces what an earlier edit planned for later.

    Raises:
        RuleChangedMeanwhile: the latest revision is another than expected.
        InForceInThePast: the rule exists and `in_force_from` is over.
        TryAgain: somebody made the same rule in this very moment.
    """
    rule = session.exec(select(Rule).where(Rule.slug == slug).with_for_update()).one_or_none()
    found = _compared(_latest(session, slug), slug, body)
    if expected_revision is not None and expected_revision != found.previous:
        raise RuleChangedMeanwhile(slug=slug, expected=expected_revision, current=found.previous)
    if not found.changed:
        return found
    if rule is not None and in_force_from is not None and in_force_from < now:
        raise InForceInThePast(at=in_force_from)
    try:
        if rule is None:
            rule = Rule(slug=slug, created_at=now)
            session.add(rule)
            session.flush()
        assert rule.id is not None
        session.add(
            RuleRevision(
                rule_id=rule.id,
                number=found.number,
                body=dict(body),
                in_force_from=in_force_from or now,
                created_at=now,
                created_by=str(actor),
                reason=reason,
            )
        )
        session.flush()
    except IntegrityError:
        raise TryAgain from None
    return found


def _latest(session: Session, slug: str) -> Latest:
    return session.execute(
        sa.select(col(RuleRevision.number), col(RuleRevision.body))
        .join(Rule, col(Rule.id) == col(RuleRevision.rule_id))
        .where(col(Rule.slug) == slug)
        .order_by(col(RuleRevision.number).desc())
        .limit(1)
    ).one_or_none()


def _compared(latest: Latest, slug: str, body: Mapping[str, Any]) -> Applied:
    previous, before = (0, None) if latest is None else (latest[0], latest[1])
    changes = difference(before, body)
    return Applied(
        slug=slug,
        number=previous + 1 if changes else previous,
        previous=previous,
        before=before,
        difference=changes,
    )
