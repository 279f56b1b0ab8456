"""What was granted is taken back, as it was recorded: never recomputed, never more than was given."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from loyalty import bulk, clock
from loyalty.ledger import pending
from loyalty.ledger.journal import DEBT, ISSUED, PENDING, STATUS, STATUS_UNIT, WALLET, Journal
from loyalty.ledger.locks import HolderState
from loyalty.ledger.lots import draw, open_lots, status_years
from loyalty.ledger.tables import Entry

_entry = Entry.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Recorded:
    """One leg that granted, and how much of it was taken back already."""

    entry_id: int
    leg: int
    unit: str
    amount: int
    reversed: int
    rule_revision_id: int | None
    expires_at: datetime | None


def recorded(session: Session, *, cause: str, cause_id: int, holder_ids: Iterable[int]) -> list[Recorded]:
    """What one cause granted, by rule revision, with what was reversed since.

    Args:
        holder_ids: to whom it can have been granted, and from whom taken back since.
    """
    theirs = bulk.of_holders(session, _entry.c.bucket, holder_ids)
    said = (_entry.c.id, _entry.c.leg, _entry.c.unit, _entry.c.amount, _entry.c.rule_revision_id, _entry.c.expires_at)
    granted = session.execute(
        sa.select(*said).where(theirs, _entry.c.cause == cause, _entry.c.cause_id == cause_id, _entry.c.debit == ISSUED)
    ).all()
    reversals = session.execute(
        sa.select(_entry.c.reverses, _entry.c.unit, _entry.c.rule_revision_id, sa.func.sum(_entry.c.amount))
        .where(theirs, bulk.one_of(session, _entry.c.reverses, [row.id for row in granted]), _entry.c.credit == ISSUED)
        .group_by(_entry.c.reverses, _entry.c.unit, _entry.c.rule_revision_id)
    )
    taken = {(entry_id, unit, revision_id): int(amount) for entry_id, unit, revision_id, amount in reversals}
    return [
        Recorded(
            entry_id=row.id,
            leg=row.leg,
            unit=row.unit,
            amount=row.amount,
            reversed=taken.get((row.id, row.unit, row.rule_revision_id), 0),
            rule_revision_id=row.rule_revision_id,
            expires_at=row.expires_at,
        )
        for row in granted
    ]


def reverse(
    session: Session,
    state: HolderState,
    takes: Sequence[tuple[Recorded, int]],
    *,
    cause: str,
    cause_id: int,
    effective_at: datetime,
) -> None:
    """Take back recorded amounts: from the lot they joined, then from the soonest, and the rest becomes a debt.

    Status points are taken from the year they counted in, then from others. They are never owed: where staff took them
    before, what staff took is given back first, so that nothing is taken twice.

    Args:
        takes: each granting leg with how much of it to take back now.
    """
    lots = open_lots(session, [state.id]).get(state.id, [])
    years = status_years(session, state.id) if any(leg.unit == STATUS_UNIT for leg, _ in takes) else []
    waiting = pending.of_entries(session, {leg.entry_id for leg, _ in takes}, bucket=state.bucket)
    journal = Journal(clock.now())
    for leg, amount in takes:
        assert leg.reversed + amount <= leg.amount, "no more is taken back than was given"
        parts: list[tuple[str, int, dict[str, Any]]]
        if leg.unit == STATUS_UNIT:
            parts = [(STATUS, part, {"year": year}) for year, part in draw(years, amount, first=leg.expires_at)]
            if gone := amount - sum(part for _, part, _ in parts):
                given: dict[str, Any] = {"cause": cause, "cause_id": cause_id, "effective_at": effective_at}
                journal.leg(state, ISSUED, STATUS, gone, unit=STATUS_UNIT, year=leg.expires_at, **given)
                parts.append((STATUS, gone, {"year": leg.expires_at}))
        else:
            still = min(amount, waiting.get((leg.entry_id, leg.leg), 0))
            drawn = draw(lots, min(amount - still, state.balance), first=leg.expires_at)
            available = sum(part for _, part in drawn)
            parts = [
                (PENDING, still, {}),
                (WALLET, available, {"draws": drawn}),
                (DEBT, amount - still - available, {}),
            ]
            if still:
                pending.lower(session, entry_id=leg.entry_id, leg=leg.leg, bucket=state.bucket, by=still)
        for account, part, traced in parts:
            if part:
                journal.leg(
                    state,
                    account,
                    ISSUED,
                    part,
                    cause=cause,
                    cause_id=cause_id,
                    effective_at=effective_at,
                    unit=leg.unit,
                    rule_revision_id=leg.rule_revision_id,
                    reverses=leg.entry_id,
                    **traced,
                )
    journal.write(session)
