"""Acts through the whole flow (rules, caps, lots, verdicts) beside the bare insert of the same rows."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from statistics import median
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from loyalty import bulk, clock, ids
from loyalty.activities.fact import ActivityFact
from loyalty.activities.tables import Activity
from loyalty.db import Database
from loyalty.flows.earn import earn
from loyalty.flows.manage_programme import set_up
from loyalty.flows.manage_rules import apply_rule
from loyalty.ledger.tables import Entry
from loyalty.programme.expiry import Rolling

FANS = 20_000
DUPLICATES = 0.02
KINDS = ("live_chat", "comment", "quiz_answer", "check_in")
ACTS_A_ROUND = 4_000  # of batches; singles are measured on fewer

_bench = sa.MetaData()


def _bare(table: sa.Table) -> sa.Table:
    """A table with the same columns and primary key, and nothing else: no other index, no check, no trigger."""
    columns = [sa.Column(column.name, column.type, nullable=column.nullable) for column in table.c]
    key = sa.PrimaryKeyConstraint(*(column.name for column in table.primary_key))
    return sa.Table(f"bench_{table.name}", _bench, *columns, key, sqlite_strict=True)


_bare_activity = _bare(Activity.__table__)  # type: ignore[attr-defined]
_bare_entry = _bare(Entry.__table__)  # type: ignore[attr-defined]


class Crowd:
    """Twenty thousand fans doing four kinds of things; one act in fifty is sent twice. A rule caps each kind."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.random = random.Random(20261123)  # noqa: S311 - the same crowd every time
        self.stored = 0
        self._last: ActivityFact | None = None
        self._samples: dict[str, tuple[int, list[Any]]] = {}
        set_up(db, name="Bench", time_zone="Europe/Paris", language="fr", expiry=Rolling(24), actor="bench")
        self.started = clock.now()
        for kind in KINDS:
            body = {
                "name": {"fr": kind, "en": kind},
                "class": "redeemable",
                "when": {"all": [{"kind": {"one_of": [kind]}}, {"quantity": {"min": 1}}]},
                "earn": {"fixed": 10},
                "limits": {"per_day": {"points": 100}},
            }
            apply_rule(db, slug=kind.replace("_", "-"), body=body, actor="bench", in_force_from=self._days_ago(4))
        db.write(lambda session: _bench.create_all(session.connection()))

    def _days_ago(self, days: float) -> datetime:
        return self.started - timedelta(days=days)

    def facts(self, count: int) -> list[ActivityFact]:
        """The next `count` acts, spread over the last three days."""
        made = []
        for _ in range(count):
            if self._last is None or self.random.random() >= DUPLICATES:
                self.stored += 1
                self._last = ActivityFact(
                    network="bench",
                    actor=f"fan-{self.random.randrange(FANS)}",
                    kind=self.random.choice(KINDS),
                    object="studio",
                    external_id=str(self.stored),
                    happened_at=self._days_ago(self.random.random() * 3),
                )
            made.append(self._last)
        return made

    def fill_to(self, total: int, *, say: Callable[[str], None] | None = None) -> None:
        """Store acts until there are `total`, then let the planner look at them."""
        told = time.monotonic()
        while self.stored < total:
            earn(self.db, self.facts(min(1_000, total - self.stored)), source="bench")
            if say and time.monotonic() - told > 5:
                told = time.monotonic()
                say(f"{self.stored:,} of {total:,}")
        self.db.write(lambda session: session.execute(sa.text("ANALYZE")))

    def batches_of(self, size: int, *, rounds: int) -> tuple[float, float, float]:
        """Acts per second, each batch a transaction: one bare journal row an act, the same rows bare, the flow."""
        count = max(1, (200 if size == 1 else ACTS_A_ROUND) // size)
        ways = (self._bare_journal, self._bare_rows, self._through_the_flow)
        turns = [[self._per_second(size, count, way) for way in ways] for _ in range(rounds)]
        journal, rows, flow = (median(each) for each in zip(*turns, strict=True))
        return journal, rows, flow

    def pace(self, *, rounds: int) -> float:
        """Acts per second through the flow in batches of 1,000, with what is stored now."""
        return median(self._per_second(1_000, 4, self._through_the_flow) for _ in range(rounds))

    def _per_second(self, size: int, count: int, write: Callable[[list[ActivityFact]], None]) -> float:
        batches = [self.facts(size) for _ in range(count)]
        started = time.perf_counter()
        for batch in batches:
            write(batch)
        return size * count / (time.perf_counter() - started)

    def _through_the_flow(self, facts: list[ActivityFact]) -> None:
        earn(self.db, facts, source="bench")

    def _bare_journal(self, facts: list[ActivityFact]) -> None:
        rows = self._rows_like(Entry.__table__, len(facts))  # type: ignore[attr-defined]
        self.db.write(lambda session: bulk.insert(session, _bare_entry, tuple(_bare_entry.c.keys()), rows))

    def _bare_rows(self, facts: list[ActivityFact]) -> None:
        activities = self._rows_like(Activity.__table__, len(facts))  # type: ignore[attr-defined]
        entries = self._rows_like(Entry.__table__, len(facts))  # type: ignore[attr-defined]

        def steps(session: Session) -> None:
            bulk.insert(session, _bare_activity, tuple(_bare_activity.c.keys()), activities)
            bulk.insert(session, _bare_entry, tuple(_bare_entry.c.keys()), entries)

        self.db.write(steps)

    def _rows_like(self, table: sa.Table, count: int) -> list[tuple[Any, ...]]:
        """Rows such as the flow wrote, under numbers of their own."""
        if table.name not in self._samples:
            row = self.db.read(lambda session: session.execute(sa.select(table).limit(1)).one())
            kept = [json.dumps(value) if isinstance(value, list) else value for value in row]
            number = [column.name for column in table.c].index("id" if "act_key" in table.c else "cause_id")
            self._samples[table.name] = (number, kept)
        number, kept = self._samples[table.name]
        return [(*kept[:number], new, *kept[number + 1 :]) for new in ids.many(count)]
