"""Months are closed, in order and for good: what moved in each, what stood at its end, chained to the one before.

The accounting date of an entry is when we recorded it. So an act that comes late, whatever day it is of, falls into the
month that is open, and a closed one never changes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlmodel import Session

from loyalty.db import to_microseconds
from loyalty.ledger import sums
from loyalty.ledger.breakage import Breakage
from loyalty.ledger.months import Month, month_of, numbered
from loyalty.ledger.sums import Balances, Movement
from loyalty.ledger.tables import Closing, Entry

FIRST = "0" * 64  # what the first closing is chained to
# After a month has ended, before it can be closed: the clocks of our machines may differ by less.
MARGIN = timedelta(minutes=5)

_closing = Closing.__table__  # type: ignore[attr-defined]
_entry = Entry.__table__  # type: ignore[attr-defined]
_INSTANTS = ("begins_at", "ends_at", "closed_at")
# What a closing says, in the order it is hashed.
CONTENT = (
    "month", *_INSTANTS, "closed_by", "entries", "movements", "balances", "outstanding", "point_value", "breakage",
    "previous",
)  # fmt: skip


def latest(session: Session) -> Closing | None:
    """The last month that was closed."""
    return session.execute(sa.select(Closing).order_by(_closing.c.month.desc()).limit(1)).scalar_one_or_none()


def every(session: Session) -> list[Closing]:
    """All of them, the first first."""
    return list(session.execute(sa.select(Closing).order_by(_closing.c.month)).scalars())


def of_month(session: Session, month: Month) -> Closing | None:
    """One closed month."""
    return session.get(Closing, month.number)


def first_open(session: Session, zone: ZoneInfo) -> Month | None:
    """The month to be closed next: after the last one, or that of the first entry; None: there is no entry yet."""
    last = latest(session)
    if last is not None:
        return numbered(last.month).later(1)
    began = session.execute(sa.select(_entry.c.recorded_at).order_by(_entry.c.recorded_at).limit(1)).scalar()
    return None if began is None else month_of(began, zone)


def draft(
    session: Session,
    month: Month,
    *,
    zone: ZoneInfo,
    breakage: Breakage,
    point_value: int | None,
    closed_at: datetime,
    closed_by: str,
) -> Closing:
    """What the closing of the first open month says; nothing is written.

    It begins where the one before ended, though the programme's time zone may have changed meanwhile.
    """
    last = latest(session)
    begins_at = month.begins_at(zone) if last is None else last.ends_at
    moved = sums.movements(session, begins_at if last else None, month.ends_at(zone))
    balances = sums.applied(sums.kept(last.balances) if last else {}, moved)
    unsigned = Closing(
        month=month.number,
        begins_at=begins_at,
        ends_at=month.ends_at(zone),
        closed_at=closed_at,
        closed_by=closed_by,
        **figures(moved, balances),
        point_value=point_value,
        breakage=[breakage.least, breakage.expected, breakage.most],
        previous=FIRST if last is None else last.hash,
        hash="",
    )
    unsigned.hash = content_hash(unsigned)
    return unsigned


def figures(moved: Iterable[Movement], balances: Balances) -> dict[str, Any]:
    """What a closing keeps of the entries, as it keeps it."""
    moved = list(moved)
    return {
        "entries": sum(each.legs for each in moved),
        "movements": [[each.unit, each.debit, each.credit, each.amount, each.legs] for each in moved],
        "balances": [[*key, points] for key, points in sorted(balances.items())],
        "outstanding": sum(sums.owed_to_fans(balances).values()),
    }


def keep(session: Session, closing: Closing) -> None:
    """Keep it, for good.

    Raises:
        sqlalchemy.exc.IntegrityError: this month was closed meanwhile.
    """
    said = {name: getattr(closing, name) for name in (*CONTENT, "hash")}
    session.execute(sa.insert(_closing).values(**said))


def content_hash(closing: Closing) -> str:
    """The hash of what it says, that of the one before included."""
    said = [getattr(closing, name) for name in CONTENT]
    plain = [to_microseconds(each) if isinstance(each, datetime) else each for each in said]
    return hashlib.sha256(json.dumps(plain, separators=(",", ":"), ensure_ascii=True).encode()).hexdigest()


def movements_of(closing: Closing) -> list[Movement]:
    """What moved in a closed month."""
    return [Movement(*each) for each in closing.movements]
