"""The journal's writer: gathers the legs of a transaction and writes them, with the caches they change, set by set."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Any

from sqlmodel import Session

from loyalty import bulk, ids
from loyalty.ledger.locks import HolderState
from loyalty.ledger.tables import Entry, Holder, Lot, LotUse, PendingAward, StatusYear

# Accounts of one holder. Points: what the station issued, what is pending, the fan's wallet, what is set aside (held),
# spent, expired, owed back (debt), forgiven by the station, or moved to another holder. Status points: issued, status
# and forgiven.
ISSUED, WALLET, SPENT, EXPIRED, DEBT, MOVED, STATUS = "issued", "wallet", "spent", "expired", "debt", "moved", "status"
PENDING, HELD, FORGIVEN = "pending", "held", "forgiven"
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
_YEAR_KEYS = ("holder_id", "ends_at", "bucket")
_CACHES = {WALLET: "balance", HELD: "held", PENDING: "pending", STATUS: "status"}
TRANSFER = "transfer"  # the cause of points that one holder gives to another
AGAIN = 1_000  # from this leg on, what a cause gave later: an act judged again, under entries of their own
_FIGURES = ("balance", "held", "pending", "status", "debt")  # of a holder, which its legs change
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
    "slides",
)


@dataclass(frozen=True, slots=True)
class Waits:
    """Until when points are pending, and which lot they join then."""

    available_at: datetime
    expires_at: datetime
    slides: bool = False


class Journal:
    """Legs to write. `write` must follow; until then nothing is in the database."""

    def __init__(self, recorded_at: datetime, *, expected: int = 0) -> None:
        """`expected`: about how many entries will come; their numbers are taken at once."""
        self.recorded_at = recorded_at
        self._ids = iter(ids.many(expected))
        self._entries: list[tuple[Any, ...]] = []
        self._sliding_entries: list[tuple[Any, ...]] = []  # apart: few programmes have any
        self._next: dict[tuple[str, int, int], tuple[int, int]] = {}
        self._lots: dict[tuple[int, datetime, int], list[int]] = {}
        self._sliding: dict[tuple[int, datetime, int], int] = {}
        self._lot_uses: list[tuple[Any, ...]] = []
        self._years: dict[tuple[int, datetime, int], int] = {}
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
        year: datetime | None = None,
        reverses: int | None = None,
        slides: bool = False,
        first_leg: int = 0,
    ) -> int:
        """Add one leg and bring the holder's figures up to date; returns the id of its entry.

        Args:
            grants_to: the lot (by its expiry) that these points join.
            draws: lots drawn from, with amounts; a negative amount gives back.
            expires_lot: the lot that expires with this leg.
            waits: until when these points are pending.
            slides: points granted here slide from now on; points drawn here did.
            year: the end of the year these status points count in.
            first_leg: the number of the first leg of this cause here.
        """
        assert amount > 0, "a leg moves a positive amount"
        assert (STATUS in (debit, credit)) == (year is not None), "status points, and they alone, count in a year"
        if state.id not in self._holders:
            self._holders[state.id] = (state, _figures(state))
        entry_id, leg = self._next_leg(cause, cause_id, state.id, first_leg)
        entry = (
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
            grants_to or expires_lot or year or (waits and waits.expires_at),
            reverses,
            effective_at,
            self.recorded_at,
        )
        if slides:
            self._sliding_entries.append((*entry, True))
        else:
            self._entries.append(entry)
        _apply(state, debit, -amount)
        _apply(state, credit, amount)
        if grants_to is not None:
            self._lot(state, grants_to)[0] += amount
            if slides:
                self._slide(state, grants_to, amount)
        if expires_lot is not None:
            self._lot(state, expires_lot)[2] += amount
        if waits is not None:
            self._pending.append(
                (
                    *(ids.new(), state.bucket, state.id, entry_id, leg, amount, amount),
                    *(waits.available_at, waits.expires_at, waits.slides),
                )
            )
        if year is not None:
            key = (state.id, year, state.bucket)
            self._years[key] = self._years.get(key, 0) + (amount if credit == STATUS else -amount)
        for expires_at, part in draws or ():
            self._lot(state, expires_at)[1] += part
            self._lot_uses.append((entry_id, leg, state.id, expires_at, state.bucket, part))
            if slides:
                self._slide(state, expires_at, -part)
        return entry_id

    def _next_leg(self, cause: str, cause_id: int, holder_id: int, first: int) -> tuple[int, int]:
        key = (cause, cause_id, holder_id)
        entry_id, leg = self._next.get(key) or (next(self._ids, None) or ids.new(), first)
        self._next[key] = (entry_id, leg + 1)
        return entry_id, leg

    def _lot(self, state: HolderState, expires_at: datetime) -> list[int]:
        return self._lots.setdefault((state.id, expires_at, state.bucket), [0, 0, 0])

    def _slide(self, state: HolderState, expires_at: datetime, change: int) -> None:
        key = (state.id, expires_at, state.bucket)
        self._sliding[key] = self._sliding.get(key, 0) + change

    def write(self, session: Session) -> None:
        """Write everything gathered. Every holder must be locked by this transaction.

        Raises:
            sqlalchemy.exc.IntegrityError: a cause was posted before, or a law of the schema would break.
        """
        entry = Entry.__table__  # type: ignore[attr-defined]
        bulk.insert(session, entry, _ENTRY_COLUMNS, self._entries)
        bulk.insert(session, entry, (*_ENTRY_COLUMNS, "slides"), self._sliding_entries)
        self._write_lots(session)
        self._write_years(session)
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
        sliding = [(change, *key) for key, change in self._sliding.items() if change]
        bulk.update(session, lot, sliding, keys=_LOT_KEYS, adds=("sliding",))

    def _write_years(self, session: Session) -> None:
        year = StatusYear.__table__  # type: ignore[attr-defined]
        gains = [(*key, points) for key, points in self._years.items() if points > 0]
        bulk.upsert(session, year, (*_YEAR_KEYS, "points"), gains, keys=_YEAR_KEYS, adds=("points",))
        losses = [(points, *key) for key, points in self._years.items() if points < 0]
        bulk.update(session, year, losses, keys=_YEAR_KEYS, adds=("points",))


def _apply(state: HolderState, account: str, change: int) -> None:
    if account == DEBT:
        state.debt -= change
    elif account in _CACHES:
        setattr(state, _CACHES[account], getattr(state, _CACHES[account]) + change)
