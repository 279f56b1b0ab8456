"""The legs that one cause posted, and those that took them back since."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from loyalty.ledger.tables import Entry

_entry = Entry.__table__  # type: ignore[attr-defined]


def legs_of(session: Session, *, cause: str, cause_id: int) -> list[sa.Row[Any]]:
    """Every leg, in the order they were posted."""
    own = list(session.execute(sa.select(_entry).where(_entry.c.cause_id == cause_id, _entry.c.cause == cause)))
    entry_ids = {leg.id for leg in own}
    if not entry_ids:
        return []
    back = session.execute(sa.select(_entry).where(_entry.c.reverses.in_(entry_ids)))
    return sorted([*own, *back], key=lambda leg: (leg.id, leg.leg))
