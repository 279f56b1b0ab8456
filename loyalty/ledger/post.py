"""The one door into the ledger: every change of points is one of these calls.

Each expects its holders locked by `locks.lock` in the same transaction, and writes through one `Journal`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session

from loyalty import bulk, clock
from loyalty.errors import Refused
from loyalty.i18n import Words
from loyalty.ids import bucket_of
from loyalty.ledger import pending
from loyalty.ledger.journal import (
    DEBT,
    EXPIRED,
    ISSUED,
    MOVED,
    PENDING,
    POINTS_UNIT,
    SPENT,
    STATUS,
    STATUS_UNIT,
    WALLET,
    Journal,
    Waits,
)
from loyalty.ledger.locks import HolderState, lock, lock_buckets, open_holders, refuse_moved
from loyalty.ledger.lots import OpenLot, draw, open_lots
from loyalty.ledger.tables import NEVER, Entry, Holder, Lot, LotUse

__all__ = [
    "Award",
    "HolderState",
    "NotEnoughPoints",
    "Recorded",
    "activate",
    "award",
    "expire",
    "give_back",
    "lock",
    "lock_buckets",
    "move",
    "open_holders",
    "posted",
    "recorded",
    "refuse_moved",
    "reverse",
    "spend",
    "spendable",
    "spender",
    "take",
]

ACTIVATION = "activation"  # the cause of pending points that become spendable; its id is that of the pending award

_entry = Entry.__table__  # type: ignore[attr-defined]
_holder = Holder.__table__  # type: ignore[attr-defined]
_lot = Lot.__table__  # type: ignore[attr-defined]
_lot_use = LotUse.__table__  # type: ignore[attr-defined]


class NotEnoughPoints(Refused):
    """The holder cannot spend that much; `missing` says how many points are wanting."""

    code = "not_enough_points"
    status = 409
    words = Words(
        fr="Il vous manque {missing:n} {missing:point|points} : vous en avez {balance:n}, il en faut {cost:n}.",
        en="You are {missing:n} {missing:point|points} short: you have {balance:n}, it takes {cost:n}.",
    )


@dataclass(slots=True, kw_only=True)
class Award:
    """Points or status points for one holder; awards of one cause are the legs of one entry."""

    holder_id: int
    unit: str
    amount: int
    cause: str
    cause_id: int
    effective_at: datetime
    expires_at: datetime = NEVER
    available_at: datetime | None = None  # pending until then; None: spendable at once
    rule_revision_id: int | None = None


def award(session: Session, states: Mapping[int, HolderState], awards: Sequence[Award]) -> None:
    """Grant points; what a holder owes is paid first, from those that can be spent."""
    journal = Journal(clock.now(), expected=len(awards))
    for each in awards:
        state = states[each.holder_id]
        points = each.unit == POINTS_UNIT
        waits = None
        if points and each.available_at is not None and each.available_at > journal.recorded_at:
            waits = Waits(each.available_at, each.expires_at)
        journal.leg(
            state,
            ISSUED,
            PENDING if waits else WALLET if points else STATUS,
            each.amount,
            cause=each.cause,
            cause_id=each.cause_id,
            effective_at=each.effective_at,
            unit=each.unit,
            rule_revision_id=each.rule_revision_id,
            grants_to=each.expires_at if points and not waits else None,
            waits=waits,
        )
        if points and not waits and state.debt:
            paid = min(state.debt, each.amount)
            _pay_debt(journal, state, paid, [(each.expires_at, paid)], each.cause, each.cause_id, each.effective_at)
    journal.write(session)


def spend(
    session: Session, state: HolderState, *, amount: int, cause: str, cause_id: int, effective_at: datetime
) -> int:
    """Spend points, soonest expiry first; a lot past its expiry is not spent even before it is swept.

    Returns:
        the id of the entry.

    Raises:
        NotEnoughPoints: nothing is written.
    """
    draws = _drawn(session, state, amount, at=effective_at)
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

    Raises:
        NotEnoughPoints: nothing is written.
    """
    draws = None
    if unit == POINTS_UNIT:
        draws = _drawn(session, state, amount, at=effective_at)
    elif state.status < amount:
        raise NotEnoughPoints(balance=state.status, cost=amount, missing=amount - state.status)
    account = WALLET if unit == POINTS_UNIT else STATUS
    journal = Journal(clock.now())
    journal.leg(
        state,
        account,
        ISSUED,
        amount,
        cause=cause,
        cause_id=cause_id,
        effective_at=effective_at,
        unit=unit,
        draws=draws,
    )
    journal.write(session)


