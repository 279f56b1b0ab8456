"""What the station decided about points: how far they are taken back, and whether fans may give them to each other."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from sqlmodel import Session

from loyalty.programme.tables import Programme

# What is taken back when an act is withdrawn or a purchase refunded. Points still pending are always cancelled.
DEBT = "debt"  # all of it: what was spent already is owed, and later earnings pay it first
WITHIN_BALANCE = "within_balance"  # what the fan has left; the rest is forgiven
NONE = "none"  # nothing that could be spent already
DEBT_POLICIES = (DEBT, WITHIN_BALANCE, NONE)

_programme = Programme.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfers:
    """Whether a fan may give points to another, and how many."""

    allowed: bool
    smallest: int
    most_per_day: int


def debt_policy(session: Session) -> str:
    """One of `DEBT_POLICIES`."""
    return str(session.execute(sa.select(_programme.c.debt_policy)).scalar_one())


def transfers(session: Session) -> Transfers:
    """What holds now."""
    chosen = sa.select(
        _programme.c.transfers_allowed, _programme.c.transfer_smallest, _programme.c.transfer_most_per_day
    )
    row = session.execute(chosen).one()
    return Transfers(
        allowed=row.transfers_allowed, smallest=row.transfer_smallest, most_per_day=row.transfer_most_per_day
    )
