"""Twenty thousand fans doing four kinds of things; one act in fifty is sent twice. A rule caps each kind."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from datetime import datetime, timedelta

import sqlalchemy as sa

from loyalty import clock
from loyalty.activities.fact import ActivityFact
from loyalty.db import Database
from loyalty.flows.earn import earn
from loyalty.flows.manage_programme import set_up
from loyalty.flows.manage_rules import apply_rule
from loyalty.programme.expiry import Rolling

FANS = 20_000
DUPLICATES = 0.02
DAYS = 3  # over which the acts are spread
NETWORK = ACTOR = "bench"
KINDS = ("live_chat", "comment", "quiz_answer", "check_in")


class Crowd:
    """Makes acts and sends them through the whole flow."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.random = random.Random(20261123)  # noqa: S311 - the same crowd every time
        self.sent = 0
        self._last: ActivityFact | None = None
        set_up(db, name="Bench", time_zone="Europe/Paris", language="fr", expiry=Rolling(24), actor=ACTOR)
        self.started = clock.now()
        for kind in KINDS:
            body = {
                "name": {"fr": kind, "en": kind},
                "class": "redeemable",
                "when": {"all": [{"kind": {"one_of": [kind]}}, {"quantity": {"min": 1}}]},
                "earn": {"fixed": 10},
                "limits": {"per_day": {"points": 100}},
            }
            apply_rule(db, slug=kind.replace("_", "-"), body=body, actor=ACTOR, in_force_from=self._days_ago(DAYS + 1))

    def _days_ago(self, days: float) -> datetime:
        return self.started - timedelta(days=days)

    def facts(self, count: int) -> list[ActivityFact]:
        """The next `count` acts, spread over the last three days."""
        made = []
        for _ in range(count):
            if self._last is None or self.random.random() >= DUPLICATES:
                self.sent += 1
                self._last = ActivityFact(
                    network=NETWORK,
                    actor=f"fan-{self.random.randrange(FANS)}",
                    kind=self.random.choice(KINDS),
                    object="studio",
                    external_id=str(self.sent),
                    happened_at=self._days_ago(self.random.random() * DAYS),
                )
            made.append(self._last)
        return made

    def send(self, facts: list[ActivityFact]) -> None:
        """Have them recorded, judged and paid, a thousand a transaction."""
        earn(self.db, facts, source=ACTOR)

    def fill_to(self, total: int, *, say: Callable[[str], None] | None = None) -> None:
        """Send acts until there are `total`, then let the planner look at them."""
        told = time.monotonic()
        while self.sent < total:
            self.send(self.facts(min(1_000, total - self.sent)))
            if say and time.monotonic() - told > 5:
                told = time.monotonic()
                say(f"{self.sent:,} of {total:,}")
        self.db.write(lambda session: session.execute(sa.text("ANALYZE")))
