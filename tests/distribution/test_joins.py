"""What Citus refuses is in none of our statements: not in the proofs, not in what runs at night, not on any page."""

import base64
import re
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from flask import Flask

from loyalty import clock
from loyalty.access import sessions
from loyalty.db import Database
from loyalty.flows.change_expiry import apply_expiry, change_expiry
from loyalty.flows.close_month import close_month
from loyalty.flows.count_days import count_days
from loyalty.flows.export import export_fan
from loyalty.flows.extract_journal import Period, journal, trial_balance
from loyalty.flows.forget_inactive import forget_inactive
from loyalty.flows.manage_keys import make_key
from loyalty.flows.preview_expiry import preview_expiry
from loyalty.flows.tell_expiry import tell_expiry
from loyalty.flows.verify import verify
from loyalty.ledger import closing
from loyalty.ledger.months import Month
from loyalty.programme.expiry import Rolling
from loyalty.settings import load
from loyalty.staff.scopes import SCOPES
from loyalty.web import fan_session, staff_session
from loyalty.web.app import create_app
from tests.cast import ODILE
from tests.distribution.hot import prepare
from tests.distribution.joins import refused
from tests.distribution.said import said_to
from tests.makers.staff import member

HOME = "https://club.example"
LATER = datetime(2027, 2, 3, tzinfo=UTC)
MUCH_LATER = datetime(2031, 1, 2, tzinfo=UTC)
# What a part of an address is the number of, and which slug stands for which word in it.
OF_WHAT = {
    "activity_id": "activity", "about_id": "entry", "voucher_id": "voucher", "redemption_id": "redemption",
    "scan_id": "scan", "hold_id": "hold", "record_id": "audit_record", "other_id": "fan",
}  # fmt: skip
SLUGS = {"/rewards": "coffee", "/animations": "matinale", "/play": "matinale", "/rules": "chat", "/tiers": "silver",
         "/partners": "cafe", "/accounts": "2026-11", "/networks": "twitch", "/docs": "openapi"}  # fmt: skip


@pytest.fixture
def lived(spread: Database) -> Database:
    """A station where everything of the hot paths happened."""
    for path in prepare(spread).values():
        path()
    return spread


def wrong(statements: list[str]) -> set[str]:
    assert statements
    return {f"{each}: {statement}" for statement in statements for each in refused(statement)}


def test_no_proof_asks_for_it(lived: Database) -> None:
    with said_to(lived) as said:
        assert verify(lived).holds
    assert wrong(said) == set()


@pytest.mark.parametrize(
    ("at", "job"),
    [
        (LATER, lambda db: preview_expiry(db, Rolling(3))),
        (LATER, lambda db: change(db) and apply_expiry(db)),
        (LATER, lambda db: tell_expiry(db, public_url=HOME)),
        (LATER, lambda db: export_fan(db, int(one(db, "SELECT id FROM fan WHERE email = 'ines@example.org'")))),
        (LATER, count_days),
        (LATER, lambda db: close_month(db, first_open(db), actor=ODILE)),
        (LATER, lambda db: list(journal(db, Period(date(2026, 11, 20), date(2026, 11, 30))))),
        (LATER, lambda db: trial_balance(db, Period(date(2026, 11, 1), date(2026, 11, 30)))),
        (MUCH_LATER, forget_inactive),
    ],
)
def test_nothing_that_is_done_now_and_then_asks_for_it(
    lived: Database, at: datetime, job: Callable[[Database], object]
) -> None:
    with clock.running_on(clock.stopped_at(at)), said_to(lived) as said:
        job(lived)
    assert wrong(said) == set()


def change(db: Database) -> bool:
    return change_expiry(db, Rolling(30), applies=True, actor=ODILE, reason="A longer season").applies


def first_open(db: Database) -> Month:
    found = db.read(lambda session: closing.first_open(session, ZoneInfo("Europe/Paris")))
    assert found is not None
    return found


def test_no_page_asks_for_it(lived: Database, app: Flask) -> None:
    found, statuses = set(), []
    for read, path in everything_to_read(lived, app):
        with said_to(lived) as said:
            statuses.append(read(path).status_code)
        assert statuses[-1] < 500, path
        found |= {f"{path}: {each}: {statement}" for statement in said for each in refused(statement)}
    assert found == set()
    assert statuses.count(200) > 80, "most of them have something to say"


@pytest.fixture
def app(lived: Database) -> Iterator[Flask]:
    settings = load(
        {
            "LOYALTY_DATABASE_URL": lived.url,
            "LOYALTY_SECRET_KEY": "for the tests, and nothing but the tests",
            "LOYALTY_VOUCHER_KEYS": "1:" + base64.b64encode(bytes(range(32))).decode(),
            "LOYALTY_PUBLIC_URL": "https://club.example",
        }
    )
    with clock.running_on(clock.stopped_at(LATER)):
        yield create_app(settings, lived)


