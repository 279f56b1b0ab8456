"""The journal's writer: gathers the legs of a transaction and writes them, with the caches they change, set by set."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Any

from sqlmodel import Session

from loyalty import bulk, ids
from loyalty.ledger.locks import HolderState
from loyalty.ledger.tables import Entry, Holder, Lot, LotUse, PendingAward

# Accounts of one holder. Points: what the station issued, what is pending, the fan's wallet, what was spent, expired,
# owed back (debt) or moved to another holder. Status points: issued and status.
ISSUED, WALLET, SPENT, EXPIRED, DEBT, MOVED, STATUS = "issued", "wallet", "spent", "expired", "debt", "moved", "status"
PENDING = "pending"
POINTS_UNIT, STATUS_UNIT = "points", "status"

_ENTRY_COLUMNS = (
    "cause_id",
    "cause",
    "leg",
    "holder_id",
    "bucket",
    "id",
    "unit",
    "debit",
    "credit",
    "amount",
    "rule_revision_id",
    "expires_at",
    "reverses",
    "effective_at",
    "recorded_at",
)
_LOT_KEYS = ("holder_id", "expires_at", "bucket")
_CACHES = {WALLET: "balance", PENDING: "pending", STATUS: "status"}
_FIGURES = ("balance", "pending", "status", "debt")  # of a holder, which its legs change
_figures = attrgetter(*_FIGURES)


_PENDING_COLUMNS = (
    "id",
    "bucket",
    "holder_id",
    "entry_id",
    "leg",
    "amount",
    "pending",
    "available_at",
    "expires_at",
)


@dataclass(frozen=True, slots=True)
class Waits:
    """Until when points are pending, and which lot they join then."""

    available_at: datetime
    expires_at: datetime


class Journal:
    """Legs to write. `write` must follow; until then nothing is in the database."""

    def __init__(self, recorded_at: datetime, *, expected: int = 0) -> None:
        """`expected`: about how many entries will come; their numbers are taken at once."""
        self.recorded_at = recorded_at
        self._ids = iter(ids.many(expected))
        self._entries: list[tuple[Any, ...]] = []
        self._next: dict[tuple[str, int, int], tuple[int, int]] = {}
        self._lots: dict[tuple[int, datetime, int], list[int]] = {}
        self._lot_uses: list[tuple[Any, ...]] = []
        self._holders: dict[int, tuple[HolderState, tuple[int, ...]]] = {}
        self._pending: list[tuple[Any, ...]] = []

    def leg(
        self,
        state: HolderState,
        debit: str,
        credit: str,
        amount: int,
        *,
        cause: str,
        cause_id: int,
        effective_at: datetime,
        unit: str = POINTS_UNIT,
        rule_revision_id: int | None = None,
        grants_to: datetime | None = None,
        draws: list[tuple[datetime, int]] | None = None,
        expires_lot: datetime | None = None,
        waits: Waits | None = None,
        reverses: int | None = None,
    ) -> int:
        """Add one leg and bring the holder's figures up to date; returns the id of its entry.

        Args:
            grants_to: the lot (by its expiry) that these points join.
            draws: lots drawn from, with amounts; a negative amount gives back.
            expires_lot: the lot that expires with this leg.
            waits: until when these points are pending.
        """
        assert amount > 0, "a leg moves a positive amount"
        if state.id not in self._holders:
            self._holders[state.id] = (state, _figures(state))
        entry_id, leg = self._next_leg(cause, cause_id, state.id)
        self._entries.append(
            (
                cause_id,
                cause,
                leg,
                state.id,
                state.bucket,
                entry_id,
                unit,
                debit,
                credit,
                amount,
                rule_revision_id,
                grants_to or expires_lot or (waits and waits.expires_at),
                reverses,
                effective_at,
                self.recorded_at,
            )
        )
        _apply(state, debit, -amount)
        _apply(state, credit, amount)
        if grants_to is not None:
            self._lot(state, grants_to)[0] += amount
        if expires_lot is not None:
            self._lot(state, expires_lot)[2] += amount
        if waits is not None:
            self._pending.append(
                (ids.new(), state.bucket, state.id, entry_id, leg, amount, amount, waits.available_at, waits.expires_at)
            )
        for expires_at, part in draws or ():
            self._lot(state, expires_at)[1] += part
            self._lot_uses.append((entry_id, leg, state.id, expires_at, state.bucket, part))
        return entry_id

    def _next_leg(self, cause: str, cause_id: int, holder_id: int) -> tuple[int, int]:
        key = (cause, cause_id, holder_id)
        entry_id, leg = self._next.get(key) or (next(self._ids, None) or ids.new(), 0)
        self._next[key] = (entry_id, leg + 1)
        return entry_id, leg

    def _lot(self, state: HolderState, expires_at: datetime) -> list[int]:
        return self._lots.setdefault((state.id, expires_at, state.bucket), [0, 0, 0])

    def write(self, session: Session) -> None:
        """Write everything gathered. Every holder must be locked by this transaction.

        Raises:
            sqlalchemy.exc.IntegrityError: a cause was posted before, or a law of the schema would break.
        """
        bulk.insert(session, Entry.__table__, _ENTRY_COLUMNS, self._entries)  # type: ignore[attr-defined]
        self._write_lots(session)
        bulk.insert(
            session,
            LotUse.__table__,  # type: ignore[attr-defined]
            ("entry_id", "leg", "holder_id", "expires_at", "bucket", "amount"),
            self._lot_uses,
        )
        bulk.insert(session, PendingAward.__table__, _PENDING_COLUMNS, self._pending)  # type: ignore[attr-defined]
        changed = [
            (*(now - before for now, before in zip(_figures(state), figures, strict=True)), state.id, state.bucket)
            for state, figures in self._holders.values()
        ]
        bulk.update(
            session,
            Holder.__table__,  # type: ignore[attr-defined]
            changed,
            keys=("id", "bucket"),
            adds=_FIGURES,
        )

    def _write_lots(self, session: Session) -> None:
        # Two steps: PostgreSQL holds the row proposed to ON CONFLICT against the CHECKs, and a bare use breaks them.
        lot = Lot.__table__  # type: ignore[attr-defined]
        grants = [(*key, granted) for key, (granted, _, _) in self._lots.items() if granted]
        bulk.upsert(session, lot, (*_LOT_KEYS, "granted"), grants, keys=_LOT_KEYS, adds=("granted",))
        uses = [(used, expired, *key) for key, (_, used, expired) in self._lots.items() if used or expired]
        bulk.update(session, lot, uses, keys=_LOT_KEYS, adds=("used", "expired"))


def _apply(state: HolderState, account: str, change: int) -> None:
    if account == DEBT:
        state.debt -= change
    elif account in _CACHES:
        setattr(state, _CACHES[account], getattr(state, _CACHES[account]) + change)
