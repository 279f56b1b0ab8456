"""What is left of a reward, and who gets the next unit.

Units are rows: on PostgreSQL each taker skips the rows that others are taking, so that nobody waits. The
guard of the UPDATE and its row count decide, on both databases.
"""

from collections.abc import Iterable
from functools import cache
from typing import Any, cast

import sqlalchemy as sa
from sqlmodel import Session

from loyalty import bulk
from loyalty.rewards.refusals import OutOfStock
from loyalty.rewards.tables import StockLot, StockUnit

_lot = StockLot.__table__  # type: ignore[attr-defined]
_unit = StockUnit.__table__  # type: ignore[attr-defined]


def left(session: Session, reward_id: int) -> int:
    """Units left of one reward: received less withdrawn and lost, plus returned, less taken."""
    return left_of(session, [reward_id]).get(reward_id, 0)


def left_of(session: Session, reward_ids: Iterable[int]) -> dict[int, int]:
    """Units left of each reward that has any."""
    rows = session.execute(
        sa.select(_unit.c.reward_id, sa.func.count())
        .where(bulk.one_of(session, _unit.c.reward_id, reward_ids), _unit.c.state == "free")
        .group_by(_unit.c.reward_id)
    )
    return {reward_id: int(count) for reward_id, count in rows}


def refuse_if_sold_out(session: Session, reward_id: int) -> None:
    """Turn away without a lock who comes when all is gone: in a drop, that is nearly everybody.

    Raises:
        OutOfStock
    """
    if not session.execute(_any_left(), {"reward": reward_id}).scalar_one():
        raise OutOfStock


def take_one(session: Session, reward_id: int, redemption_id: int) -> int:
    """Take one unit for a redemption, the oldest that nobody else is taking. Comes last in a transaction.

    Returns:
        the id of the unit.

    Raises:
        OutOfStock: every unit is gone. Before saying so, it waits once for those under way: one may come
            back.
    """
    for skip_locked in (True, False):
        take = _take_one(skip_locked=skip_locked)
        taken = session.execute(take, {"reward": reward_id, "redemption": redemption_id}).scalar_one_or_none()
        if taken is not None:
            return int(taken)
    raise OutOfStock


def put_back(session: Session, reward_id: int, redemption_id: int) -> None:
    """Give the unit of a cancelled redemption back to the stock."""
    put = session.execute(
        sa.update(_unit)
        .where(_unit.c.redemption_id == redemption_id, _unit.c.reward_id == reward_id, _unit.c.state == "taken")
        .values(state="free", redemption_id=None)
    )
    assert put.rowcount == 1, "a live redemption holds exactly one unit"  # type: ignore[attr-defined]


def is_left(reward_id: Any) -> sa.ColumnElement[bool]:
    """The condition that a unit is free. Asked by way of the lots, which are few and stand where their units do."""
    free = sa.exists().where(
        _unit.c.reward_id == _lot.c.reward_id, _unit.c.lot_id == _lot.c.id, _unit.c.state == "free"
    )
    return cast(sa.ColumnElement[bool], reward_id.in_(sa.select(_lot.c.reward_id).where(free)))


# These two are made once: in a drop, to make them anew for each fan would cost more than to run them.
@cache
def _any_left() -> sa.Select[tuple[bool]]:
    return sa.select(sa.exists().where(_unit.c.reward_id == sa.bindparam("reward"), _unit.c.state == "free"))


@cache
def _take_one(*, skip_locked: bool) -> sa.UpdateBase:
    free = _unit.alias("free")
    first = (
        sa.select(free.c.id)
        .where(free.c.reward_id == sa.bindparam("reward"), free.c.state == "free")
        .order_by(free.c.id)
        .limit(1)
        .with_for_update(skip_locked=skip_locked)  # not written for SQLite, which has one writer at a time
    )
    return (
        sa.update(_unit)
        .where(
            _unit.c.id == first.scalar_subquery(),
            _unit.c.reward_id == sa.bindparam("reward"),
            _unit.c.state == "free",
        )
        .values(state="taken", redemption_id=sa.bindparam("redemption"))
        .returning(_unit.c.id)
    )
