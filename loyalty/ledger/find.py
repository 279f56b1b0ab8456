"""What a holder has, when it expires, and how it came to be: to be looked at."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from loyalty import bulk
from loyalty.clock import NEVER
from loyalty.ids import bucket_of
from loyalty.ledger import pending
from loyalty.ledger.journal import AGAIN, FORGIVEN, POINTS_UNIT, STATUS, TRANSFER, WALLET
from loyalty.ledger.tables import Entry, Holder, Lot

_entry = Entry.__table__  # type: ignore[attr-defined]
_holder = Holder.__table__  # type: ignore[attr-defined]
_lot = Lot.__table__  # type: ignore[attr-defined]

_left = _lot.c.granted - _lot.c.used - _lot.c.expired

FIGURES = (  # made once: every page asks it; a row for each lot, the holder's figures on each
    sa.select(_left, _lot.c.expires_at, _holder.c.held, _holder.c.status, _holder.c.debt, _holder.c.pending)
    .select_from(
        _holder.outerjoin(
            _lot,
            sa.and_(
                _lot.c.holder_id == _holder.c.id,
                _lot.c.bucket == _holder.c.bucket,
                _lot.c.expires_at > sa.bindparam("now"),
                _left > 0,
            ),
        )
    )
    .where(_holder.c.id == sa.bindparam("holder"), _holder.c.bucket == sa.bindparam("bucket"))
    .order_by(_lot.c.expires_at)
)

SHOWN = (WALLET, STATUS)  # the accounts a fan sees move


@dataclass(frozen=True, slots=True)
class Expiring:
    """Points that expire together; `expires_at` is None for those that never do."""

    points: int
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class Waiting:
    """Points that can be spent from `available_at` on."""

    points: int
    available_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """What one holder has.

    Attributes:
        points: that can be spent now: what has expired does not count, though nobody may have swept it yet.
        held: set aside, not in `points` nor in `lots`: see `holds`.
        pending: not in `points` yet; `waits` says until when.
        status_points: for rank, never spent.
        debt: taken back after it was spent; what is earned next pays it first.
        lots: what `points` are made of, soonest expiry first.
    """

    points: int
    held: int
    status_points: int
    debt: int
    lots: tuple[Expiring, ...]
    pending: int = 0
    waits: tuple[Waiting, ...] = ()


def balance(session: Session, holder_id: int, *, now: datetime) -> Balance:
    """What a holder has at this instant; one that never had anything has nothing."""
    where = {"holder": holder_id, "bucket": bucket_of(holder_id), "now": now}
    return balance_of(session, holder_id, session.execute(FIGURES, where).all())


def balance_of(session: Session, holder_id: int, rows: Sequence[Any]) -> Balance:
    """The balance that the rows of `FIGURES` tell, whatever else stands on each of them."""
    lots = tuple(
        Expiring(left, None if expires_at == NEVER else expires_at)
        for left, expires_at, *_ in rows
        if expires_at is not None
    )
    held, status, debt, waiting = rows[0][2:6] if rows else (0, 0, 0, 0)
    return Balance(
        points=sum(lot.points for lot in lots),
        held=held,
        status_points=status,
        debt=debt,
        lots=lots,
        pending=waiting,
        waits=tuple(Waiting(each, at) for at, each in pending.of_holder(session, holder_id)) if waiting else (),
    )


def kept_balances(session: Session, holder_ids: Iterable[int]) -> dict[int, int]:
    """What the books show for each of these holders, points that nobody has swept yet included."""
    chosen = sa.select(_holder.c.id, _holder.c.balance).where(bulk.one_of(session, _holder.c.id, holder_ids))
    return {row.id: row.balance for row in session.execute(chosen)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One entry as its holder sees it: what all its legs changed together.

    Attributes:
        reverses: the entry of the same holder that it takes back, wholly or in part.
        forgiven: points that it could have taken, and left.
        again: whether its cause had an answer before, and was judged again.
    """

    id: int
    cause: str
    cause_id: int
    points: int
    status_points: int
    effective_at: datetime
    reverses: int | None
    forgiven: int = 0
    again: bool = False


