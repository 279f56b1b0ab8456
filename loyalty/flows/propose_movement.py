"""Staff move stock from the admin; a large movement waits for a second person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from loyalty.db import Joined, Writer
from loyalty.flows import move_stock
from loyalty.programme.find import approval_thresholds
from loyalty.rewards import find, movements, stock
from loyalty.staff import approvals, audit
from loyalty.staff.tables import Approval

ACTION = "stock.moved"
RECEIVED = "received"
KINDS = (RECEIVED, *move_stock.MOVES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposed:
    """What became of a movement.

    Attributes:
        left: units left after it; as they are while it waits.
        waits: until a second person agrees.
    """

    left: int
    waits: bool = False


def propose(db: Writer, *, kind: str, reward_slug: str, said: Mapping[str, Any], actor: str, reason: str) -> Proposed:
    """Move stock, or ask a second person to agree when it is more than the programme lets one person move.

    Args:
        kind: one of `KINDS`.
        said: `quantity`, and what else the movement has: `donor` and `unit_cost_cents`, or `lot_id`.

    Raises:
        RewardNotFound
        StockLotNotFound: the reward has no such lot.
        NotThatMany: fewer are left, or have left; nothing is moved, and nobody is asked.
    """
    assert kind in KINDS, "checked where it came in"

    def steps(session: Session) -> Proposed:
        reward = find.reward(session, reward_slug)
        assert reward.id is not None
        if said["quantity"] <= approval_thresholds(session).units:
            return Proposed(left=_move(session, kind, reward_slug, said, actor=actor, reason=reason))
        if kind != RECEIVED:
            movements.refuse_impossible(session, kind, reward_id=reward.id, **said)
        payload = {"kind": kind, "reward": reward_slug, **_plain(said)}
        subject = f"reward:{reward_slug}"
        approval = approvals.ask(session, action=ACTION, subject=subject, payload=payload, reason=reason, actor=actor)
        after = {**payload, "approval": str(approval.id)}
        audit.record(session, actor=actor, action="stock.asked", subject=subject, after=after, reason=reason)
        return Proposed(left=stock.left(session, reward.id), waits=True)

    return db.write(steps)


def move_approved(session: Session, approval: Approval, *, actor: str) -> None:
    """Do what a second person agreed to, in the transaction of the decision.

    Raises:
        NotThatMany: the units went meanwhile.
    """
    payload = dict(approval.payload)
    kind, slug = payload.pop("kind"), payload.pop("reward")
    if payload.get("lot_id") is not None:
        payload["lot_id"] = int(payload["lot_id"])
    _move(session, kind, slug, payload, actor=actor, reason=approval.reason, asked_by=approval.asked_by)


def _move(session: Session, kind: str, slug: str, said: Mapping[str, Any], **by: Any) -> int:
    here = Joined(session)
    if kind == RECEIVED:
        return move_stock.receive(here, reward_slug=slug, **said, **by).left
    return move_stock.move(here, kind, reward_slug=slug, **said, **by).left


def _plain(said: Mapping[str, Any]) -> dict[str, Any]:
    """As JSON keeps it: a number of 63 bits is a text there."""
    return {name: str(value) if name == "lot_id" and value is not None else value for name, value in said.items()}
