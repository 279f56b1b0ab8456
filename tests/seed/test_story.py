"""The story of Radio Lumière is the same every time, true to the books, and has a bit of everything in it."""

from collections.abc import Iterator

import pytest
from sqlmodel import func, select

from loyalty import clock
from loyalty.activities.tables import Activity
from loyalty.db import Database
from loyalty.flows.verify import verify
from loyalty.seed import Progress
from loyalty.seed.cast import INES, INES_ON_TWITCH, MARC
from loyalty.seed.catalogue import NOT_YET
from tests.conftest import ENGINES, NewDatabase
from tests.makers.station import DAYS, FANS, NOW, facts, rows, tell


@pytest.fixture(scope="module", params=ENGINES)
def told(request: pytest.FixtureRequest) -> Iterator[Database]:
    """A database with the story in it, on each engine in turn; to be looked at only."""
    with request.getfixturevalue(f"new_{request.param}")() as url:
        db = Database(url)
        tell(db)
        yield db
        db.dispose()


@pytest.fixture
def again(new_sqlite: NewDatabase) -> Iterator[Database]:
    with new_sqlite() as url:
        db = Database(url)
        yield db
        db.dispose()


def test_the_same_story_is_told_twice_alike_on_any_database(told: Database, again: Database) -> None:
    tell(again)
    assert facts(told) == facts(again)


def test_another_seed_tells_another_story(told: Database, again: Database) -> None:
    tell(again, seed=7, days=2)
    assert facts(told)["people"] != facts(again)["people"]


def test_the_books_hold(told: Database) -> None:
    proof = verify(told)
    assert proof.holds, proof.breaches


def test_every_outcome_and_the_reasons_fans_ask_about_are_there(told: Database) -> None:
    outcomes = {row[0] for row in rows(told, "SELECT outcome FROM activity")}
    reasons = {row[0] for row in rows(told, "SELECT reason FROM activity")}
    assert outcomes == {"awarded", "refused", "measured", "withdrawn"}
    assert reasons >= {"too_short", "cooling_down", "cap_reached_day", "not_linked", "budget_exhausted", "no_rule"}


def test_ines_has_points_a_linked_account_a_history_and_a_voucher_to_show(told: Database) -> None:
    of_ines = f"(SELECT id FROM fan WHERE reference = '{INES}')"
    ((balance,),) = rows(told, f"SELECT balance FROM holder WHERE id = {of_ines}")
    outcomes = {row[0] for row in rows(told, f"SELECT outcome FROM activity WHERE holder_id = {of_ines}")}
    linked = rows(told, f"SELECT network, external_id FROM identity WHERE fan_id = {of_ines} ORDER BY network")
    vouchers = rows(told, f"SELECT state FROM voucher WHERE fan_id = {of_ines} ORDER BY id")
    assert balance > 100
    assert {"awarded", "refused"} <= outcomes
    assert linked[1] == ("twitch", INES_ON_TWITCH)
    assert vouchers[-1] == ("issued",)


def test_marc_and_the_cafe_are_there(told: Database) -> None:
    devices = "SELECT count(*) FROM device JOIN partner ON partner.id = partner_id WHERE slug = 'cafe-lumiere'"
    assert rows(told, f"SELECT display_name FROM fan WHERE reference = '{MARC}'") == [("Marc Delorme",)]
    assert rows(told, devices) == [(3,)]


def test_the_station_has_what_a_dashboard_shows(told: Database) -> None:
    count = "SELECT (SELECT count(*) FROM fan), (SELECT count(*) FROM show), (SELECT count(*) FROM reward)"
    assert rows(told, count) == [(FANS, 6, 9)]
    assert rows(told, "SELECT max(number), count(DISTINCT rule_id) FROM rule_revision") == [(2, 15)]
    states = {row[0] for row in rows(told, "SELECT state FROM voucher")}
    assert {"issued", "used", "cancelled"} <= states


def test_a_reward_is_gone_and_another_cannot_be_had_yet(told: Database) -> None:
    free = "SELECT slug FROM reward WHERE id NOT IN (SELECT reward_id FROM stock_unit WHERE state = 'free')"
    not_yet = f"SELECT count(*) FROM voucher JOIN reward ON reward.id = reward_id WHERE slug = '{NOT_YET}'"
    assert rows(told, free)
    assert rows(told, not_yet) == [(0,)]


def test_nothing_is_heard_of_before_it_happens_or_after_now(told: Database) -> None:
    assert rows(told, "SELECT count(*) FROM activity WHERE recorded_at < happened_at") == [(0,)]
    assert told.read(lambda session: session.exec(select(func.max(Activity.recorded_at))).one()) == NOW


def test_it_says_how_far_it_is_and_gives_the_clock_back(again: Database) -> None:
    said: list[Progress] = []
    before = clock.now()
    tell(again, days=3, fans=20, progress=said.append)
    assert clock.now() >= before
    assert [each.day for each in said] == [1, 2, 3, 3]
    assert said[-1].acts > said[0].acts > 0
    assert said[-1].days == 3 < DAYS
