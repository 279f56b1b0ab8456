"""A month of the books is closed: for good, in its order, with every entry that belongs to it."""

from __future__ import annotations

from functools import partial

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from loyalty import clock
from loyalty.db import Database, one_snapshot
from loyalty.ledger import closing
from loyalty.ledger.breakage import breakage
from loyalty.ledger.locks import every_bucket, lock_buckets
from loyalty.ledger.months import Month, numbered
from loyalty.ledger.refusals import MonthAlreadyClosed, MonthNotOver, MonthOutOfOrder, NothingToClose
from loyalty.ledger.tables import Closing
from loyalty.programme.find import the_programme, valuation
from loyalty.staff import audit


def close_month(db: Database, month: Month, *, actor: str, reason: str | None = None, dry_run: bool = False) -> Closing:
    """Close a month; a dry run says what the closing would say and writes nothing.

    Whoever records an entry takes the lock of its bucket first and reads the clock then. So once each bucket was locked
    for a moment, one after the other, after the month was over, everything that is of the month is committed and
    nothing can come any more: it is summed without a lock, and nobody waits.

    Raises:
        NothingToClose: there is no entry.
        MonthNotOver
        MonthOutOfOrder: another month comes first.
        MonthAlreadyClosed
    """
    db.read(partial(_may_close, month=month))
    if not dry_run:
        for bucket in db.read(every_bucket):
            db.write(partial(lock_buckets, buckets=[bucket]))
    made = db.read(partial(_draft, month=month, actor=actor))
    if not dry_run:
        db.write(partial(_keep, made=made, actor=actor, reason=reason))
    return made


def _may_close(session: Session, *, month: Month) -> None:
    zone = the_programme(session).zone
    expected = closing.first_open(session, zone)
    if expected is None:
        raise NothingToClose
    if month < expected and closing.of_month(session, month) is not None:
        raise MonthAlreadyClosed(month=str(month))
    if month != expected:
        raise MonthOutOfOrder(expected=str(expected))
    if clock.now() < month.ends_at(zone) + closing.MARGIN:
        raise MonthNotOver(month=str(month))


def _draft(session: Session, *, month: Month, actor: str) -> Closing:
    one_snapshot(session)
    _may_close(session, month=month)
    zone, valued = the_programme(session).zone, valuation(session)
    return closing.draft(
        session,
        month,
        zone=zone,
        breakage=breakage(session, now=month.ends_at(zone), zone=zone, declared=valued.expected_breakage),
        point_value=valued.point_value,
        closed_at=clock.now(),
        closed_by=actor,
    )


def _keep(session: Session, *, made: Closing, actor: str, reason: str | None) -> None:
    month = str(numbered(made.month))
    try:
        with session.begin_nested():
            closing.keep(session, made)
    except IntegrityError:
        raise MonthAlreadyClosed(month=month) from None
    audit.record(
        session,
        actor=actor,
        action="month.closed",
        subject=f"month:{month}",
        after={"entries": made.entries, "outstanding": made.outstanding, "hash": made.hash},
        reason=reason,
    )
