"""Staff change the stock: received, withdrawn, lost, returned, each with who and why.

Units that come in are new rows, also those that come back: what once left stays on record as it left.
"""

from collections import Counter
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from loyalty import bulk, clock, ids
from loyalty.rewards.refusals import NotThatMany, StockLotNotFound
from loyalty.rewards.tables import StockLot, StockMovement, StockUnit

_unit = StockUnit.__table__  # type: ignore[attr-defined]
_movement = StockMovement.__table__  # type: ignore[attr-defined]
_AT_ONCE = 10_000


def receive(
    session: Session,
    *,
    reward_id: int,
    quantity: int,
    donor: str,
    unit_cost_cents: int = 0,
    actor: str,
    reason: str,
) -> StockLot:
    """Take in `quantity` units as a new stock lot."""
    lot = StockLot(
        id=ids.new(),
        reward_id=reward_id,
        donor=donor,
        unit_cost_cents=unit_cost_cents,
        created_at=clock.now(),
    )
    session.add(lot)
    session.flush()
    _bring_in(session, reward_id, lot.id, quantity)
    _record(session, "received", reward_id, {lot.id: quantity}, actor, reason)
    return lot


def withdraw(
    session: Session, *, reward_id: int, quantity: int, actor: str, reason: str, lot_id: int | None = None
) -> None:
    """Take units out of the stock: from one lot, or from the oldest.

    Raises:
        NotThatMany: fewer are left; nothing is taken out.
        StockLotNotFound: the reward has no such lot.
    """
    taken_out = _take_out(session, reward_id, quantity, lot_id)
    _record(session, "withdrawn", reward_id, taken_out, actor, reason)


def lose(
    session: Session, *, reward_id: int, quantity: int, actor: str, reason: str, lot_id: int | None = None
) -> None:
    """Write off units found missing; raises as `withdraw` does."""
    taken_out = _take_out(session, reward_id, quantity, lot_id)
    _record(session, "lost", reward_id, taken_out, actor, reason)


def return_units(
    session: Session, *, reward_id: int, quantity: int, actor: str, reason: str, lot_id: int | None = None
) -> None:
    """Take units back that had left: withdrawn, lost and found, or of vouchers nobody used in time.

    Raises:
        NotThatMany: fewer have left, of this lot or of the whole reward.
        StockLotNotFound: the reward has no such lot.
    """
    gone = _gone(session, reward_id, lot_id)
    if sum(gone.values()) < quantity:
        raise NotThatMany(wanted=quantity, possible=sum(gone.values()))
    returned: dict[int, int] = {}
    for each, count in sorted(gone.items()):
        part = min(count, quantity - sum(returned.values()))
        if part:
            returned[each] = part
            _bring_in(session, reward_id, each, part)
    _record(session, "returned", reward_id, returned, actor, reason)


def refuse_impossible(session: Session, kind: str, *, reward_id: int, quantity: int, lot_id: int | None = None) -> None:
    """Let pass a movement that could be made now; nothing is moved, and nothing is kept for it.

    Args:
        kind: "withdrawn", "lost" or "returned".

    Raises:
        NotThatMany, StockLotNotFound: as the movement itself would.
    """
    if kind == "returned":
        possible = sum(_gone(session, reward_id, lot_id).values())
    else:
        lots = _locked_lots(session, reward_id, lot_id)
        free = sa.select(sa.func.count()).where(_unit.c.state == "free", bulk.one_of(session, _unit.c.lot_id, lots))
        possible = session.execute(free).scalar_one()
    if possible < quantity:
        raise NotThatMany(wanted=quantity, possible=possible)


def _bring_in(session: Session, reward_id: int, lot_id: int, quantity: int) -> None:
    for start in range(0, quantity, _AT_ONCE):
        new = ids.many(min(_AT_ONCE, quantity - start))
        rows = [(unit_id, reward_id, lot_id, "free") for unit_id in new]
        bulk.insert(session, _unit, ("id", "reward_id", "lot_id", "state"), rows)


def _take_out(session: Session, reward_id: int, quantity: int, lot_id: int | None) -> dict[int, int]:
    if lot_id is not None:
        _locked_lots(session, reward_id, lot_id)
    free = _unit.alias("free")
    chosen = sa.select(free.c.id).where(free.c.reward_id == reward_id, free.c.state == "free")
    if lot_id is not None:
        chosen = chosen.where(free.c.lot_id == lot_id)
    # Waits for units under way, so that a refusal says how many are truly left.
    these = chosen.order_by(free.c.id).limit(quantity).with_for_update().cte("these")
    taken = session.execute(
        sa.update(_unit)
        .where(_unit.c.id.in_(sa.select(these.c.id)), _unit.c.state == "free")
        .values(state="out")
        .returning(_unit.c.lot_id)
    )
    by_lot = Counter(taken.scalars())
    if by_lot.total() < quantity:
        raise NotThatMany(wanted=quantity, possible=by_lot.total())
    return dict(by_lot)


def _gone(session: Session, reward_id: int, lot_id: int | None) -> dict[int, int]:
    """Units that left and did not come back, by lot; the lots stay locked, so that none comes back twice."""
    lots = _locked_lots(session, reward_id, lot_id)
    left = session.execute(
        sa.select(_unit.c.lot_id, sa.func.count())
        .where(bulk.one_of(session, _unit.c.lot_id, lots), _unit.c.state != "free")
        .group_by(_unit.c.lot_id)
    )
    gone = {lot: int(count) for lot, count in left}
    came_back = session.execute(
        sa.select(_movement.c.lot_id, sa.func.sum(_movement.c.quantity))
        .where(bulk.one_of(session, _movement.c.lot_id, lots), _movement.c.kind == "returned")
        .group_by(_movement.c.lot_id)
    )
    for lot, count in came_back:
        gone[lot] = gone.get(lot, 0) - int(count)
    return {lot: count for lot, count in gone.items() if count > 0}


def _locked_lots(session: Session, reward_id: int, lot_id: int | None) -> list[int]:
    chosen = select(StockLot.id).where(StockLot.reward_id == reward_id).order_by(col(StockLot.id))
    if lot_id is not None:
        chosen = chosen.where(StockLot.id == lot_id)
    lots = list(session.exec(chosen.with_for_update(key_share=True)))
    if lot_id is not None and not lots:
        raise StockLotNotFound
    return lots


def _record(session: Session, kind: str, reward_id: int, by_lot: dict[int, int], actor: str, reason: str) -> None:
    at: datetime = clock.now()
    rows = [
        (ids.new(), lot_id, reward_id, kind, quantity, actor, reason, at) for lot_id, quantity in sorted(by_lot.items())
    ]
    columns = ("id", "lot_id", "reward_id", "kind", "quantity", "actor", "reason", "at")
    bulk.insert(session, _movement, columns, rows)
