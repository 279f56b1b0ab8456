"""The journal by date, page by page, as whoever keeps the books reads it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from loyalty.ledger.tables import Entry

_entry = Entry.__table__  # type: ignore[attr-defined]
_KEY = (_entry.c.recorded_at, _entry.c.id, _entry.c.holder_id, _entry.c.leg)
_COLUMNS = (
    *_KEY, _entry.c.unit, _entry.c.debit, _entry.c.credit, _entry.c.amount, _entry.c.cause, _entry.c.cause_id,
    _entry.c.effective_at, _entry.c.reverses,
)  # fmt: skip
Place = tuple[datetime, int, int, int]


def legs(
    session: Session,
    first: datetime,
    last: datetime,
    *,
    limit: int,
    after: Place | None = None,
    account: str | None = None,
) -> Sequence[Any]:
    """Legs recorded from `first` on and before `last`, in the order they were recorded.

    Args:
        after: only those behind this place, see `place`.
        account: only those that debit or credit it.
    """
    chosen = sa.select(*_COLUMNS).where(_entry.c.recorded_at >= first, _entry.c.recorded_at < last)
    if after is not None:
        typed = (sa.bindparam(None, value, type_=column.type) for value, column in zip(after, _KEY, strict=True))
        chosen = chosen.where(_entry.c.recorded_at >= after[0], sa.tuple_(*_KEY) > sa.tuple_(*typed))
    if account is not None:
        chosen = chosen.where(sa.or_(_entry.c.debit == account, _entry.c.credit == account))
    return session.execute(chosen.order_by(*_KEY).limit(limit)).all()


def place(leg: Any) -> Place:
    """Where a leg stands in that order."""
    return leg.recorded_at, leg.id, leg.holder_id, leg.leg
