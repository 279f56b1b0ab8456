"""A second person decides about what somebody asked for; what they agree to is done in the same transaction.

To let another action wait for two people: its flow calls `approvals.ask` with an action of its own, and `DOERS` names,
for that action, the function which does it once it is approved.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from sqlmodel import Session

from loyalty.db import Writer
from loyalty.flows import adjust, change_expiry, propose_movement
from loyalty.staff import approvals, audit
from loyalty.staff.approvals import APPROVED, REFUSED
from loyalty.staff.tables import Approval

# Each is called as (session, approval, actor=who agreed). It never commits, and may refuse what cannot be any more:
# then nothing was decided, and the request waits on.
DOERS: Mapping[str, Callable[..., None]] = MappingProxyType(
    {
        adjust.ACTION: adjust.adjust_approved,
        change_expiry.ACTION: change_expiry.change_approved,
        propose_movement.ACTION: propose_movement.move_approved,
    }
)


def approve(db: Writer, *, approval_id: int, actor: str, because: str | None = None) -> Approval:
    """Agree to what somebody else asked for, and do it.

    Raises:
        NotFound
        OwnApproval
        AlreadyDecided
        Refused: it cannot be done any more; it waits on.
    """
    return _decide(db, approval_id, APPROVED, actor, because)


def refuse(db: Writer, *, approval_id: int, actor: str, because: str) -> Approval:
    """Turn down what somebody else asked for.

    Raises:
        NotFound
        OwnApproval
        AlreadyDecided
    """
    return _decide(db, approval_id, REFUSED, actor, because)


def _decide(db: Writer, approval_id: int, decision: str, actor: str, because: str | None) -> Approval:
    def steps(session: Session) -> Approval:
        approval = approvals.decide(session, approval_id, decision=decision, actor=actor, because=because)
        if decision == APPROVED:
            DOERS[approval.action](session, approval, actor=actor)
        audit.record(
            session,
            actor=actor,
            action=f"approval.{decision}",
            subject=approval.subject,
            before={"asked_by": approval.asked_by, "reason": approval.reason},
            after={"approval": str(approval.id), "action": approval.action, **approval.payload},
            reason=because,
        )
        return approval

    return db.write(steps)
