"""Points set aside: which, whose, for what, until when, and from which lots they came."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from loyalty import bulk
from loyalty.errors import NotFound
from loyalty.ids import bucket_of
from loyalty.ledger.tables import Hold, LotUse

OPEN, CAPTURED, RELEASED, EXPIRED = "open", "captured", "released", "expired"
STATES = (OPEN, CAPTURED, RELEASED, EXPIRED)

_hold = Hold.__table__  # type: ignore[attr-defined]
_lot_use = LotUse.__table__  # type: ignore[attr-defined]
_OPEN = _hold.c.closed_at.is_(None)


def left(hold: Hold) -> int:
    """What of it is neither captured nor back."""
    return hold.amount - hold.captured - hold.released


def state(hold: Hold) -> str:
    """What became of it: "captured" when anything was, "released" or "expired" when all came back."""
    if hold.closed_at is None:
        return OPEN
    if hold.captured:
        return CAPTURED
    return EXPIRED if hold.closed_at >= hold.expires_at else RELEASED


def hold_of(session: Session, holder_ids: Iterable[int], hold_id: int) -> Hold:
    """One hold of one of these holders, as it is now.

    Raises:
        NotFound
    """
    holder_ids = list(holder_ids)
    chosen = select(Hold).where(
        Hold.id == hold_id,
        bulk.one_of(session, _hold.c.holder_id, holder_ids),
        bulk.of_holders(session, _hold.c.bucket, holder_ids),
    )
    found = session.exec(chosen.execution_options(populate_existing=True)).one_or_none()
    if found is None:
        raise NotFound(what="hold")
    return found


def of_holders(session: Session, holder_ids: Iterable[int], *, limit: int, below_id: int | None = None) -> list[Hold]:
    """The holds of these holders, the latest first."""
    chosen = select(Hold).where(bulk.one_of(session, _hold.c.holder_id, holder_ids))
    if below_id is not None:
        chosen = chosen.where(col(Hold.id) < below_id)
    return list(session.exec(chosen.order_by(col(Hold.id).desc()).limit(limit)))


def open_of(session: Session, holder_id: int) -> list[Hold]:
    """The open holds of one holder, the soonest to end first."""
    chosen = select(Hold).where(Hold.holder_id == holder_id, Hold.bucket == bucket_of(holder_id), _OPEN)
    return list(session.exec(chosen.order_by(col(Hold.expires_at), col(Hold.id))))


def these(session: Session, hold_ids: Iterable[int]) -> dict[int, Hold]:
    """These holds, by number."""
    wanted = list(hold_ids)
    if not wanted:
        return {}
    return {each.id: each for each in session.exec(select(Hold).where(bulk.one_of(session, _hold.c.id, wanted)))}


def due_buckets(session: Session, at: datetime) -> list[int]:
    """The buckets that have holds to end at an instant."""
    chosen = sa.select(_hold.c.bucket).where(_OPEN, _hold.c.expires_at <= at).distinct()
    return sorted(session.execute(chosen).scalars())


def due(session: Session, bucket: int, *, at: datetime, limit: int) -> list[Hold]:
    """The holds of a locked bucket whose time is over."""
    chosen = select(Hold).where(Hold.bucket == bucket, _OPEN, Hold.expires_at <= at)
    return list(session.exec(chosen.order_by(col(Hold.expires_at), col(Hold.id)).limit(limit)))


def lots_of(session: Session, holds: Sequence[Hold]) -> dict[int, list[tuple[datetime, int]]]:
    """For each hold of one bucket, by number, from which lots what is left of it came, soonest expiry first.

    A capture uses up the soonest first, so what is left is what was drawn last.
    """
    by_entry = {each.entry_id: each for each in holds}
    rows = session.execute(
        sa.select(_lot_use.c.entry_id, _lot_use.c.expires_at, _lot_use.c.amount)
        .where(
            bulk.one_of(session, _lot_use.c.entry_id, by_entry),
            bulk.of_holders(session, _lot_use.c.bucket, {each.holder_id for each in holds}),
        )
        .order_by(_lot_use.c.expires_at.desc())
    ).all()
    found: dict[int, list[tuple[datetime, int]]] = {each.id: [] for each in holds}
    wanted = {each.id: left(each) for each in holds}
    for row in rows:
        hold_id = by_entry[row.entry_id].id
        part = min(row.amount, wanted[hold_id])
        if part > 0:
            wanted[hold_id] -= part
            found[hold_id].insert(0, (row.expires_at, part))
    return found


def give(session: Session, hold: Hold, *, target_id: int, entry_id: int) -> None:
    """Let another holder have it, from whose lots this entry drew it."""
    this = (_hold.c.id == hold.id, _hold.c.bucket == hold.bucket)
    session.expunge(hold)
    bulk.move(session, _hold, this, holder_id=target_id, bucket=bucket_of(target_id), entry_id=entry_id)


def forget_purposes(session: Session, holder_ids: Iterable[int]) -> None:
    """Forget what the holds of these holders were for: it may name a person."""
    session.execute(sa.update(_hold).where(bulk.one_of(session, _hold.c.holder_id, holder_ids)).values(purpose=None))
