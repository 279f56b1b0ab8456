"""What the legs of a journal do to lots, to years of status points and to pending awards, written set by set."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session

from loyalty import bulk, ids
from loyalty.ledger.locks import HolderState
from loyalty.ledger.tables import Lot, LotUse, PendingAward, StatusYear

_LOT_KEYS = ("holder_id", "expires_at", "bucket")
_USE_COLUMNS = ("entry_id", "leg", "holder_id", "expires_at", "bucket", "amount")
_YEAR_KEYS = ("holder_id", "ends_at", "bucket")
_PENDING_COLUMNS = (
    "id", "bucket", "holder_id", "entry_id", "leg", "amount", "pending", "available_at", "expires_at", "slides",
)  # fmt: skip
_Key = tuple[int, datetime, int]  # a holder, an expiry or the end of a year, and the holder's bucket


@dataclass(frozen=True, slots=True)
class Waits:
    """Until when points are pending, and which lot they join then."""

    available_at: datetime
    expires_at: datetime
    slides: bool = False


class Traces:
    """What is to be written beside the entries."""

    def __init__(self) -> None:
        self._lots: dict[_Key, list[int]] = {}  # granted, used, expired
        self._sliding: dict[_Key, int] = {}
        self._uses: list[tuple[Any, ...]] = []
        self._years: dict[_Key, int] = {}
        self._pending: list[tuple[Any, ...]] = []

    def join(self, state: HolderState, lot: datetime, amount: int, *, slides: bool) -> None:
        """Points join a lot, and slide from now on or do not."""
        key = (state.id, lot, state.bucket)
        self._lots.setdefault(key, [0, 0, 0])[0] += amount
        if slides:
            self._sliding[key] = self._sliding.get(key, 0) + amount

    def draw(self, state: HolderState, lot: datetime, amount: int, *, entry_id: int, leg: int, slid: bool) -> None:
        """Points leave a lot, or come back to it where the amount is negative."""
        key = (state.id, lot, state.bucket)
        self._lots.setdefault(key, [0, 0, 0])[1] += amount
        self._uses.append((entry_id, leg, *key, amount))
        if slid:
            self._sliding[key] = self._sliding.get(key, 0) - amount

    def expire(self, state: HolderState, lot: datetime, amount: int) -> None:
        """What is left in a lot is over."""
        self._lots.setdefault((state.id, lot, state.bucket), [0, 0, 0])[2] += amount

    def count(self, state: HolderState, year: datetime, change: int) -> None:
        """A year, by its end, counts more status points, or fewer."""
        key = (state.id, year, state.bucket)
        self._years[key] = self._years.get(key, 0) + change

    def wait(self, state: HolderState, amount: int, waits: Waits, *, entry_id: int, leg: int) -> None:
        """Points are pending."""
        until = (waits.available_at, waits.expires_at, waits.slides)
        self._pending.append((ids.new(), state.bucket, state.id, entry_id, leg, amount, amount, *until))

    def write(self, session: Session) -> None:
        """Write it; the entries are there already."""
        self._write_lots(session)
        self._write_years(session)
        bulk.insert(session, LotUse.__table__, _USE_COLUMNS, self._uses)  # type: ignore[attr-defined]
        bulk.insert(session, PendingAward.__table__, _PENDING_COLUMNS, self._pending)  # type: ignore[attr-defined]

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