def spendable(session: Session, state: HolderState, *, at: datetime) -> int:
    """The points a locked holder can spend at an instant: what has expired or is held does not count."""
    return _left(open_lots(session, [state.id]).get(state.id, []), state, at)


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
    return {row.unit: row.amount if row.debit == ISSUED else -row.amount for row in rows} or None


def spender(session: Session, *, cause: str, cause_id: int) -> int:
    """The holder that spent for this cause: what it got may be another's since, after a merger."""
    chosen = sa.select(_entry.c.holder_id).where(
        _entry.c.cause == cause, _entry.c.cause_id == cause_id, _entry.c.credit == SPENT
    )
    return int(session.execute(chosen).scalar_one())


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
    drawn = [
        (expires_at, amount)
        for expires_at, amount in session.execute(
            sa.select(_lot_use.c.expires_at, _lot_use.c.amount)
            .where(_lot_use.c.entry_id == spent.id, _lot_use.c.holder_id == state.id, _lot_use.c.bucket == state.bucket)
            .order_by(_lot_use.c.expires_at)
        )
    ]
    journal = Journal(clock.now())
    journal.leg(
        state,
        SPENT,
        WALLET,
        spent.amount,
        cause=cause,
        cause_id=cause_id,
        effective_at=effective_at,
        draws=[(expires_at, -amount) for expires_at, amount in drawn],
        reverses=spent.id,
    )
    if state.debt:
        lots = [OpenLot(state.id, expires_at, amount) for expires_at, amount in drawn]
        paid = min(state.debt, spent.amount)
        _pay_debt(journal, state, paid, draw(lots, paid), cause, cause_id, effective_at)
    journal.write(session)
    return int(spent.amount)


@dataclass(frozen=True, slots=True)
class Recorded:
    """One leg that granted, and how much of it was taken back already."""

    entry_id: int
    leg: int
    unit: str
    amount: int
    reversed: int
    rule_revision_id: int | None
    expires_at: datetime | None


def recorded(session: Session, *, cause: str, cause_id: int, holder_ids: Iterable[int]) -> list[Recorded]:
    """What one cause granted, by rule revision, with what was reversed since.

    Args:
        holder_ids: to whom it can have been granted, and from whom taken back since.
    """
    theirs = bulk.of_holders(session, _entry.c.bucket, holder_ids)
    said = (_entry.c.id, _entry.c.leg, _entry.c.unit, _entry.c.amount, _entry.c.rule_revision_id, _entry.c.expires_at)
    granted = session.execute(
        sa.select(*said).where(theirs, _entry.c.cause == cause, _entry.c.cause_id == cause_id, _entry.c.debit == ISSUED)
    ).all()
    reversals = session.execute(
        sa.select(_entry.c.reverses, _entry.c.unit, _entry.c.rule_revision_id, sa.func.sum(_entry.c.amount))
        .where(theirs, bulk.one_of(session, _entry.c.reverses, [row.id for row in granted]), _entry.c.credit == ISSUED)
        .group_by(_entry.c.reverses, _entry.c.unit, _entry.c.rule_revision_id)
    )
    taken = {(entry_id, unit, revision_id): int(amount) for entry_id, unit, revision_id, amount in reversals}
    return [
        Recorded(
            entry_id=row.id,
            leg=row.leg,
            unit=row.unit,
            amount=row.amount,
            reversed=taken.get((row.id, row.unit, row.rule_revision_id), 0),
            rule_revision_id=row.rule_revision_id,
            expires_at=row.expires_at,
        )
        for row in granted
    ]


