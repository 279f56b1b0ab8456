"""Today beside the last four days of its weekday, at the same time of day."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from loyalty import clock
from loyalty.activities.fact import ActivityFact
from loyalty.figures.days import day_of
from loyalty.figures.find import figures_of
from loyalty.figures.usual import beside_usual
from loyalty.flows.count_days import count_days
from loyalty.flows.earn import earn
from tests.cast import open_station, rule

PARIS = ZoneInfo("Europe/Paris")
NOON = datetime(2026, 11, 23, 12, 0, tzinfo=PARIS).astimezone(UTC)  # a Monday


def chats(db, at, count):
    facts = [
        ActivityFact(
            network="twitch", actor=f"fan-{number}", kind="live_chat", object="channel", external_id=f"{at}{number}"
        )
        for number in range(count)
    ]
    with clock.running_on(clock.stopped_at(at)):
        earn(db, facts, source="test")


def told(db, now):
    def steps(session):
        (today,) = figures_of(session, [day_of(now, PARIS)], now=now)
        return {each.what: each for each in beside_usual(session, today, now=now)}

    return db.read(steps)


def test_a_usual_day_is_the_median_of_the_last_four_of_its_weekday(db):
    with clock.running_on(clock.stopped_at(NOON - timedelta(days=40))):
        open_station(db)
        rule(db)
    for weeks, count in ((4, 10), (3, 12), (2, 90), (1, 14)):
        monday = datetime(2026, 11, 23 - 7 * (weeks - 1), 8, 15, tzinfo=PARIS) if weeks < 4 else None
        at = (monday - timedelta(days=7)) if monday else datetime(2026, 10, 26, 8, 15, tzinfo=PARIS)
        chats(db, at.astimezone(UTC), count)
        chats(db, at.astimezone(UTC) + timedelta(hours=10), 50)  # in the evening: it is not yet
    with clock.running_on(clock.stopped_at(NOON)):
        count_days(db)
    chats(db, NOON - timedelta(hours=1), 20)
    found = told(db, NOON)
    assert (found["activities"].today, found["activities"].usual, found["activities"].compared) == (20, 13, "more")
    assert (found["issued"].today, found["issued"].usual) == (200, 130)
    assert found["fans"].today == 20
    assert (found["scans"].today, found["scans"].compared) == (0, "as_usual")


def test_the_hour_under_way_counts_by_its_share(db):
    with clock.running_on(clock.stopped_at(NOON - timedelta(days=8))):
        open_station(db)
    chats(db, NOON - timedelta(days=7, minutes=-5), 60)
    with clock.running_on(clock.stopped_at(NOON)):
        count_days(db)
    assert told(db, NOON + timedelta(minutes=15))["activities"].usual == 15


def test_without_such_a_day_nothing_is_compared(db):
    with clock.running_on(clock.stopped_at(NOON)):
        open_station(db)
    assert told(db, NOON)["activities"].compared == "unknown"
