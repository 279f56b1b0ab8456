"""The journal's writer: gathers the legs of a transaction and writes them with all that they change, set by set."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from operator import attrgetter
from typing import Any, TypedDict

from sqlmodel import Session

from loyalty import bulk, ids
from loyalty.ledger.locks import HolderState
from loyalty.ledger.tables import Entry, Holder
from loyalty.ledger.traces import Traces, Waits

# Accounts of one holder. Points: what the station issued, what is pending, the fan's wallet, what is set aside (held),
# spent, expired, owed back (debt), forgiven by the station, or moved to another holder. Status points: issued, status
# and forgiven.
ISSUED, WALLET, SPENT, EXPIRED, DEBT, MOVED, STATUS = "issued", "wallet", "spent", "expired", "debt", "moved", "status"
PENDING, HELD, FORGIVEN = "pending", "held", "forgiven"
POINTS_UNIT, STATUS_UNIT = "points", "status"

TRANSFER = "transfer"  # the cause of points that one holder gives to another
AGAIN = 1_000  # from this leg on, what a cause gave later: an act judged again, under entries of their own

_CACHES = {WALLET: "balance", HELD: "held", PENDING: "pending", STATUS: "status"}
_FIGURES = ("balance", "held", "pending", "status", "debt")  # of a holder, which its legs change
_figures = attrgetter(*_FIGURES)
_ENTRY_COLUMNS = (
    "cause_id", "cause", "leg", "holder_id", "bucket", "id", "unit", "debit", "credit", "amount", "rule_revision_id",
    "expires_at", "reverses", "effective_at", "recorded_at",
)  # fmt: skip


class Cause(TypedDict):
    """What caused a leg, and when it happened: the words that the legs of one posting share."""

    cause: str
    cause_id: int
    effective_at: datetime


class Journal:
    """Legs to write. `write` must follow; until then nothing is in the database."""

    def __init__(self, recorded_at: datetime, *, expected: int = 0) -> None:
        """`expected`: about how many entries will come; their numbers are taken at once."""
        self.recorded_at = recorded_at
        self._ids = iter(ids.many(expected))
        self._entries: list[tuple[Any, ...]] = []
        self._sliding_entries: list[tuple[Any, ...]] = []  # apart: few programmes have any
        self._next: dict[tuple[str, int, int], tuple[int, int]] = {}
        self._holders: dict[int, tuple[HolderState, tuple[int, ...]]] = {}
        self._traces = Traces()

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
        lot: datetime | None = None,
        draws: Iterable[tuple[datetime, int]] = (),
        waits: Waits | None = None,
        reverses: int | None = None,
        slides: bool = False,
        first_leg: int = 0,
    ) -> int:
        """Add one leg and bring the holder's figures up to date; returns the id of its entry.

        Args:
            lot: by its expiry, the one these points join or expire with; of status points, the year they count in.
            draws: lots drawn from, with amounts; a negative amount gives back.
            waits: until when these points are pending.
            slides: points that join a lot here slide from now on; points drawn here did.
            first_leg: the number of the first leg of this cause here.
        """
        assert amount > 0, "a leg moves a positive amount"
        assert lot is not None or STATUS not in (debit, credit), "status points count in a year"
        if state.id not in self._holders:
            self._holders[state.id] = (state, _figures(state))
        entry_id, leg = self._next_leg(cause, cause_id, state.id, first_leg)
        entry = (
            cause_id, cause, leg, state.id, state.bucket, entry_id, unit, debit, credit, amount, rule_revision_id,
            lot or (waits and waits.expires_at), reverses, effective_at, self.recorded_at,
        )  # fmt: skip
        if slides:
            self._sliding_entries.append((*entry, True))
        else:
            self._entries.append(entry)
        _apply(state, debit, -amount)
        _apply(state, credit, amount)
        if lot is not None and credit == WALLET:
            self._traces.join(state, lot, amount, slides=slides)
        elif lot is not None and credit == EXPIRED:
            self._traces.expire(state, lot, amount)
        elif lot is not None:
            assert STATUS in (debit, credit), "what comes to no lot counts in a year"
            self._traces.count(state, lot, amount if credit == STATUS else -amount)
        if waits is not None:
            self._traces.wait(state, amount, waits, entry_id=entry_id, leg=leg)
        for expires_at, part in draws:
            self._traces.draw(state, expires_at, part, entry_id=entry_id, leg=leg, slid=slides)
        return entry_id

    def _next_leg(self, cause: str, cause_id: int, holder_id: int, first: int) -> tuple[int, int]:
        key = (cause, cause_id, holder_id)
        entry_id, leg = self._next.get(key) or (next(self._ids, None) or ids.new(), first)
        self._next[key] = (entry_id, leg + 1)
        return entry_id, leg

    def write(self, session: Session) -> None:
        """Write everything gathered. Every holder must be locked by this transaction.

        Raises:
            sqlalchemy.exc.IntegrityError: a cause was posted before, or a law of the schema would break.
        """
        entry = Entry.__table__  # type: ignore[attr-defined]
        bulk.insert(session, entry, _ENTRY_COLUMNS, self._entries)
        bulk.insert(session, entry, (*_ENTRY_COLUMNS, "slides"), self._sliding_entries)
        self._traces.write(session)
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


def _apply(state: HolderState, account: str, change: int) -> None:
    if account == DEBT:
        state.debt -= change
    elif account in _CACHES:
        setattr(state, _CACHES[account], getattr(state, _CACHES[account]) + change)
