"""Staff hand a person what is kept about them, and it is on record that they did."""

from __future__ import annotations

from typing import Any

from sqlmodel import Session

from loyalty.db import Joined, Writer
from loyalty.flows.export import export_fan
from loyalty.staff import audit


def export_on_request(db: Writer, *, fan_id: int, actor: str, reason: str) -> dict[str, Any]:
    """What `export_fan` gives the fan.

    Raises:
        NotFound: there is no such fan.
    """

    def steps(session: Session) -> dict[str, Any]:
        kept = export_fan(Joined(session), fan_id)
        audit.record(session, actor=actor, action="fan.exported", subject=f"fan:{fan_id}", reason=reason)
        return kept

    return db.write(steps)
