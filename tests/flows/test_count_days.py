"""Days are counted once, by when things were recorded, and say what the entries themselves say."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from loyalty import clock
from loyalty.activities.fact import WithdrawnFact
from loyalty.figures import count, find, keep
from loyalty.figures.days import Day, day_of, numbered
from loyalty.figures.tables import DayFigure
from loyalty.flows.cancel import cancel
from loyalty.flows.count_days import count_days
from loyalty.flows.earn import earn
from loyalty.flows.hold import authorise, capture
from loyalty.flows.redeem import redeem
from loyalty.flows.reverse import withdraw
from tests.cast import ODILE, chat, ines, marc, open_station, rule
from tests.makers.rewards import coffee, give_points

PARIS = ZoneInfo("Europe/Paris")


def paris(day: int, hour: int, minute: int = 0, *, month: int = 10, fold: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=PARIS, fold=fold).astimezone(UTC)


class Story:
    """Things that happen at given times, the clock going on from one to the next."""

    def __init__(self, db):
        self.db, self.number = db, 0
        with clock.running_on(clock.stopped_at(paris(23, 9))):
            open_station(db)
            rule(db)
            self.ines, self.marc = ines(db), marc(db)

    def at(self, instant, does):
        with clock.running_on(clock.stopped_at(instant)):
            return does()

    def chat(self, instant, *, actor="tw-ines"):
        self.number += 1
        fact = chat(self.number, actor=actor, happened_at=instant)
        self.at(instant, lambda: earn(self.db, [fact], source="test"))
        return fact


@pytest.fixture
def story(db):
    """Four days around the night on which the clocks go back (25 October 2026)."""
    told = Story(db)
    told.chat(paris(24, 23, 59))
    told.chat(paris(25, 0, 0))
    told.chat(paris(25, 2, 30), actor="tw-marc")
    told.chat(paris(25, 2, 30, fold=1))
    taken_back = told.chat(paris(25, 23, 59))
    told.chat(paris(26, 0, 0))
    told.at(paris(26, 8), lambda: coffee(db))
    told.at(paris(26, 9), lambda: give_points(db, told.ines.id, 250))
    redeemed = told.at(paris(26, 10), lambda: redeem(db, fan_id=told.ines.id, reward_slug="coffee"))
    withdrawn = [WithdrawnFact(act_key=taken_back.act_key, happened_at=paris(26, 11))]
    told.at(paris(26, 11), lambda: withdraw(db, withdrawn, source="test"))
    told.at(paris(27, 9), lambda: cancel(db, redemption_id=redeemed.redemption.id, actor=ODILE, reason="test"))
    return told


def kept(db):
    rows = db.read(lambda session: session.execute(sa.select(*DayFigure.__table__.c)).all())
    return {(row.day, row.measure, row.key): row.amount for row in rows}


def recounted(db):
    """Points by day, measure and cause, straight from all entries, and the acts likewise, without any index."""
    told = Counter()
    rows = db.read(lambda session: session.execute(sa.text("SELECT * FROM entry")).mappings().all())
    for row in rows:
        at = row["recorded_at"]
        at = at if isinstance(at, datetime) else datetime.fromtimestamp(at / 1e6, UTC)
        measure = count.MOVES.get((row["debit"], row["credit"]))
        if measure:
            told[day_of(at, PARIS).number, measure, row["cause"]] += row["amount"]
    return told


def test_the_figures_are_what_a_plain_recount_of_the_entries_says(db, story):
    story.at(paris(28, 1), lambda: count_days(db))
    points = {key: amount for key, amount in kept(db).items() if key[1] in count.MOVES.values()}
    assert points == recounted(db)
    assert points[20261025, "issued", "activity"] == 40
    assert points[20261026, "reversed", "withdrawal"] == 10
    assert points[20261026, "spent", "redemption"] == 100
    assert points[20261027, "returned", "cancellation"] == 100


def test_midnight_is_that_of_paris_also_on_the_day_of_25_hours(db, story):
    story.at(paris(28, 1), lambda: count_days(db))
    acts = {key[0]: amount for key, amount in kept(db).items() if key[1] == "fans" and key[2] == ""}
    assert acts == {20261024: 1, 20261025: 2, 20261026: 1}
    day = Day(paris(25, 12).date(), PARIS)
    assert day.ends_at - day.begins_at == timedelta(hours=25)
    hours = {key[2]: amount for key, amount in kept(db).items() if key[:2] == (20261025, "by_hour")}
    assert {hours[f"activities:{hour}"] for hour in (0, 2, 3, 24)} == {1}


def test_counted_twice_it_is_the_same(db, story):
    assert story.at(paris(28, 1), lambda: count_days(db)) == 5
    before = kept(db)
    assert story.at(paris(28, 2), lambda: count_days(db)) == 0
    days = [numbered(20261025, PARIS)]
    figures = db.read(lambda session: count.count(session, days[0].begins_at, days[0].ends_at))
    db.write(lambda session: keep.keep(session, days[0], figures))
    assert kept(db) == before


def test_a_day_is_counted_once_its_last_transactions_are_surely_written(db, story):
    story.at(paris(28, 0, 59), lambda: count_days(db))
    assert (20261027, "counted", "") not in kept(db)
    story.at(paris(28, 1), lambda: count_days(db))
    assert (20261027, "counted", "") in kept(db)


def test_missing_days_are_caught_up_with_in_steps_the_latest_first(db, story):
    assert story.at(paris(28, 1), lambda: count_days(db, at_most=2)) == 2
    assert {key[0] for key in kept(db)} == {20261027, 20261026}
    assert story.at(paris(28, 1), lambda: count_days(db, at_most=10)) == 3
    assert {key[0] for key in kept(db) if key[1] == "counted"} == set(range(20261023, 20261028))


def test_what_is_outstanding_runs_back_from_the_balances_through_the_entries(db, story):
    def steps(session):
        days = [numbered(number, PARIS) for number in range(20261023, 20261029)]
        counted = find.figures_of(session, days, now=paris(28, 8))
        return find.outstanding_by_day(counted, left=find.outstanding(session))

    story.at(paris(28, 1), lambda: count_days(db))
    assert db.read(steps) == [0, 10, 50, 200, 300, 300]


def test_points_set_aside_stay_outstanding_until_they_are_used(db, story):
    def set_aside():
        return authorise(db, fan_id=story.ines.id, amount=10, purpose="Ticket", actor=ODILE).hold.id

    def outstanding():
        return db.read(find.outstanding)

    before = outstanding()
    hold_id = story.at(paris(28, 2), set_aside)
    assert outstanding() == before
    story.at(paris(28, 3), lambda: capture(db, fan_id=story.ines.id, hold_id=hold_id, amount=4, actor=ODILE))
    assert outstanding() == before - 4

    def run_back(session):
        days = [numbered(number, PARIS) for number in (20261027, 20261028)]
        return find.outstanding_by_day(find.figures_of(session, days, now=paris(28, 8)), left=find.outstanding(session))

    story.at(paris(28, 4), lambda: count_days(db))
    assert db.read(run_back) == [before, before - 4]


def test_nothing_to_count_is_no_error(db):
    assert count_days(db) == 0
    open_station(db)
    assert count_days(db) == 0


def test_a_day_nobody_counted_is_unknown_one_before_the_beginning_is_empty(db, story):
    def steps(session):
        days = [numbered(number, PARIS) for number in range(20261021, 20261029)]
        return [each.known for each in find.figures_of(session, days, now=paris(28, 8))]

    assert db.read(steps) == [True, True, False, False, False, False, True, True]
