"""Staff move stock: units are received, withdrawn, lost or returned, with who and why."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlmodel import Session

from loyalty.db import Writer
from loyalty.rewards import find, movements, stock
from loyalty.rewards.tables import StockLot
from loyalty.staff import audit
from loyalty.staff.audit import Actor

MOVES: dict[str, Callable[..., None]] = {
    "withdrawn": movements.withdraw,
    "lost": movements.lose,
    "returned": movements.return_units,
}


@dataclass(frozen=True, slots=True)
class Moved:
    """What is left of the reward after a movement; the lot is the one received, if one was."""

    left: int
    lot: StockLot | None = None


def receive(
    db: Writer,
    *,
    reward_slug: str,
    quantity: int,
    donor: str,
    unit_cost_cents: int = 0,
    actor: Actor | str,
    reason: str,
    asked_by: str | None = None,
) -> Moved:
    """Take in units as a new stock lot.

    Args:
        asked_by: who wanted it, where `actor` is the second person.

    Raises:
        RewardNotFound
    """

    def steps(session: Session) -> Moved:
        reward = find.reward(session, reward_slug)
        assert reward.id is not None
        lot = movements.receive(
            session,
            reward_id=reward.id,
            quantity=quantity,
            donor=donor,
            unit_cost_cents=unit_cost_cents,
            actor=asked_by or str(actor),
            reason=reason,
        )
        _audit(session, "received", reward_slug, quantity, actor, reason, asked_by)
        return Moved(stock.left(session, reward.id), lot)

    return db.write(steps)


def move(
    db: Writer,
    kind: str,
    *,
    reward_slug: str,
    quantity: int,
    lot_id: int | None = None,
    actor: Actor | str,
    reason: str,
    asked_by: str | None = None,
) -> Moved:
    """Withdraw, write off or take back units of a reward.

    Args:
        kind: "withdrawn", "lost" or "returned".
        lot_id: which stock lot; None: the oldest that can.
        asked_by: who wanted it, where `actor` is the second person.

    Raises:
        RewardNotFound
        StockLotNotFound: the reward has no such lot.
        NotThatMany: fewer are left, or have left; nothing is moved.
    """

    def steps(session: Session) -> Moved:
        reward = find.reward(session, reward_slug)
        assert reward.id is not None
        by = asked_by or str(actor)
        MOVES[kind](session, reward_id=reward.id, quantity=quantity, lot_id=lot_id, actor=by, reason=reason)
        _audit(session, kind, reward_slug, quantity, actor, reason, asked_by)
        return Moved(stock.left(session, reward.id))

    return db.write(steps)


def _audit(
    session: Session,
    kind: str,
    reward_slug: str,
    quantity: int,
    actor: Actor | str,
    reason: str,
    asked_by: str | None,
) -> None:
    audit.record(
        session,
        actor=actor,
        action=f"stock.{kind}",
        subject=f"reward:{reward_slug}",
        after={"quantity": quantity} | ({} if asked_by is None else {"asked_by": asked_by}),
        reason=reason,
    )
