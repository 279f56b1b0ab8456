"""Whoever reads the books during a rush finds them adding up, at every single read (R22)."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa

from loyalty import bulk
from loyalty.activities.fact import WithdrawnFact
from loyalty.db import Database
from loyalty.errors import Refused
from loyalty.flows.cancel import cancel
from loyalty.flows.earn import earn
from loyalty.flows.link import link
from loyalty.flows.redeem import redeem
from loyalty.flows.reverse import withdraw
from loyalty.ledger.tables import Entry
from tests import cast
from tests.cast import ODILE, chat
from tests.faults.conftest import Dose
from tests.makers.animations import crowd
from tests.makers.proof import adds_up
from tests.makers.rewards import coffee
from tests.races.crowd import at_once

SEED = 53
READS = """
    SELECT 'below zero', count(*), 0 FROM holder WHERE balance < 0 OR debt < 0 OR pending < 0
    UNION ALL SELECT 'balances and journal', coalesce(sum(balance), 0), (
        SELECT coalesce(sum(CASE WHEN credit = 'wallet' THEN amount WHEN debit = 'wallet' THEN -amount END), 0)
        FROM entry
    ) FROM holder
    UNION ALL SELECT 'balances and lots', coalesce(sum(balance), 0), (
        SELECT coalesce(sum(granted - used - expired), 0) FROM lot
    ) FROM holder
    UNION ALL SELECT 'what was spent and what was redeemed', coalesce(sum(amount), 0), (
        SELECT coalesce(sum(cost_points), 0) FROM redemption
    ) FROM entry WHERE credit = 'spent'
    UNION ALL SELECT 'units taken and redemptions that stand', count(*), (
        SELECT count(*) FROM redemption WHERE cancelled_at IS NULL
    ) FROM stock_unit WHERE state = 'taken'
"""


@dataclass
class Audit:
    """What an auditor found: how often the books were read and had moved, and every time they did not add up."""

    reads: int = 0
    seen: set[Any] = field(default_factory=set)
    wrong: list[Any] = field(default_factory=list)


@contextmanager
def audited(url: str) -> Iterator[Audit]:
    """Read the books over and over, over a connection of one's own, each time as one statement: one snapshot."""
    audit, stop = Audit(), threading.Event()
    engine = sa.create_engine(url)

    def read() -> None:
        with engine.connect() as connection:
            while not stop.is_set():
                found = [tuple(row) for row in connection.exec_driver_sql(READS)]
                connection.rollback()
                audit.reads += 1
                audit.seen.add(found[1])
                audit.wrong += [row for row in found if row[1] != row[2]]

    auditor = threading.Thread(target=read)
    auditor.start()
    try:
        yield audit
    finally:
        stop.set()
        auditor.join()
        engine.dispose()


@pytest.fixture
def rush(db: Database, dose: Dose) -> list[partial[Any]]:
    """What everybody does at once: acts that come late, twice and are taken back, and a few units for many fans."""
    cast.open_station(db)
    cast.rule(db, limits={"per_day": {"times": 20}})
    coffee(db, units=40, cost_points=10)
    fans = crowd(db, 10)
    for number, fan_id in enumerate(fans):
        link(db, fan_id=fan_id, network="twitch", external_id=f"tw-{number}", actor=ODILE)
    acts = [chat(number, actor=f"tw-{number % 10}", minutes=number) for number in range(dose(150, 10_000))]
    calls = [partial(earn, db, [act], source="test") for act in 2 * acts]
    taken_back = acts[::7]
    calls += [partial(withdraw, db, [WithdrawnFact(act_key=act.act_key)], source="test") for act in taken_back]
    calls += [partial(redeem_and_maybe_cancel, db, fan_id, number) for number, fan_id in enumerate(8 * fans)]
    random.Random(SEED).shuffle(calls)
    return calls


def redeem_and_maybe_cancel(db: Database, fan_id: int, number: int) -> None:
    got = redeem(db, fan_id=fan_id, reward_slug="coffee")
    if number % 3 == 0:
        cancel(db, redemption_id=got.redemption.id, actor=ODILE, reason="erreur")


@pytest.mark.timeout(1_200)
def test_the_books_add_up_at_every_read(db: Database, database_url: str, rush: list[partial[Any]]) -> None:
    with audited(database_url) as audit:
        came = at_once(rush, threads=8)
    assert [each for each in came if each.raised is not None and not isinstance(each.raised, Refused)] == []
    assert audit.wrong == []
    assert len(audit.seen) >= 5, "the auditor slept through the rush: the test is empty"
    assert adds_up(db)


def test_an_auditor_sees_books_that_are_written_in_two_halves(
    db: Database, database_url: str, rush: list[partial[Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control: journal and balances in two transactions end alike, and are wrong in between."""
    insert = bulk.insert

    def insert_and_commit(session: Any, table: sa.Table, *rest: Any) -> None:
        insert(session, table, *rest)
        if table is Entry.__table__:  # type: ignore[attr-defined]
            session.commit()

    monkeypatch.setattr(bulk, "insert", insert_and_commit)
    with audited(database_url) as audit:
        for call in rush:
            at_once([call])
            if audit.wrong:
                break
    assert audit.wrong
