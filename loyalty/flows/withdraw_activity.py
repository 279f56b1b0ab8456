"""Staff withdraw an activity that should not count: what it earned is taken back, and why is on record."""

from __future__ import annotations

from sqlmodel import Session

from loyalty import clock
from loyalty.activities import browse
from loyalty.activities.fact import WithdrawnFact
from loyalty.db import Joined, Writer
from loyalty.errors import Refused
from loyalty.flows.reverse import withdraw
from loyalty.i18n import Words
from loyalty.staff import audit


class AlreadyWithdrawn(Refused):
    """It is withdrawn already; what it earned was taken back then."""

    code = "already_withdrawn"
    status = 409
    words = Words(fr="Cette participation est déjà retirée.", en="This activity is withdrawn already.")


def withdraw_activity(db: Writer, activity_id: int, *, actor: str, reason: str) -> int:
    """Withdraw one activity, wholly.

    Returns:
        the points that were taken back.

    Raises:
        NotFound
        AlreadyWithdrawn
    """

    def steps(session: Session) -> int:
        row = browse.activity(session, activity_id)
        fact = WithdrawnFact(act_key=row.act_key, happened_at=clock.now())
        (done,) = withdraw(Joined(session), [fact], source=str(actor))
        if done.status == "duplicate":
            raise AlreadyWithdrawn
        audit.record(
            session,
            actor=actor,
            action="activity.withdrawn",
            subject=f"activity:{activity_id}",
            before={"outcome": row.outcome, "points": row.points, "status_points": row.status_points},
            after={"outcome": "withdrawn", "points_taken_back": done.points},
            reason=reason,
        )
        return done.points

    return db.write(steps)
