"""A long past, made quickly: what ten thousand acts left behind is copied again and again, each time some days earlier.

The copies go through the real tables, set by set, with all their indexes and checks, and the books hold afterwards.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session

from loyalty import ids
from loyalty.activities.tables import Activity
from loyalty.bench.crowd import DAYS
from loyalty.db import Database, is_sqlite
from loyalty.ledger.tables import Entry, Holder, Lot
from loyalty.rules import issued
from loyalty.rules.tables import RuleTally

BYTES_AN_ACT = 1_300  # with room for what is written ahead

_STEP_DAYS = DAYS + 1  # no two copies meet in one day of one fan
_A_LOT = 10  # copies whose points expire together
_activity: sa.Table = Activity.__table__  # type: ignore[attr-defined]
_entry: sa.Table = Entry.__table__  # type: ignore[attr-defined]
_holder: sa.Table = Holder.__table__  # type: ignore[attr-defined]
_past = sa.MetaData()


def _first(table: sa.Table) -> sa.Table:
    columns = [sa.Column(column.name, column.type) for column in table.c]
    return sa.Table(f"bench_first_{table.name}", _past, *columns, sqlite_strict=True)


_lot: sa.Table = Lot.__table__  # type: ignore[attr-defined]
_tally: sa.Table = RuleTally.__table__  # type: ignore[attr-defined]
_first_lot, _first_tally = _first(_lot), _first(_tally)


class Past:
    """Makes a past from what is stored when it begins, which must be acts that no one has spent from."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self._copies = 0
        db.write(self._look)

    def _look(self, session: Session) -> None:
        _past.create_all(session.connection())
        for first, table in ((_first_lot, _lot), (_first_tally, _tally)):
            session.execute(sa.insert(first).from_select(list(table.c.keys()), sa.select(table)))
        newest = [session.execute(sa.select(sa.func.max(table.c.id))).scalar_one() for table in (_activity, _entry)]
        self._oldest_id = session.execute(sa.select(sa.func.min(_activity.c.id))).scalar_one()
        self._newest_id = max(newest)
        self._days = list(session.execute(sa.select(_activity.c.local_day).distinct()).scalars())
        self._entries = session.execute(sa.select(sa.func.count()).select_from(_entry)).scalar_one()
        self._given = issued.of_rules(session)

    @property
    def entries(self) -> int:
        """How many there are, in what it began with and its copies."""
        return int(self._entries * (1 + self._copies))

    def grow_to(self, entries: int, *, most_seconds: float, say: Callable[[str], None]) -> None:
        """Copy until there are about so many entries, or the time is over."""
        began = told = time.monotonic()
        before = self._copies
        while self.entries < entries and time.monotonic() - began < most_seconds:
            self._copies += 1
            self.db.write(partial(self._copy, number=self._copies))
            if time.monotonic() - told > 10:
                told = time.monotonic()
                say(f"{self.entries:,} of {entries:,} entries")
        if self._copies > before:
            self.db.write(partial(self._settle, numbers=range(before + 1, self._copies + 1)))
        self.db.write(lambda session: session.execute(sa.text("ANALYZE")))

    def _copy(self, session: Session, *, number: int) -> None:
        further = ids.new() - self._oldest_id  # whatever was written since, and whatever comes, has other numbers
        ids.stay_above(self._newest_id + further)
        earlier = partial(_earlier, session, days=number * _STEP_DAYS)
        days = {day: _days_before(day, number * _STEP_DAYS) for day in self._days}
        turn = number % 24  # another part of the key comes first each time, as keys of other acts would
        digits = _activity.c.act_key if is_sqlite(session) else sa.func.encode(_activity.c.act_key, "hex")
        later, sooner = (_part(digits, *each) for each in ((turn + 1, 24 - turn), (1, turn)))
        key = later + sooner + f"{number:08x}"
        self._insert(
            session,
            _activity,
            id=_activity.c.id + further,
            act_key=key if is_sqlite(session) else sa.func.decode(key, "hex"),
            happened_at=earlier(_activity.c.happened_at),
            recorded_at=earlier(_activity.c.recorded_at),
            local_day=sa.case(days, value=_activity.c.local_day),
        )
        self._insert(
            session,
            _entry,
            id=_entry.c.id + further,
            cause_id=_entry.c.cause_id + further,
            effective_at=earlier(_entry.c.effective_at),
            recorded_at=earlier(_entry.c.recorded_at),
            expires_at=_earlier(session, _entry.c.expires_at, days=_lot_days(number)),
        )
        shifted = {column.name: column for column in _first_tally.c}
        shifted["local_day"] = sa.case(days, value=_first_tally.c.local_day)  # type: ignore[assignment]
        session.execute(sa.insert(_tally).from_select(list(shifted), sa.select(*shifted.values())))

    def _insert(self, session: Session, table: sa.Table, **changed: Any) -> None:
        values = {column.name: changed.get(column.name, column) for column in table.c}
        first = sa.select(*values.values()).where(table.c.id.between(self._oldest_id, self._newest_id))
        session.execute(sa.insert(table).from_select(list(values), first.order_by(table.c.id)))

    def _settle(self, session: Session, *, numbers: range) -> None:
        """What the copies changed of the caches: lots, balances, and what each rule gave."""
        insert = sqlite.insert if is_sqlite(session) else postgresql.insert
        for days, copies in Counter(map(_lot_days, numbers)).items():
            values = {column.name: column for column in _first_lot.c}
            values["expires_at"] = _earlier(session, _first_lot.c.expires_at, days=days)
            values["granted"] = _first_lot.c.granted * copies  # type: ignore[assignment]
            grown = insert(_lot).from_select(list(values), sa.select(*values.values()).where(sa.true()))
            keys = [_lot.c.holder_id, _lot.c.expires_at, _lot.c.bucket]
            adds = {"granted": _lot.c.granted + grown.excluded.granted}
            session.execute(grown.on_conflict_do_update(index_elements=keys, set_=adds))
        held = sa.select(sa.func.sum(_first_lot.c.granted)).where(_first_lot.c.holder_id == _holder.c.id)
        gained = sa.cast(sa.func.coalesce(held.scalar_subquery(), 0), sa.BigInteger) * len(numbers)
        session.execute(sa.update(_holder).values(balance=_holder.c.balance + gained))
        issued.add(session, {rule: points * len(numbers) for rule, points in self._given.items()}, bucket=0)


def _part(column: Any, first: int, count: int) -> Any:
    return sa.func.substr(column, first, count, type_=sa.String)


def _lot_days(number: int) -> int:
    return (number + _A_LOT - 1) // _A_LOT * _A_LOT * _STEP_DAYS


def _days_before(day: int, days: int) -> int:
    before = date(day // 10_000, day // 100 % 100, day % 100) - timedelta(days=days)
    return before.year * 10_000 + before.month * 100 + before.day


def _earlier(session: Session, column: Any, *, days: int) -> Any:
    """An instant of a column, so many days before."""
    if is_sqlite(session):
        shifted: Any = sa.type_coerce(column, sa.BigInteger) - days * 86_400_000_000
    else:
        shifted = sa.type_coerce(column, postgresql.TIMESTAMP(timezone=True)) - sa.literal(
            timedelta(days=days), sa.Interval
        )
    return sa.type_coerce(shifted, column.type)