def lines(
    session: Session,
    holder_id: int,
    *,
    limit: int,
    below_id: int | None = None,
    sign: int = 0,
    but_causes: Collection[str] = (),
) -> list[Line]:
    """The entries that changed what a holder sees, the latest first.

    Args:
        below_id: only those before this entry.
        sign: 1 for gains of points only, -1 for losses, 0 for all.
        but_causes: those of these causes are left out.
    """
    points, status = _change(WALLET), _change(STATUS)
    left = sa.and_(_entry.c.debit == FORGIVEN, _entry.c.unit == POINTS_UNIT)
    forgiven = sa.func.sum(sa.case((left, _entry.c.amount), else_=0))
    chosen = (
        sa.select(
            _entry.c.id,
            sa.func.min(_entry.c.cause).label("cause"),
            sa.func.min(_entry.c.cause_id).label("cause_id"),
            points.label("points"),
            status.label("status_points"),
            sa.func.min(_entry.c.effective_at, type_=_entry.c.effective_at.type).label("effective_at"),
            sa.func.max(_entry.c.reverses).label("reverses"),
            forgiven.label("forgiven"),
            sa.func.min(_entry.c.leg).label("first_leg"),
        )
        .where(_entry.c.holder_id == holder_id, _entry.c.bucket == bucket_of(holder_id))
        .group_by(_entry.c.id)
        .having(points > 0 if sign > 0 else points < 0 if sign < 0 else sa.or_(points != 0, status != 0, forgiven != 0))
        .order_by(_entry.c.id.desc())
        .limit(limit)
    )
    if below_id is not None:
        chosen = chosen.where(_entry.c.id < below_id)
    if but_causes:
        chosen = chosen.where(_entry.c.cause.not_in(but_causes))
    found = session.execute(chosen).all()
    theirs = _those_of(session, holder_id, [row.reverses for row in found if row.reverses is not None])
    return [
        Line(
            id=row.id,
            cause=row.cause,
            cause_id=row.cause_id,
            points=int(row.points),
            status_points=int(row.status_points),
            effective_at=row.effective_at,
            reverses=row.reverses if row.reverses in theirs else None,
            forgiven=int(row.forgiven),
            again=row.first_leg >= AGAIN,
        )
        for row in found
    ]


def counterparts(session: Session, holder_id: int, cause_ids: Iterable[int]) -> dict[int, int]:
    """With whom a holder exchanged points, by the number of each transfer."""
    chosen = sa.select(_entry.c.cause_id, _entry.c.holder_id).where(
        bulk.one_of(session, _entry.c.cause_id, cause_ids), _entry.c.cause == TRANSFER, _entry.c.holder_id != holder_id
    )
    return {row.cause_id: row.holder_id for row in session.execute(chosen.distinct())}


def line(session: Session, holder_id: int, entry_id: int) -> Line | None:
    """One entry, if it changed what this holder sees."""
    found = lines(session, holder_id, limit=1, below_id=entry_id + 1)
    return found[0] if found and found[0].id == entry_id else None


def _those_of(session: Session, holder_id: int, entry_ids: list[int]) -> set[int]:
    """Those of the entries that are this holder's: points that moved here were granted to another."""
    if not entry_ids:
        return set()
    chosen = sa.select(_entry.c.id).where(_entry.c.holder_id == holder_id, _entry.c.id.in_(entry_ids))
    return set(session.execute(chosen).scalars())


def _change(account: str) -> sa.ColumnElement[int]:
    """What the legs of an entry did to one account, in all."""
    gained = sa.case((_entry.c.credit == account, _entry.c.amount), else_=0)
    lost = sa.case((_entry.c.debit == account, _entry.c.amount), else_=0)
    return sa.func.sum(gained - lost)


def entries(
    session: Session, holder_id: int, *, limit: int, before: tuple[int, int] | None = None
) -> list[sa.Row[Any]]:
    """The legs that changed what a holder sees, the latest first.

    Args:
        before: only those before this (entry id, leg).
    """
    chosen = (
        sa.select(_entry)
        .where(
            _entry.c.holder_id == holder_id,
            sa.or_(_entry.c.debit.in_(SHOWN), _entry.c.credit.in_(SHOWN)),
        )
        .order_by(_entry.c.id.desc(), _entry.c.leg.desc())
        .limit(limit)
    )
    if before is not None:
        chosen = chosen.where(sa.tuple_(_entry.c.id, _entry.c.leg) < before)
    return list(session.execute(chosen))


def change(leg: sa.Row[Any]) -> int:
    """What a leg did to what the holder sees: positive for a gain."""
    return int(leg.amount if leg.credit in SHOWN else -leg.amount)
