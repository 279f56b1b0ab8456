"""What would be earned, without earning it: the very same flow, on a scratch copy of what it touches.

The station's own database is only read, a snapshot a batch: nothing is locked, nothing rolled back, however long the
rehearsal lasts. What the facts would change is kept in a scratch SQLite file, so the second thousand is judged after
the first: caps, budgets, cool-downs and acts told twice come out as they would.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlmodel import Session

from loyalty import bulk, clock
from loyalty.activities.fact import ActivityFact
from loyalty.activities.tables import Activity, Verdicts, Withdrawal
from loyalty.day import day_number
from loyalty.db import Database
from loyalty.fans.identities import Account, KnownIdentity, find_identities
from loyalty.fans.tables import Identity
from loyalty.flows.earn import BATCH, Outcome, earn
from loyalty.ledger.tables import Entry, Holder, Lot, LotUse
from loyalty.programme.find import TheProgramme, the_programme
from loyalty.programme.tables import Programme
from loyalty.rules.evaluate import Limits, Revision
from loyalty.rules.find import current_history
from loyalty.rules.tables import Rule, RuleRevision, RuleTally
from loyalty.tables import metadata

_programme = Programme.__table__  # type: ignore[attr-defined]
_rule = Rule.__table__  # type: ignore[attr-defined]
_revision = RuleRevision.__table__  # type: ignore[attr-defined]
_identity = Identity.__table__  # type: ignore[attr-defined]
_holder = Holder.__table__  # type: ignore[attr-defined]
_tally = RuleTally.__table__  # type: ignore[attr-defined]
_entry = Entry.__table__  # type: ignore[attr-defined]
_activity = Activity.__table__  # type: ignore[attr-defined]
_verdicts = Verdicts.__table__  # type: ignore[attr-defined]
_withdrawal = Withdrawal.__table__  # type: ignore[attr-defined]
_PART = 5_000  # rows in memory at once while they are copied


@contextmanager
def rehearsal(db: Database) -> Iterator[Rehearsal]:
    """A rehearsal under the rules of this moment; what it kept is gone when the block ends.

    Raises:
        NotFound: the programme is not set up.
    """
    with tempfile.TemporaryDirectory(prefix="loyalty-rehearsal-") as folder:
        scratch = Database(f"sqlite:///{Path(folder, 'scratch.sqlite3')}")
        try:
            metadata.create_all(scratch.engine)
            yield Rehearsal(db, scratch)
        finally:
            scratch.dispose()


class Rehearsal:
    """Facts judged one after the other, as if each were recorded."""

    def __init__(self, db: Database, scratch: Database) -> None:
        self.programme: TheProgramme = db.read(the_programme)
        self._db = db
        self._scratch = scratch
        self._bring(_rules)

    def earn(self, facts: Sequence[ActivityFact], *, source: str) -> list[Outcome]:
        """What `flows.earn.earn` would answer, were the facts before these recorded too."""
        outcomes: list[Outcome] = []
        for start in range(0, len(facts), BATCH):
            batch = facts[start : start + BATCH]
            self._bring(partial(_what_they_touch, facts=batch, zone=self.programme.zone))
            outcomes += earn(self._scratch, batch, source=source)
            self._scratch.write(_forget_postings)
        return outcomes

    def _bring(self, what: Callable[[_Copy], None]) -> None:
        self._db.read(lambda live: self._scratch.write(lambda scratch: what(_Copy(live, scratch))))


@dataclass(frozen=True, slots=True)
class _Copy:
    """From the live database to the scratch file."""

    live: Session
    scratch: Session

    def missing(self, table: Any, *conditions: sa.ColumnElement[bool]) -> None:
        """Copy the rows that are not there yet; what the rehearsal changed since stays changed."""
        chosen = sa.select(table).where(*conditions).execution_options(yield_per=_PART)
        insert = sa.insert(table).prefix_with("OR IGNORE")
        for part in self.live.execute(chosen).mappings().partitions():
            self.scratch.execute(insert, [dict(row) for row in part])


def _rules(copy: _Copy) -> None:
    for table in (_programme, _rule, _revision):
        copy.missing(table)


def _what_they_touch(copy: _Copy, *, facts: Sequence[ActivityFact], zone: ZoneInfo) -> None:
    """What judging these facts looks at: their accounts and holders, tallies of rules, acts of their days."""
    live = copy.live
    act_keys = {fact.act_key for fact in facts}
    known = find_identities(live, {(fact.network, fact.actor) for fact in facts})
    holders = {identity.holder_id for identity in known.values()}
    chosen = sa.select(_holder.c.id).where(bulk.one_of(copy.scratch, _holder.c.id, holders))
    new = holders - set(copy.scratch.execute(chosen).scalars())
    history = current_history(copy.scratch)
    limited = {
        rule_id for rule_id, revisions in history.items() if any(revision.limits != Limits() for revision in revisions)
    }
    copy.missing(_identity, bulk.one_of(live, _identity.c.id, [each.id for each in known.values()]))
    copy.missing(_holder, bulk.one_of(live, _holder.c.id, new))
    copy.missing(_tally, bulk.one_of(live, _tally.c.holder_id, new), bulk.one_of(live, _tally.c.rule_id, limited))
    on_record = bulk.one_of(live, _activity.c.act_key, act_keys)
    copy.missing(_activity, on_record)
    copy.missing(_verdicts, _verdicts.c.digest.in_(sa.select(_activity.c.verdicts_digest).where(on_record)))
    copy.missing(_activity, sa.tuple_(_activity.c.holder_id, _activity.c.local_day).in_(_days(facts, known, zone)))
    mine = new | {identity.id for identity in known.values() if identity.holder_id in new}
    cooled = sa.and_(bulk.one_of(live, _entry.c.holder_id, mine), _of_cooling_rules(live, history))
    copy.missing(_activity, _activity.c.id.in_(sa.select(_entry.c.cause_id).where(cooled)))
    copy.missing(_entry, cooled)
    copy.missing(_withdrawal, bulk.one_of(live, _withdrawal.c.act_key, act_keys), _withdrawal.c.applied_at.is_(None))


def _of_cooling_rules(session: Session, history: Mapping[int, Sequence[Revision]]) -> sa.ColumnElement[bool]:
    """Entries of rules with a cool-down: their awards are looked at again."""
    cooling = [each.id for revisions in history.values() for each in revisions if each.limits.cooldown_seconds]
    return sa.and_(_entry.c.cause == "activity", bulk.one_of(session, _entry.c.rule_revision_id, cooling))


def _days(
    facts: Sequence[ActivityFact], known: Mapping[Account, KnownIdentity], zone: ZoneInfo
) -> list[tuple[int, int]]:
    """Holders and local days of the facts: what was done on a day decides what is its first."""
    now, days = clock.now(), set()
    for fact in facts:
        identity = known.get((fact.network, fact.actor))
        if identity is not None:
            local = (fact.happened_at or now).astimezone(zone)
            days.add((identity.holder_id, day_number(local)))
    return sorted(days)


def _forget_postings(scratch: Session) -> None:
    """Most points granted are not looked at again: the scratch file stays small."""
    kept = _of_cooling_rules(scratch, current_history(scratch))
    scratch.execute(sa.delete(_entry).where(sa.or_(_entry.c.rule_revision_id.is_(None), sa.not_(kept))))
    for table in (Lot, LotUse):
        scratch.execute(sa.delete(table))
