"""What one person asked for waits until another agrees: nobody approves their own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from loyalty import clock, ids
from loyalty.errors import NotFound, Refused
from loyalty.i18n import Words
from loyalty.staff.tables import Approval

APPROVED, REFUSED = "approved", "refused"

_approval = Approval.__table__  # type: ignore[attr-defined]


class OwnApproval(Refused):
    """Who asked cannot be the second person."""

    code = "own_approval"
    status = 409
    words = Words(
        fr="C’est vous qui l’avez demandé : quelqu’un d’autre doit décider.",
        en="You asked for this yourself: somebody else has to decide.",
    )


class AlreadyDecided(Refused):
    """Somebody else decided meanwhile."""

    code = "already_decided"
    status = 409
    words = Words(fr="C’est déjà décidé, par {decided_by}.", en="This was decided already, by {decided_by}.")


def ask(
    session: Session, *, action: str, subject: str, payload: Mapping[str, Any], reason: str, actor: str
) -> Approval:
    """Put something before a second person.

    Args:
        action: what is to be done, as the audit trail will say it.
        subject: to what.
        payload: the rest of what has to be known to do it, as plain JSON.
    """
    row = Approval(
        id=ids.new(),
        action=action,
        subject=subject,
        payload=dict(payload),
        reason=reason,
        asked_by=str(actor),
        asked_at=clock.now(),
    )
    session.add(row)
    session.flush()
    return row


def decide(session: Session, approval_id: int, *, decision: str, actor: str, because: str | None) -> Approval:
    """Approve or refuse, once.

    Raises:
        NotFound
        OwnApproval
        AlreadyDecided
    """
    found = get(session, approval_id)
    if found.asked_by == str(actor):
        raise OwnApproval
    decided: Any = session.execute(
        sa.update(_approval)
        .where(_approval.c.id == approval_id, _approval.c.decided_at.is_(None))
        .values(decision=decision, decided_by=str(actor), decided_at=clock.now(), decided_because=because)
    )
    session.refresh(found)
    if not decided.rowcount:
        raise AlreadyDecided(decided_by=found.decided_by)
    return found


def get(session: Session, approval_id: int) -> Approval:
    """One of them.

    Raises:
        NotFound
    """
    found = session.get(Approval, approval_id)
    if found is None:
        raise NotFound(what="approval")
    return found


def about(session: Session, *, action: str, subject: str) -> list[Approval]:
    """Everything of one kind that was ever asked about a subject."""
    chosen = select(Approval).where(Approval.action == action, Approval.subject == subject)
    return list(session.exec(chosen.order_by(col(Approval.id))))


def waiting(session: Session) -> list[Approval]:
    """Those nobody decided yet, the oldest first."""
    return list(session.exec(select(Approval).where(col(Approval.decided_at).is_(None)).order_by(col(Approval.id))))


def decided(session: Session, *, limit: int) -> list[Approval]:
    """Those decided last."""
    chosen = select(Approval).where(col(Approval.decided_at).is_not(None)).order_by(col(Approval.id).desc())
    return list(session.exec(chosen.limit(limit)))
