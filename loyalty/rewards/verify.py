"""I5: every unit that came in is free, taken by one live redemption that was paid, or out, as movements say."""

from collections.abc import Iterator

import sqlalchemy as sa
from sqlmodel import Session

from loyalty.breach import Breach
from loyalty.ledger.journal import SPENT
from loyalty.ledger.tables import Entry
from loyalty.rewards.tables import Redemption, StockLot, StockMovement, StockUnit

_lot = StockLot.__table__  # type: ignore[attr-defined]
_movement = StockMovement.__table__  # type: ignore[attr-defined]
_unit = StockUnit.__table__  # type: ignore[attr-defined]
_redemption = Redemption.__table__  # type: ignore[attr-defined]
_entry = Entry.__table__  # type: ignore[attr-defined]


def breaches(session: Session) -> Iterator[Breach]:
    """Every stock lot, unit and redemption in breach."""
    yield from _lots_against_movements(session)
    yield from _strays(session)
    yield from _units_against_redemptions(session)
    yield from _redemptions_against_journal(session)


def _lots_against_movements(session: Session) -> Iterator[Breach]:
    moved = (
        sa.select(
            _movement.c.lot_id,
            _sum_where(_movement.c.quantity, _movement.c.kind.in_(("received", "returned"))).label("came_in"),
            _sum_where(_movement.c.quantity, _movement.c.kind.in_(("withdrawn", "lost"))).label("went_out"),
        )
        .group_by(_movement.c.lot_id)
        .subquery("moved")
    )
    counted = (
        sa.select(
            _unit.c.lot_id,
            sa.func.count().label("units"),
            _sum_where(sa.literal(1), _unit.c.state == "out").label("out"),
        )
        .group_by(_unit.c.lot_id)
        .subquery("counted")
    )
    came_in, went_out, units, out = (
        sa.func.coalesce(column, 0) for column in (moved.c.came_in, moved.c.went_out, counted.c.units, counted.c.out)
    )
    rows = session.execute(
        sa.select(_lot.c.id, _lot.c.reward_id, came_in, went_out, units, out)
        .select_from(_lot)
        .outerjoin(moved, moved.c.lot_id == _lot.c.id)
        .outerjoin(counted, counted.c.lot_id == _lot.c.id)
        .where(sa.or_(came_in != units, went_out != out))
        .order_by(_lot.c.id)
    )
    for lot_id, reward_id, said_in, said_out, is_there, is_out in rows:
        yield Breach(
            "I5",
            f"stock_lot {lot_id} (reward {reward_id})",
            f"movements say {said_in} in and {said_out} out, the units are {is_there} and {is_out}",
        )


def _strays(session: Session) -> Iterator[Breach]:
    """A unit or a movement of no lot, or filed under another reward than it: then a reward's sum is not its lots'."""
    for name, table in (("stock_unit", _unit), ("stock_movement", _movement)):
        own = sa.and_(_lot.c.id == table.c.lot_id, _lot.c.reward_id == table.c.reward_id)
        rows = session.execute(
            sa.select(table.c.id, table.c.reward_id, table.c.lot_id)
            .outerjoin_from(table, _lot, own)
            .where(_lot.c.id.is_(None))
            .order_by(table.c.id)
        )
        for row_id, reward_id, lot_id in rows.all():
            yield Breach("I5", f"{name} {row_id}", f"in lot {lot_id}, and no lot of reward {reward_id} is that one")


def _units_against_redemptions(session: Session) -> Iterator[Breach]:
    """Counted against each other and not joined: where there are many machines, the two stand on different ones."""
    here, there = (sa.literal_column(each, sa.Integer) for each in ("1", "-1"))
    taken = sa.select(_unit.c.id.label("unit_id"), _unit.c.redemption_id, _unit.c.reward_id, here.label("taken")).where(
        _unit.c.state == "taken"
    )
    live = sa.select(_redemption.c.unit_id, _redemption.c.id, _redemption.c.reward_id, there).where(
        _redemption.c.cancelled_at.is_(None)
    )
    both = sa.union_all(taken, live).subquery("both_sides")
    pair = (both.c.unit_id, both.c.redemption_id, both.c.reward_id)
    more = sa.func.sum(both.c.taken)
    rows = session.execute(sa.select(*pair, more).group_by(*pair).having(more != 0).order_by(*pair))
    for unit_id, redemption_id, reward_id, is_taken in rows:
        if is_taken > 0:
            said = f"taken, but redemption {redemption_id} of reward {reward_id} is not live or not its own"
            yield Breach("I5", f"stock_unit {unit_id}", said)
        else:
            said = f"live, but unit {unit_id} of reward {reward_id} is not taken for it"
            yield Breach("I5", f"redemption {redemption_id}", said)


def _redemptions_against_journal(session: Session) -> Iterator[Breach]:
    """A redemption took its cost, a cancelled one gave it back, and nothing was spent without one."""
    spent = _sum_where(_entry.c.amount, sa.and_(_entry.c.cause == "redemption", _entry.c.credit == SPENT))
    given_back = _sum_where(_entry.c.amount, sa.and_(_entry.c.cause == "cancellation", _entry.c.debit == SPENT))
    posted = (
        sa.select(_entry.c.cause_id, spent.label("spent"), given_back.label("given_back"))
        .where(_entry.c.cause.in_(("redemption", "cancellation")))
        .group_by(_entry.c.cause_id)
        .subquery("posted")
    )
    due_back = sa.case((_redemption.c.cancelled_at.is_(None), 0), else_=_redemption.c.cost_points)
    took, gave = sa.func.coalesce(posted.c.spent, 0), sa.func.coalesce(posted.c.given_back, 0)
    rows = session.execute(
        sa.select(_redemption.c.id, _redemption.c.cost_points, due_back, took, gave)
        .select_from(_redemption)
        .outerjoin(posted, posted.c.cause_id == _redemption.c.id)
        .where(sa.or_(took != _redemption.c.cost_points, gave != due_back))
        .order_by(_redemption.c.id)
    )
    for redemption_id, cost, back, was_spent, was_given in rows:
        found = f"the journal has {was_spent} spent and {was_given} given back"
        yield Breach("I5", f"redemption {redemption_id}", f"cost {cost}, {back} due back, but {found}")
    orphans = session.execute(
        sa.select(posted.c.cause_id)
        .select_from(posted)
        .outerjoin(_redemption, _redemption.c.id == posted.c.cause_id)
        .where(_redemption.c.id.is_(None))
        .order_by(posted.c.cause_id)
    )
    for (redemption_id,) in orphans:
        yield Breach("I5", f"redemption {redemption_id}", "points were spent on it, but there is none")


def _sum_where(what: sa.ColumnElement[int], condition: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
    return sa.cast(sa.func.sum(sa.case((condition, what), else_=0)), sa.BigInteger)
