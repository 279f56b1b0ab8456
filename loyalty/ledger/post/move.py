"""One holder turns out to be another: all it has and owes moves, and nothing that was posted is touched."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session

from loyalty import clock
from loyalty.ledger import holds, pending
from loyalty.ledger.journal import DEBT, HELD, MOVED, PENDING, STATUS, STATUS_UNIT, WALLET, Journal
from loyalty.ledger.locks import HolderState
from loyalty.ledger.lots import OpenLot, draw, open_lots, status_years
from loyalty.ledger.post.grant import pay_debt
from loyalty.ledger.post.hold import MOVE
from loyalty.ledger.tables import Holder

_holder = Holder.__table__  # type: ignore[attr-defined]


def move(
    session: Session, source: HolderState, target: HolderState, *, cause: str, cause_id: int, effective_at: datetime
) -> int:
    """Merge one holder into another: all it has and owes moves, lot by lot, expiries kept. Returns the points moved.

    The source is marked: who waited for its lock finds that the points are elsewhere now. What it had set aside comes
    back for a moment, moves with the rest, and is set aside again from the same lots. Status points go on counting in
    the year they were earned in.
    """
    journal = Journal(clock.now())
    posted = {"cause": cause, "cause_id": cause_id, "effective_at": effective_at}
    aside = holds.open_of(session, source.id) if source.held else []
    lots_of = holds.lots_of(session, aside) if aside else {}
    lots = open_lots(session, [source.id]).get(source.id, [])
    for hold in aside:
        back = [(expires_at, -part) for expires_at, part in lots_of[hold.id]]
        journal.leg(source, HELD, WALLET, holds.left(hold), draws=back, **posted)  # type: ignore[arg-type]
        lots = _merged(lots, [OpenLot(source.id, *each) for each in lots_of[hold.id]])
    moved = source.balance
    arriving = []
    for lot in lots:
        for part, slides in ((lot.left - lot.slides, False), (lot.slides, True)):
            if part:
                draws = [(lot.expires_at, part)]
                journal.leg(source, WALLET, MOVED, part, draws=draws, slides=slides, **posted)  # type: ignore[arg-type]
                journal.leg(
                    *(target, MOVED, WALLET, part),
                    grants_to=lot.expires_at,
                    slides=slides,
                    **posted,  # type: ignore[arg-type]
                )
        arriving.append(OpenLot(target.id, lot.expires_at, lot.left))
    entry_of = {}
    for hold in aside:
        entry_of[hold.id] = journal.leg(
            target,
            WALLET,
            HELD,
            holds.left(hold),
            cause=MOVE,
            cause_id=hold.id,
            effective_at=effective_at,
            draws=lots_of[hold.id],
        )
        for expires_at, part in lots_of[hold.id]:
            next(lot for lot in arriving if lot.expires_at == expires_at).left -= part
    if source.pending:
        waits = source.pending
        journal.leg(source, PENDING, MOVED, waits, **posted)  # type: ignore[arg-type]
        journal.leg(target, MOVED, PENDING, waits, **posted)  # type: ignore[arg-type]
        pending.give(session, source_id=source.id, target_id=target.id, target_bucket=target.bucket)
    for year in status_years(session, source.id) if source.status else ():
        ranks = {**posted, "unit": STATUS_UNIT, "year": year.expires_at}
        journal.leg(source, STATUS, MOVED, year.left, **ranks)  # type: ignore[arg-type]
        journal.leg(target, MOVED, STATUS, year.left, **ranks)  # type: ignore[arg-type]
    if source.debt:
        debt = source.debt
        journal.leg(source, MOVED, DEBT, debt, **posted)  # type: ignore[arg-type]
        journal.leg(target, DEBT, MOVED, debt, **posted)  # type: ignore[arg-type]
    if target.debt and target.balance:
        lots = _merged(open_lots(session, [target.id]).get(target.id, []), arriving)
        paid = min(target.debt, target.balance)
        pay_debt(journal, target, paid, draw(lots, paid), cause, cause_id, effective_at)
    journal.write(session)
    for hold in aside:
        holds.give(session, hold, target_id=target.id, entry_id=entry_of[hold.id])
    session.execute(
        sa.update(_holder)
        .where(_holder.c.id == source.id, _holder.c.bucket == source.bucket)
        .values(merged_into=target.id)
    )
    source.merged_into = target.id
    return moved


def _merged(one: list[OpenLot], other: list[OpenLot]) -> list[OpenLot]:
    merged: dict[datetime, OpenLot] = {}
    for lot in (*one, *other):
        known = merged.setdefault(lot.expires_at, OpenLot(lot.holder_id, lot.expires_at, 0))
        known.left += lot.left
        known.sliding += lot.sliding
    return list(merged.values())
