"""Redemptions through the whole flow (limits, lots, voucher) beside the bare guarded statements of the same race."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from statistics import median

import sqlalchemy as sa
from sqlmodel import Session

from loyalty import ids
from loyalty.activities.fact import OWN_NETWORK, ActivityFact
from loyalty.db import Database, Joined
from loyalty.fans.tables import Fan
from loyalty.flows.earn import earn
from loyalty.flows.link import register
from loyalty.flows.manage_partners import create_partner
from loyalty.flows.manage_rewards import create_reward
from loyalty.flows.move_stock import receive
from loyalty.flows.redeem import redeem

REDEMPTIONS_A_ROUND = 120
_ACTOR = "bench"

_wallet = sa.Table(
    "bench_wallet",
    sa.MetaData(),
    sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("balance", sa.BigInteger, sa.CheckConstraint("balance >= 0", name="bench_balance")),
    sqlite_strict=True,
)
_counter = sa.Table(
    "bench_counter",
    _wallet.metadata,
    sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("units", sa.BigInteger, sa.CheckConstraint("units >= 0", name="bench_units")),
    sqlite_strict=True,
)
_taken = sa.Table(
    "bench_taken",
    _wallet.metadata,
    sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("holder_id", sa.BigInteger),
    sqlite_strict=True,
)


class Shop:
    """Fans with points, and one reward with more units than they can take."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.fans = [fan.id for fan in db.write(_register_all)]
        visits = [
            ActivityFact(
                network=OWN_NETWORK, actor=str(fan), kind="check_in", object="shop", external_id=f"{fan}-{turn}"
            )
            for fan in self.fans
            for turn in range(10)
        ]
        earn(db, visits, source="bench")
        create_partner(db, slug="bench", name="Bench", actor=_ACTOR)
        mug = {"slug": "mug", "name_fr": "Tasse", "name_en": "Mug", "cost_points": 1, "partner": "bench"}
        create_reward(db, mug, actor=_ACTOR)
        receive(db, reward_slug="mug", quantity=50_000, donor="bench", actor=_ACTOR, reason="bench")
        db.write(self._lay_floor)

    def _lay_floor(self, session: Session) -> None:
        _wallet.metadata.create_all(session.connection())
        session.execute(sa.insert(_wallet), [{"id": fan, "balance": 10_000} for fan in self.fans])
        session.execute(sa.insert(_counter), [{"id": 1, "units": 1_000_000}])

    def race(self, *, callers: int, rounds: int) -> tuple[float, float]:
        """Redemptions per second, bare and through the flow, by so many callers at once."""
        floors, ours = [], []
        for _ in range(rounds):
            floors.append(self._per_second(callers, self._bare))
            ours.append(self._per_second(callers, self._through_the_flow))
        return median(floors), median(ours)

    def _per_second(self, callers: int, one: Callable[[int], None]) -> float:
        fans: Sequence[int] = self.fans[:REDEMPTIONS_A_ROUND]
        started = time.perf_counter()
        with ThreadPoolExecutor(callers) as crowd:
            list(crowd.map(one, fans))
        return len(fans) / (time.perf_counter() - started)

    def _through_the_flow(self, fan: int) -> None:
        redeem(self.db, fan_id=fan, reward_slug="mug")

    def _bare(self, fan: int) -> None:
        self.db.write(partial(_guarded_statements, fan=fan))


def _guarded_statements(session: Session, *, fan: int) -> None:
    paid = sa.update(_wallet).where(_wallet.c.id == fan, _wallet.c.balance >= 1).values(balance=_wallet.c.balance - 1)
    session.execute(paid)
    session.execute(sa.insert(_taken).values(id=ids.new(), holder_id=fan))
    took = sa.update(_counter).where(_counter.c.id == 1, _counter.c.units > 0).values(units=_counter.c.units - 1)
    session.execute(took)


def _register_all(session: Session) -> list[Fan]:
    return [register(Joined(session), actor=_ACTOR) for _ in range(REDEMPTIONS_A_ROUND)]