def reverse(
    session: Session,
    state: HolderState,
    takes: Sequence[tuple[Recorded, int]],
    *,
    cause: str,
    cause_id: int,
    effective_at: datetime,
) -> None:
    """Take back recorded amounts: from the lot they joined, then from the soonest, and the rest becomes a debt.

    Args:
        takes: each granting leg with how much of it to take back now.
    """
    lots = open_lots(session, [state.id]).get(state.id, [])
    waiting = pending.of_entries(session, {leg.entry_id for leg, _ in takes}, bucket=state.bucket)
    journal = Journal(clock.now())
    for leg, amount in takes:
        assert leg.reversed + amount <= leg.amount, "no more is taken back than was given"
        parts: list[tuple[str, int, list[tuple[datetime, int]] | None]]
        if leg.unit == STATUS_UNIT:
            parts = [(STATUS, amount, None)]
        else:
            still = min(amount, waiting.get((leg.entry_id, leg.leg), 0))
            drawn = draw(lots, min(amount - still, state.balance), first=leg.expires_at)
            available = sum(part for _, part in drawn)
            parts = [(PENDING, still, None), (WALLET, available, drawn), (DEBT, amount - still - available, None)]
            if still:
                pending.lower(session, entry_id=leg.entry_id, leg=leg.leg, bucket=state.bucket, by=still)
        for account, part, draws in parts:
            if part:
                journal.leg(
                    state,
                    account,
                    ISSUED,
                    part,
                    cause=cause,
                    cause_id=cause_id,
                    effective_at=effective_at,
                    unit=leg.unit,
                    rule_revision_id=leg.rule_revision_id,
                    draws=draws,
                    reverses=leg.entry_id,
                )
    journal.write(session)


def move(
    session: Session, source: HolderState, target: HolderState, *, cause: str, cause_id: int, effective_at: datetime
) -> int:
    """Merge one holder into another: all it has and owes moves, lot by lot, expiries kept. Returns the points moved.

    The source is marked: who waited for its lock finds that the points are elsewhere now.
    """
    journal = Journal(clock.now())
    posted = {"cause": cause, "cause_id": cause_id, "effective_at": effective_at}
    moved = source.balance
    arriving = []
    for lot in open_lots(session, [source.id]).get(source.id, []):
        journal.leg(source, WALLET, MOVED, lot.left, draws=[(lot.expires_at, lot.left)], **posted)  # type: ignore[arg-type]
        journal.leg(target, MOVED, WALLET, lot.left, grants_to=lot.expires_at, **posted)  # type: ignore[arg-type]
        arriving.append(OpenLot(target.id, lot.expires_at, lot.left))
    if source.pending:
        waits = source.pending
        journal.leg(source, PENDING, MOVED, waits, **posted)  # type: ignore[arg-type]
        journal.leg(target, MOVED, PENDING, waits, **posted)  # type: ignore[arg-type]
        pending.give(session, source_id=source.id, target_id=target.id, target_bucket=target.bucket)
    if source.status:
        status = source.status
        journal.leg(source, STATUS, MOVED, status, unit=STATUS_UNIT, **posted)  # type: ignore[arg-type]
        journal.leg(target, MOVED, STATUS, status, unit=STATUS_UNIT, **posted)  # type: ignore[arg-type]
    if source.debt:
        debt = source.debt
        journal.leg(source, MOVED, DEBT, debt, **posted)  # type: ignore[arg-type]
        journal.leg(target, DEBT, MOVED, debt, **posted)  # type: ignore[arg-type]
    if target.debt and target.balance:
        lots = _merged(open_lots(session, [target.id]).get(target.id, []), arriving)
        paid = min(target.debt, target.balance)
        _pay_debt(journal, target, paid, draw(lots, paid), cause, cause_id, effective_at)
    journal.write(session)
    session.execute(
        sa.update(_holder)
        .where(_holder.c.id == source.id, _holder.c.bucket == source.bucket)
        .values(merged_into=target.id)
    )
    source.merged_into = target.id
    return moved


