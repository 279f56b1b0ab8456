"""Acts through the whole flow (rules, caps, lots, verdicts) beside the bare insert of as many journal rows."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from statistics import median

import sqlalchemy as sa

from loyalty import bulk, clock, ids
from loyalty.activities.fact import ActivityFact
from loyalty.db import Database, to_microseconds
from loyalty.flows.earn import earn
from loyalty.flows.manage_programme import set_up
from loyalty.flows.manage_rules import apply_rule

FANS = 20_000
DUPLICATES = 0.02
KINDS = ("live_chat", "comment", "quiz_answer", "check_in")
ACTS_A_ROUND = 4_000  # of batches; singles are measured on fewer

_floor = sa.Table(
    "bench_floor",
    sa.MetaData(),
    *(sa.Column(name, sa.BigInteger) for name in ("cause_id", "holder_id", "id", "amount", "effective_at")),
    *(sa.Column(name, sa.Integer) for name in ("leg", "bucket", "rule_revision_id")),
    *(sa.Column(name, sa.String) for name in ("cause", "unit", "debit", "credit")),
    sa.PrimaryKeyConstraint("cause_id", "cause", "leg", "holder_id", "bucket"),
    sqlite_strict=True,
)
_COLUMNS = tuple(_floor.c.keys())


class Crowd:
    """Twenty thousand fans doing four kinds of things; one act in fifty is sent twice. A rule caps each kind."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.random = random.Random(20261123)  # noqa: S311 - the same crowd every time
        self.stored = 0
        self._last: ActivityFact | None = None
        set_up(db, name="Bench", time_zone="Europe/Paris", language="fr", points_expire_after_months=24, actor="bench")
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
        db.write(lambda session: _floor.create(session.connection()))

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

    def batches_of(self, size: int, *, rounds: int) -> tuple[float, float]:
        """Acts per second by the bare insert and by the flow, each batch a transaction."""
        count = max(1, (200 if size == 1 else ACTS_A_ROUND) // size)
        floors, ours = [], []
        for _ in range(rounds):
            floors.append(self._per_second(size, count, self._bare_insert))
            ours.append(self._per_second(size, count, self._through_the_flow))
        return median(floors), median(ours)

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

    def _bare_insert(self, facts: list[ActivityFact]) -> None:
        now = to_microseconds(clock.now())
        rows = [
            (new, 7, new, 10, now, 0, 7, 1, "activity", "points", "issued", "wallet") for new in ids.many(len(facts))
        ]
        self.db.write(lambda session: bulk.insert(session, _floor, _COLUMNS, rows))
