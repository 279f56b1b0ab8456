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
from loyalty.ledger.journal import AGAIN, DEBT, FORGIVEN, ISSUED, PENDING, STATUS, STATUS_UNIT, WALLET, Cause, Journal
from loyalty.ledger.locks import HolderState
from loyalty.ledger.lots import OpenLot, draw, open_lots, status_years
from loyalty.ledger.tables import Entry

_entry = Entry.__table__  # type: ignore[attr-defined]
_Part = tuple[str, int, dict[str, Any]]  # from which account, how much, and what traces it


@dataclass(frozen=True, slots=True)
class Recorded:
    """One leg that granted, and how much of it was taken back already; of that, what was forgiven stayed."""

    entry_id: int
    leg: int
    unit: str
    amount: int
    reversed: int
    forgiven: int
    rule_revision_id: int | None
    expires_at: datetime | None

    @property
    def kept(self) -> int:
        """What the holder has of it, or had the good of."""
        return self.amount - self.reversed + self.forgiven


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
        sa.select(
            _entry.c.reverses,
            _entry.c.unit,
            _entry.c.rule_revision_id,
            sa.func.sum(_entry.c.amount),
            sa.func.sum(sa.case((_entry.c.debit == FORGIVEN, _entry.c.amount), else_=0)),
        )
        .where(theirs, bulk.one_of(session, _entry.c.reverses, [row.id for row in granted]), _entry.c.credit == ISSUED)
        .group_by(_entry.c.reverses, _entry.c.unit, _entry.c.rule_revision_id)
    )
    taken = {tuple(key): (int(amount), int(forgiven)) for *key, amount, forgiven in reversals}
    nothing = (0, 0)
    return [
        Recorded(
            entry_id=row.id,
            leg=row.leg,
            unit=row.unit,
            amount=row.amount,
            reversed=taken.get((row.id, row.unit, row.rule_revision_id), nothing)[0],
            forgiven=taken.get((row.id, row.unit, row.rule_revision_id), nothing)[1],
            rule_revision_id=row.rule_revision_id,
            expires_at=row.expires_at,
        )
        for row in granted
    ]


def next_legs(session: Session, *, cause: str, cause_ids: Sequence[int], holder_ids: Iterable[int]) -> dict[int, int]:
    """The number of the first leg of what each of these causes may give once more.

    Args:
        holder_ids: to whom any can have given before.
    """
    chosen = sa.select(_entry.c.cause_id, sa.func.max(_entry.c.leg)).where(
        bulk.of_holders(session, _entry.c.bucket, holder_ids),
        _entry.c.cause == cause,
        bulk.one_of(session, _entry.c.cause_id, cause_ids),
    )
    last = {row[0]: int(row[1]) for row in session.execute(chosen.group_by(_entry.c.cause_id))}
    return {cause_id: max(AGAIN, last.get(cause_id, 0) + 1) for cause_id in cause_ids}


def reverse(
    session: Session,
    state: HolderState,
    takes: Sequence[tuple[Recorded, int]],
    *,
    cause: str,
    cause_id: int,
    effective_at: datetime,
    spare: bool = False,
    forgive: bool = False,
) -> list[int]:
    """Take back recorded amounts: from the lot they joined, then from the soonest, and the rest becomes a debt.

    What is forgiven is posted too, so that it is never taken later. Status points are taken from the year they counted
    in, then from others; they are never owed: those that are gone are forgiven.

    Args:
        takes: each granting leg with how much of it to take back now.
        spare: whether only what is still pending is taken.
        forgive: whether what is not there is forgiven rather than owed.

    Returns:
        how much of each was forgiven.
    """
    lots = open_lots(session, [state.id]).get(state.id, [])
    years = status_years(session, state.id) if any(leg.unit == STATUS_UNIT for leg, _ in takes) else []
    waiting = pending.of_entries(session, {leg.entry_id for leg, _ in takes}, bucket=state.bucket)
    given: Cause = {"cause": cause, "cause_id": cause_id, "effective_at": effective_at}
    journal, forgiven = Journal(clock.now()), []
    for leg, amount in takes:
        assert leg.reversed + amount <= leg.amount, "no more is taken back than was given"
        if leg.unit == STATUS_UNIT:
            parts = _of_years(years, leg, amount)
        else:
            still = min(amount, waiting.get((leg.entry_id, leg.leg), 0))
            if still:
                pending.lower(session, entry_id=leg.entry_id, leg=leg.leg, bucket=state.bucket, by=still)
            drawn = [] if spare else draw(lots, min(amount - still, state.balance), first=leg.expires_at)
            parts = _of_points(amount, still, drawn, rest=FORGIVEN if spare or forgive else DEBT)
        granted: dict[str, Any] = {"unit": leg.unit, "rule_revision_id": leg.rule_revision_id, "reverses": leg.entry_id}
        for account, part, traced in parts:
            if part:
                journal.leg(state, account, ISSUED, part, **given, **granted, **traced)
        forgiven.append(sum(part for account, part, _ in parts if account == FORGIVEN))
    journal.write(session)
    return forgiven


def _of_years(years: list[OpenLot], leg: Recorded, amount: int) -> list[_Part]:
    drawn = draw(years, amount, first=leg.expires_at)
    gone = amount - sum(part for _, part in drawn)
    return [*((STATUS, part, {"lot": year}) for year, part in drawn), (FORGIVEN, gone, {})]


def _of_points(amount: int, still: int, drawn: list[tuple[datetime, int]], *, rest: str) -> list[_Part]:
    """What still waits, then what could be drawn; what is missing then is owed or forgiven."""
    available = sum(part for _, part in drawn)
    return [(PENDING, still, {}), (WALLET, available, {"draws": drawn}), (rest, amount - still - available, {})]