def expire(session: Session, bucket: int, *, at: datetime, cause_id_of: Sequence[int], limit: int) -> int:
    """Expire what is left in the due lots of one locked bucket, at most `limit` lots.

    Args:
        cause_id_of: fresh identifiers, one for each lot that may expire.

    Returns:
        how many lots expired; fewer than `limit` means the bucket is done.
    """
    left = _lot.c.granted - _lot.c.used - _lot.c.expired
    due = session.execute(
        sa.select(_lot.c.holder_id, _lot.c.expires_at, left)
        .where(_lot.c.bucket == bucket, _lot.c.expires_at <= at, left > 0)
        .order_by(_lot.c.holder_id, _lot.c.expires_at)
        .limit(limit)
    ).all()
    states = lock(session, {row.holder_id for row in due}) if due else {}
    journal = Journal(clock.now())
    for cause_id, (holder_id, expires_at, amount) in zip(cause_id_of, due, strict=False):
        journal.leg(
            states[holder_id],
            WALLET,
            EXPIRED,
            amount,
            cause="expiry",
            cause_id=cause_id,
            effective_at=expires_at,
            expires_lot=expires_at,
        )
    journal.write(session)
    return len(due)


def _drawn(session: Session, state: HolderState, amount: int, *, at: datetime) -> list[tuple[datetime, int]]:
    """Which lots `amount` comes from: soonest expiry first; what is due or held is not drawn from."""
    lots = open_lots(session, [state.id]).get(state.id, [])
    left = _left(lots, state, at)
    if left < amount:
        raise NotEnoughPoints(balance=left, cost=amount, missing=amount - left)
    return draw(lots, amount, after=at)


def _left(lots: list[OpenLot], state: HolderState, at: datetime) -> int:
    return max(0, sum(lot.left for lot in lots if lot.expires_at > at) - state.held)


def activate(session: Session, bucket: int, *, at: datetime, limit: int) -> int:
    """Make the pending points of one locked bucket spendable whose time has come, at most `limit` awards.

    Returns:
        how many awards; fewer than `limit` means the bucket is done.
    """
    due = pending.due(session, bucket, at=at, limit=limit)
    states = lock(session, {each.holder_id for each in due}) if due else {}
    journal = Journal(clock.now(), expected=len(due))
    for each in due:
        state, posted = states[each.holder_id], {"cause": ACTIVATION, "cause_id": each.id}
        journal.leg(
            state, PENDING, WALLET, each.pending, effective_at=each.available_at, grants_to=each.expires_at, **posted
        )
        if state.debt:
            paid = min(state.debt, each.pending)
            _pay_debt(journal, state, paid, [(each.expires_at, paid)], **posted, effective_at=each.available_at)
    journal.write(session)
    pending.done(session, [(each.id, each.bucket) for each in due])
    return len(due)


def _pay_debt(
    journal: Journal,
    state: HolderState,
    amount: int,
    draws: list[tuple[datetime, int]],
    cause: str,
    cause_id: int,
    effective_at: datetime,
) -> None:
    journal.leg(state, WALLET, DEBT, amount, cause=cause, cause_id=cause_id, effective_at=effective_at, draws=draws)


def _merged(one: list[OpenLot], other: list[OpenLot]) -> list[OpenLot]:
    merged: dict[datetime, OpenLot] = {}
    for lot in (*one, *other):
        known = merged.setdefault(lot.expires_at, OpenLot(lot.holder_id, lot.expires_at, 0))
        known.left += lot.left
    return list(merged.values())
