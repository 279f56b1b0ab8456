"""Revisions that somebody wrote and did not put in force, until somebody else publishes or discards them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from loyalty import ids
from loyalty.errors import Conflict, NotFound
from loyalty.i18n import Words
from loyalty.rules.tables import RuleDraft

PUBLISHED, DISCARDED = "published", "discarded"
_draft = RuleDraft.__table__  # type: ignore[attr-defined]


class DraftDecided(Conflict):
    """Somebody else has published or discarded the draft meanwhile."""

    code = "draft_decided"
    words = Words(
        fr="Ce brouillon n’attend plus : {decided_by} s’en est occupé.",
        en="This draft waits no longer: {decided_by} has dealt with it.",
    )


def keep(
    session: Session, *, slug: str, body: Mapping[str, Any], based_on: int, note: str | None, actor: str, now: datetime
) -> RuleDraft:
    """Keep a draft.

    Args:
        body: canonical.
        based_on: the number of the revision it was written over; 0 for a new rule.
    """
    draft = RuleDraft(
        id=ids.new(),
        slug=slug,
        body=dict(body),
        based_on=based_on,
        note=note,
        created_by=str(actor),
        created_at=now,
    )
    session.add(draft)
    session.flush()
    return draft


def waiting(session: Session) -> list[RuleDraft]:
    """The drafts nobody has decided about, the latest first."""
    chosen = select(RuleDraft).where(col(RuleDraft.decision).is_(None)).order_by(col(RuleDraft.id).desc())
    return list(session.exec(chosen))


def draft(session: Session, draft_id: int) -> RuleDraft:
    """One draft, decided or not.

    Raises:
        NotFound
    """
    found = session.get(RuleDraft, draft_id)
    if found is None:
        raise NotFound(what=f"draft {draft_id}")
    return found


def decide(session: Session, draft_id: int, *, decision: str, actor: str, now: datetime) -> RuleDraft:
    """Let a draft wait no longer.

    Raises:
        NotFound
        DraftDecided: somebody was faster.
    """
    decided = session.execute(
        sa.update(_draft)
        .where(_draft.c.id == draft_id, _draft.c.decision.is_(None))
        .values(decision=decision, decided_by=str(actor), decided_at=now)
    )
    found = draft(session, draft_id)
    if decided.rowcount != 1:  # type: ignore[attr-defined]
        raise DraftDecided(decided_by=found.decided_by)
    return found
