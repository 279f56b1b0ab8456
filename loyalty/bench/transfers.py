"""A plain ledger for comparison, of our own, as textbooks have it: two accounts locked, a transfer, two balances."""

from __future__ import annotations

import random

import sqlalchemy as sa
from sqlmodel import Session

from loyalty import ids
from loyalty.bench.floor import Driver
from loyalty.db import Database

ACCOUNTS = 20_000

_plain = sa.MetaData()
_account = sa.Table(
    "bench_account",
    _plain,
    sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("balance", sa.BigInteger, nullable=False),
    sa.Column("version", sa.BigInteger, nullable=False),
    sqlite_strict=True,
)
_transfer = sa.Table(
    "bench_transfer",
    _plain,
    sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("debit_id", sa.BigInteger, sa.ForeignKey("bench_account.id"), index=True, nullable=False),
    sa.Column("credit_id", sa.BigInteger, sa.ForeignKey("bench_account.id"), index=True, nullable=False),
    sa.Column("amount", sa.BigInteger, sa.CheckConstraint("amount > 0", name="bench_amount"), nullable=False),
    sqlite_strict=True,
)
_STATEMENTS = (
    "SELECT id, balance FROM bench_account WHERE id IN (?, ?) ORDER BY id FOR UPDATE",
    "INSERT INTO bench_transfer (id, debit_id, credit_id, amount) VALUES (?, ?, ?, ?)",
    "UPDATE bench_account SET balance = balance + ?, version = version + 1 WHERE id = ?",
)


class PlainLedger:
    """Moves points between accounts, one call a transfer: lock in order, insert, update both."""

    def __init__(self, db: Database) -> None:
        self._driver = Driver(db)
        self._random = random.Random(47)  # noqa: S311 - the same accounts every time
        self._lock, self._insert, self._update = (self._driver.spell(each) for each in _STATEMENTS)
        db.write(_open_accounts)

    def transfer(self, _number: int = 0) -> None:
        """One transfer, one transaction."""
        self.loop(1)

    def loop(self, count: int) -> None:
        """So many transfers in one transaction, one after the other."""
        with self._driver.transaction() as cursor:
            for _ in range(count):
                debit, credit = self._random.sample(range(ACCOUNTS), 2)
                cursor.execute(self._lock, (debit, credit))
                assert len(cursor.fetchall()) == 2, "both accounts are there"
                cursor.execute(self._insert, (ids.new(), debit, credit, 10))
                cursor.execute(self._update, (-10, debit))
                cursor.execute(self._update, (10, credit))


def _open_accounts(session: Session) -> None:
    _plain.create_all(session.connection())
    session.execute(sa.insert(_account), [{"id": each, "balance": 0, "version": 0} for each in range(ACCOUNTS)])
