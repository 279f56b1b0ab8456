"""Open lots with when what is in them was last earned: what another policy of expiry is applied to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session

from loyalty.ledger.journal import WALLET
from loyalty.ledger.lots import OpenLot
from loyalty.ledger.tables import Entry, Lot

_entry = Entry.__table__  # type: ignore[attr-defined]
_lot = Lot.__table__  # type: ignore[attr-defined]
_LEFT = _lot.c.granted - _lot.c.used - _lot.c.expired


@dataclass(frozen=True, slots=True)
class EarnedLot:
    """A lot, and the latest gain that joined it."""

    lot: OpenLot
    earned_at: datetime


def how_many(session: Session, *, now: datetime) -> int:
    """How many lots have something left that has not expired."""
    return int(session.execute(sa.select(sa.func.count()).where(_LEFT > 0, _lot.c.expires_at > now)).scalar_one())


def sample(session: Session, *, now: datetime, one_in: int) -> Iterator[EarnedLot]:
    """The open lots of every bucket in so many, by holder: holders are spread over buckets by chance."""
    return _earned(session, now, _lot.c.bucket % one_in == 0)


def next_bucket(session: Session, *, after: int, now: datetime) -> int | None:
    """The first bucket after this one that has open lots."""
    here = (_lot.c.bucket > after, _LEFT > 0, _lot.c.expires_at > now)
    found: int | None = session.execute(sa.select(sa.func.min(_lot.c.bucket)).where(*here)).scalar_one()
    return found


def of_bucket(session: Session, bucket: int, *, above_holder: int, holders: int, now: datetime) -> Iterator[EarnedLot]:
    """The open lots of the next so many holders of a locked bucket."""
    here = (_lot.c.bucket == bucket, _lot.c.holder_id > above_holder, _LEFT > 0, _lot.c.expires_at > now)
    next_ones = sa.select(_lot.c.holder_id).where(*here).distinct().order_by(_lot.c.holder_id).limit(holders)
    return _earned(session, now, sa.and_(_lot.c.bucket == bucket, _lot.c.holder_id.in_(next_ones)))


def _earned(session: Session, now: datetime, which: sa.ColumnElement[bool]) -> Iterator[EarnedLot]:
    gained = sa.and_(
        _entry.c.holder_id == _lot.c.holder_id,
        _entry.c.bucket == _lot.c.bucket,
        _entry.c.expires_at == _lot.c.expires_at,
        _entry.c.credit == WALLET,
    )
    last = sa.func.max(_entry.c.effective_at, type_=_entry.c.effective_at.type)
    rows = session.execute(
        sa.select(_lot.c.holder_id, _lot.c.expires_at, _LEFT, _lot.c.sliding, last)
        .select_from(_lot.join(_entry, gained))
        .where(which, _LEFT > 0, _lot.c.expires_at > now)
        .group_by(_lot.c.holder_id, _lot.c.expires_at, _lot.c.bucket, _LEFT, _lot.c.sliding)
        .order_by(_lot.c.holder_id, _lot.c.expires_at)
        .execution_options(yield_per=5_000)
    )
    for holder_id, expires_at, left, sliding, earned_at in rows:
        yield EarnedLot(OpenLot(holder_id, expires_at, left, sliding), earned_at)
