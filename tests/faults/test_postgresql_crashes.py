"""PostgreSQL crashes, or loses connections, under load: nothing acknowledged is lost, and callers are put off (R12)."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from itertools import product

import psycopg
import pytest

from loyalty.bench.pages import new_settings
from loyalty.db import Database, migrate
from loyalty.web import device_session, fan_session, staff_session
from loyalty.web.app import create_app
from tests.faults.answering import answering
from tests.faults.clients import Crowd, Told, gather_crowd, insisting, nothing_lost_or_doubled
from tests.faults.cluster import Cluster
from tests.faults.conftest import Dose
from tests.faults.serving import ask

SEED = 49
RECOVERS_WITHIN = 10  # seconds
TERMINATED = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() ORDER BY random() LIMIT 1
"""
COOKIES = "; ".join(f"{each.COOKIE}={'x' * 43}" for each in (fan_session, staff_session, device_session))
PAGES = ("/", "/rewards", "/sign-in", "/admin/", "/partner/", "/api/v1/rewards", "/api/v1/fans/1/balance")


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    with Cluster() as running:
        migrate(running.url)
        yield running


@pytest.fixture
def db(cluster: Cluster) -> Iterator[Database]:
    opened = Database(cluster.url)
    yield opened
    opened.dispose()


@pytest.mark.timeout(1_200)
def test_what_was_acknowledged_is_there_once(
    cluster: Cluster, db: Database, dose: Dose, record_property: Callable[[str, object], None]
) -> None:
    crowd, waited = gather_crowd(db), []
    app = create_app(new_settings(cluster.url), db)
    with answering(app) as port, insisting(port, crowd, seed=SEED) as told:
        for _ in range(dose(2, 20)):
            time.sleep(0.4)
            cluster.crash()
            app.extensions["loyalty"].forget_look()
            refuses_politely(port, crowd)
            cluster.start()
            waited.append(seconds_to_answer(told))
        with psycopg.connect(cluster.url.replace("+psycopg", ""), autocommit=True) as connection:
            for _ in range(dose(10, 200)):
                time.sleep(0.05)
                connection.execute(TERMINATED)
        time.sleep(0.2)
    record_property("seconds to recover", waited)
    assert told.put_off["503 unavailable"], "nobody met the crash: the test is empty"
    assert nothing_lost_or_doubled(db, told), f"seed {SEED}"


def refuses_politely(port: int, crowd: Crowd) -> None:
    """While there is no database: alive, not ready, and every page says when to come back."""
    assert ask(port, "GET", "/healthz")[0] == 200
    assert ask(port, "GET", "/readyz")[0] == 503
    for page, cookies in product(PAGES, ("", COOKIES)):
        status, heads, _ = ask(port, "GET", page, Authorization=f"Bearer {crowd.key}", Cookie=cookies)
        assert status < 500 or (status == 503 and heads["Retry-After"]), (page, status)


def seconds_to_answer(told: Told) -> float:
    """How long it takes until something is acknowledged again."""
    began, before = time.monotonic(), len(told.numbers)
    while len(told.numbers) == before:
        assert time.monotonic() < began + RECOVERS_WITHIN, "it does not recover"
        time.sleep(0.01)
    return time.monotonic() - began
