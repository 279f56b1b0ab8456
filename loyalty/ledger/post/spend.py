"""Points are spent, taken or given back, each by the lots it is traced to."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from loyalty import clock
from loyalty.errors import Refused
from loyalty.i18n import Words
from loyalty.ids import bucket_of
from loyalty.ledger.journal import ISSUED, POINTS_UNIT, SPENT, STATUS, WALLET, Cause, Journal
from loyalty.ledger.locks import HolderState
from loyalty.ledger.lots import OpenLot, draw, open_lots, status_years
from loyalty.ledger.post.grant import pay_debt
from loyalty.ledger.tables import Entry, LotUse

_entry = Entry.__table__  # type: ignore[attr-defined]
_lot_use = LotUse.__table__  # type: ignore[attr-defined]


class NotEnoughPoints(Refused):
    """The holder cannot spend that much; `missing` says how many points are wanting."""

    code = "not_enough_points"
    status = 409
    words = Words(
        fr="Il vous manque {missing:points} : vous en avez {balance:n}, il en faut {cost:n}.",
        en="You are {missing:points} short: you have {balance:n}, it takes {cost:n}.",
    )


def spend(
    session: Session, state: HolderState, *, amount: int, cause: str, cause_id: int, effective_at: datetime
) -> int:
    """Spend points, soonest expiry first; a lot past its expiry is not spent even before it is swept.

    Returns:
        the id of the entry.

    Raises:
        NotEnoughPoints: nothing is written.
    """
    draws = drawn(session, state, amount, at=effective_at)
    journal = Journal(clock.now())
    entry_id = journal.leg(
        state, WALLET, SPENT, amount, cause=cause, cause_id=cause_id, effective_at=effective_at, draws=draws
    )
    journal.write(session)
    return entry_id


def take(
    session: Session,
    state: HolderState,
    *,
    amount: int,
    unit: str,
    cause: str,
    cause_id: int,
    effective_at: datetime,
) -> None:
    """Take points back without a grant they belong to, soonest expiry first; never more than there is.

    Status points are taken from the latest year first: that is what somebody who corrects a rank means.

    Raises:
        NotEnoughPoints: nothing is written.
    """
    if unit == POINTS_UNIT:
        legs: list[tuple[str, int, dict[str, Any]]]
        legs = [(WALLET, amount, {"draws": drawn(session, state, amount, at=effective_at)})]
    elif state.status < amount:
        raise NotEnoughPoints(balance=state.status, cost=amount, missing=amount - state.status)
    else:
        years = status_years(session, state.id)
        latest = max(year.expires_at for year in years)
        legs = [(STATUS, part, {"lot": year}) for year, part in draw(years, amount, first=latest)]
    journal = Journal(clock.now())
    for account, part, traced in legs:
        journal.leg(
            state,
            account,
            ISSUED,
            part,
            cause=cause,
            cause_id=cause_id,
            effective_at=effective_at,
            unit=unit,
            **traced,
        )
    journal.write(session)


def give_back(
    session: Session,
    state: HolderState,
    *,
    cause: str,
    cause_id: int,
    of_cause: str,
    of_cause_id: int,
    effective_at: datetime,
) -> int:
    """Return what one spend took, to the very lots it came from; what the holder owes is paid from it first.

    Returns:
        the points given back.
    """
    spent = session.execute(
        sa.select(_entry.c.id, _entry.c.amount).where(
            _entry.c.cause == of_cause,
            _entry.c.cause_id == of_cause_id,
            _entry.c.credit == SPENT,
            _entry.c.holder_id == state.id,  # points go back to the holder that spent them
            _entry.c.bucket == state.bucket,
        )
    ).one()
    parts = [
        (expires_at, amount)
        for expires_at, amount in session.execute(
            sa.select(_lot_use.c.expires_at, _lot_use.c.amount)
            .where(_lot_use.c.entry_id == spent.id, _lot_use.c.holder_id == state.id, _lot_use.c.bucket == state.bucket)
            .order_by(_lot_use.c.expires_at)
        )
    ]
    given: Cause = {"cause": cause, "cause_id": cause_id, "effective_at": effective_at}
    back = [(expires_at, -amount) for expires_at, amount in parts]
    journal = Journal(clock.now())
    journal.leg(state, SPENT, WALLET, spent.amount, draws=back, reverses=spent.id, **given)
    pay_debt(journal, state, parts, given)
    journal.write(session)
    return int(spent.amount)


def spendable(session: Session, state: HolderState, *, at: datetime) -> int:
    """The points a locked holder can spend at an instant: what has expired does not count."""
    return _left(open_lots(session, [state.id]).get(state.id, []), at)


def posted(session: Session, holder_id: int, *, cause: str, cause_id: int) -> dict[str, int] | None:
    """What a cause issued to a holder by unit, negative where it took; None when it was never posted."""
    rows = session.execute(
        sa.select(_entry.c.unit, _entry.c.debit, _entry.c.amount).where(
            _entry.c.cause == cause,
            _entry.c.cause_id == cause_id,
            _entry.c.holder_id == holder_id,
            _entry.c.bucket == bucket_of(holder_id),
            sa.or_(_entry.c.debit == ISSUED, _entry.c.credit == ISSUED),
        )
    ).all()
    found: dict[str, int] = {}
    for row in rows:
        found[row.unit] = found.get(row.unit, 0) + (row.amount if row.debit == ISSUED else -row.amount)
    return found or None


def spender(session: Session, *, cause: str, cause_id: int) -> int:
    """The holder that spent for this cause: what it got may be another's since, after a merger."""
    chosen = sa.select(_entry.c.holder_id).where(
        _entry.c.cause == cause, _entry.c.cause_id == cause_id, _entry.c.credit == SPENT
    )
    return int(session.execute(chosen).scalar_one())


def drawn(session: Session, state: HolderState, amount: int, *, at: datetime) -> list[tuple[datetime, int]]:
    """Which lots of a locked holder `amount` comes from: soonest expiry first; what is due is not drawn from.

    Raises:
        NotEnoughPoints
    """
    lots = open_lots(session, [state.id]).get(state.id, [])
    left = _left(lots, at)
    if left < amount:
        raise NotEnoughPoints(balance=left, cost=amount, missing=amount - left)
    return draw(lots, amount, after=at)


def _left(lots: list[OpenLot], at: datetime) -> int:
    return sum(lot.left for lot in lots if lot.expires_at > at)
