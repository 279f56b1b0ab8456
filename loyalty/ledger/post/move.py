"""One holder turns out to be another: all it has and owes moves, and nothing that was posted is touched."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session

from loyalty import clock
from loyalty.ledger import holds, pending
from loyalty.ledger.journal import DEBT, HELD, MOVED, PENDING, POINTS_UNIT, STATUS, STATUS_UNIT, WALLET, Cause, Journal
from loyalty.ledger.locks import HolderState
from loyalty.ledger.lots import OpenLot, open_lots, status_years
from loyalty.ledger.post.carry import carry
from loyalty.ledger.post.grant import pay_debt
from loyalty.ledger.post.hold import MOVE
from loyalty.ledger.tables import Hold, Holder

_holder = Holder.__table__  # type: ignore[attr-defined]
_Parts = list[tuple[datetime, int]]  # of a hold, by lot


def move(
    session: Session, source: HolderState, target: HolderState, *, cause: str, cause_id: int, effective_at: datetime
) -> int:
    """Merge one holder into another: all it has and owes moves, lot by lot, expiries kept. Returns the points moved.

    The source is marked: who waited for its lock finds that the points are elsewhere now. What it had set aside comes
    back for a moment, moves with the rest, and is set aside again from the same lots. Status points go on counting in
    the year they were earned in.
    """
    journal = Journal(clock.now())
    way = _Way(journal, source, target, {"cause": cause, "cause_id": cause_id, "effective_at": effective_at})
    aside = holds.open_of(session, source.id) if source.held else []
    parts_of = holds.lots_of(session, aside) if aside else {}
    lots = open_lots(session, [source.id]).get(source.id, [])
    for hold in aside:
        lots = _merged(lots, way.bring_back(hold, parts_of[hold.id]))
    moved = source.balance
    arrived = [way.carry_lot(lot) for lot in lots]
    entry_of = {hold.id: way.set_aside_again(hold, parts_of[hold.id], arrived) for hold in aside}
    if source.pending:
        way.carry_account(PENDING, source.pending)
        pending.give(session, source_id=source.id, target_id=target.id, target_bucket=target.bucket)
    for year in status_years(session, source.id) if source.status else ():
        way.carry_account(STATUS, year.left, unit=STATUS_UNIT, year=year.expires_at)
    if source.debt:
        way.carry_debt(source.debt)
    if target.debt and target.balance:
        has = _merged(open_lots(session, [target.id]).get(target.id, []), arrived)
        pay_debt(journal, target, [(lot.expires_at, lot.left) for lot in has], way.cause)
    journal.write(session)
    for hold in aside:
        holds.give(session, hold, target_id=target.id, entry_id=entry_of[hold.id])
    _mark_merged(session, source, target)
    return moved


@dataclass(frozen=True, slots=True)
class _Way:
    """From one holder to another, in one journal, for one cause."""

    journal: Journal
    source: HolderState
    target: HolderState
    cause: Cause

    def bring_back(self, hold: Hold, parts: _Parts) -> list[OpenLot]:
        """What is left of a hold comes back to the source; returns it by lot."""
        back = [(lot, -part) for lot, part in parts]
        self.journal.leg(self.source, HELD, WALLET, holds.left(hold), draws=back, **self.cause)
        return [OpenLot(self.source.id, lot, part) for lot, part in parts]

    def carry_lot(self, lot: OpenLot) -> OpenLot:
        """All of a lot moves, what slides apart from what does not; returns what arrived."""
        for part, slides in ((lot.left - lot.slides, False), (lot.slides, True)):
            if part:
                lots = {"leaves": lot.expires_at, "joins": lot.expires_at}
                carry(self.journal, self.source, self.target, part, self.cause, **lots, slid=slides, slides=slides)
        return OpenLot(self.target.id, lot.expires_at, lot.left)

    def set_aside_again(self, hold: Hold, parts: _Parts, arrived: list[OpenLot]) -> int:
        """A hold is the target's from now on, out of what arrived, which is lowered; returns its entry."""
        entry_id = self.journal.leg(
            *(self.target, WALLET, HELD, holds.left(hold)),
            cause=MOVE,
            cause_id=hold.id,
            effective_at=self.cause["effective_at"],
            draws=parts,
        )
        for expires_at, part in parts:
            next(lot for lot in arrived if lot.expires_at == expires_at).left -= part
        return entry_id

    def carry_account(
        self, account: str, amount: int, *, unit: str = POINTS_UNIT, year: datetime | None = None
    ) -> None:
        """What stands on an account moves to the same account of the target."""
        self.journal.leg(self.source, account, MOVED, amount, unit=unit, lot=year, **self.cause)
        self.journal.leg(self.target, MOVED, account, amount, unit=unit, lot=year, **self.cause)

    def carry_debt(self, debt: int) -> None:
        """What the source owes, the target owes."""
        self.journal.leg(self.source, MOVED, DEBT, debt, **self.cause)
        self.journal.leg(self.target, DEBT, MOVED, debt, **self.cause)


def _merged(one: list[OpenLot], other: list[OpenLot]) -> list[OpenLot]:
    merged: dict[datetime, OpenLot] = {}
    for lot in (*one, *other):
        known = merged.setdefault(lot.expires_at, OpenLot(lot.holder_id, lot.expires_at, 0))
        known.left += lot.left
        known.sliding += lot.sliding
    return list(merged.values())


def _mark_merged(session: Session, source: HolderState, target: HolderState) -> None:
    theirs = (_holder.c.id == source.id, _holder.c.bucket == source.bucket)
    session.execute(sa.update(_holder).where(*theirs).values(merged_into=target.id))
    source.merged_into = target.id