def everything_to_read(db: Database, app: Flask) -> Iterator[tuple[Callable[[str], Any], str]]:
    """Every page and every address of the API that is read, each with who reads it."""
    ids = {name: one(db, f"SELECT max(id) FROM {table}") for name, table in OF_WHAT.items()}
    ids["fan_id"] = one(db, "SELECT id FROM fan WHERE email = 'ines@example.org'")
    browser, reader = app.test_client(), app.test_client()
    staff_id = member(db, app.extensions["loyalty"].sealer).id
    for kind, subject_id, cookie in (
        (sessions.STAFF, staff_id, staff_session.COOKIE),
        (sessions.FAN, ids["fan_id"], fan_session.COOKIE),
    ):
        begin = partial(sessions.begin, kind=kind, subject_id=int(subject_id), agent="a test")
        browser.set_cookie(cookie, db.write(begin), domain="club.example", secure=True, path="/")
    key = {"Authorization": f"Bearer {make_key(db, name='test', scopes_wanted=SCOPES, actor=ODILE).token}"}
    for rule in app.url_map.iter_rules():
        if "GET" in (rule.methods or ()):
            slug = next((slug for word, slug in SLUGS.items() if word in rule.rule), "x")
            path = re.sub(r"<(?:[^:>]+:)?([^>]+)>", lambda name, slug=slug: ids.get(name[1], slug), rule.rule)  # type: ignore[misc]
            is_api = path.startswith("/api/")
            yield partial((reader if is_api else browser).get, base_url=HOME, headers=key if is_api else {}), path


def one(db: Database, query: str) -> str:
    return str(db.read(lambda session: session.execute(sa.text(query)).scalar_one()) or 1)


# Each is what Citus 13.2 said to this very statement.
@pytest.mark.parametrize(
    ("statement", "runs"),
    [
        ("SELECT 1 FROM lot JOIN holder ON holder.id = lot.holder_id AND holder.bucket = lot.bucket", True),
        ("SELECT 1 FROM lot JOIN holder ON holder.id = lot.holder_id", False),
        ("SELECT 1 FROM entry AS a JOIN entry AS b ON b.id = a.reverses", False),
        ("SELECT 1 FROM lot LEFT JOIN (SELECT id FROM holder GROUP BY id) AS h ON h.id = lot.holder_id", True),
        ("SELECT id FROM holder UNION ALL SELECT cause_id FROM entry", True),
        ("SELECT 1 FROM lot JOIN fan ON fan.id = lot.holder_id WHERE fan.email IS NOT NULL", True),
        ("SELECT 1 FROM fan LEFT JOIN holder ON holder.id = fan.id", True),
        ("SELECT 1 FROM lot WHERE lot.holder_id NOT IN (SELECT fan_id FROM expiry_notice)", True),
        ("SELECT 1 FROM fan WHERE fan.id IN (SELECT holder_id FROM lot)", True),
        ("SELECT 1 FROM fan WHERE EXISTS (SELECT 1 FROM lot WHERE lot.holder_id = fan.id)", False),
        ("SELECT 1 FROM lot WHERE EXISTS (SELECT 1 FROM fan WHERE fan.id = lot.holder_id)", False),
        (("SELECT 1 FROM lot JOIN fan ON fan.id = lot.holder_id "
         "WHERE NOT EXISTS (SELECT 1 FROM expiry_notice WHERE expiry_notice.fan_id = fan.id)"), False),
        ("SELECT 1 FROM reward WHERE EXISTS (SELECT 1 FROM stock_unit WHERE stock_unit.reward_id = reward.id)", False),
        ("SELECT 1 FROM stock_unit WHERE EXISTS (SELECT 1 FROM reward WHERE reward.id = stock_unit.reward_id)", True),
        ("SELECT 1 FROM lot WHERE EXISTS (SELECT 1 FROM holder WHERE holder.bucket = lot.bucket)", True),
        ("SELECT 1 FROM lot WHERE EXISTS (SELECT 1 FROM holder WHERE holder.id = lot.holder_id)", False),
        (("WITH RECURSIVE b AS (SELECT id FROM holder UNION ALL SELECT holder.id FROM holder JOIN b ON "
         "b.id = holder.merged_into) SELECT 1 FROM b"), False),
        (("WITH m AS MATERIALIZED (SELECT id, merged_into FROM holder), b AS MATERIALIZED (WITH RECURSIVE c AS "
         "(SELECT id FROM m UNION ALL SELECT m.id FROM m JOIN c ON c.id = m.merged_into) SELECT id FROM c) "
         "SELECT 1 FROM b JOIN lot ON lot.holder_id = b.id"), True),
    ],
)  # fmt: skip
def test_the_reader_knows_what_citus_refuses(statement: str, runs: bool) -> None:
    assert (refused(statement) == []) is runs
