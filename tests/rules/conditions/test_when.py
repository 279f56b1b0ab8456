"""Hours, weekdays and first times: what the programme's clock says, daylight saving included."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from loyalty.rules.condition import Reason
from loyalty.rules.situation import Situation
from loyalty.rules.tree import known_conditions
from tests.makers.judging import PARIS, paris, situation


def judge(name: str, parameters: dict[str, Any], told: Situation) -> Reason | None:
    condition = known_conditions()[name]
    return condition.compile(condition.schema().load(parameters))(told)


def holds(name: str, parameters: dict[str, Any], at: datetime, zone: ZoneInfo = PARIS) -> bool:
    return judge(name, parameters, situation(at, zone=zone)) is None


MORNING = {"from": "06:00", "to": "09:00"}
NIGHT = {"from": "22:00", "to": "02:00"}


@pytest.mark.parametrize(
    ("hours", "clock", "inside"),
    [
        (MORNING, (5, 59, 59, 999_999), False),
        (MORNING, (6, 0), True),
        (MORNING, (8, 59, 59, 999_999), True),
        (MORNING, (9, 0), False),
        (NIGHT, (21, 59, 59, 999_999), False),
        (NIGHT, (22, 0), True),
        (NIGHT, (23, 59, 59, 999_999), True),
        (NIGHT, (0, 0), True),
        (NIGHT, (1, 59, 59, 999_999), True),
        (NIGHT, (2, 0), False),
        ({"from": "22:00", "to": "00:00"}, (23, 59), True),
        ({"from": "22:00", "to": "00:00"}, (0, 0), False),
    ],
)
def test_hours_begin_with_their_first_minute_and_end_before_their_last(hours, clock, inside) -> None:  # type: ignore[no-untyped-def]
    assert holds("hours", hours, paris(2026, 11, 23, *clock)) is inside


def test_hours_are_those_of_the_programme_whatever_the_fan_s_own_clock_shows() -> None:
    on_kiritimati = datetime(2026, 11, 23, 21, 0, tzinfo=ZoneInfo("Pacific/Kiritimati"))  # UTC+14, 08:00 in Paris
    assert holds("hours", MORNING, on_kiritimati)
    assert not holds("hours", MORNING, on_kiritimati, ZoneInfo("Pacific/Kiritimati"))


def test_the_hour_that_comes_twice_counts_twice() -> None:
    window = {"from": "02:00", "to": "03:00"}  # 25 October 2026: at 03:00 it is 02:00 again
    assert holds("hours", window, paris(2026, 10, 25, 2, 30, fold=0))
    assert holds("hours", window, paris(2026, 10, 25, 2, 30, fold=1))
    assert paris(2026, 10, 25, 2, 30, fold=1) - paris(2026, 10, 25, 2, 30) == timedelta(hours=1)
    inside = sum(
        holds("hours", window, datetime(2026, 10, 24, 22, 0, tzinfo=UTC) + timedelta(minutes=n)) for n in range(25 * 60)
    )
    assert inside == 120


def test_the_hour_that_never_comes_never_counts() -> None:
    window = {"from": "02:00", "to": "03:00"}  # 28 March 2027: after 01:59 it is 03:00
    day = datetime(2027, 3, 27, 23, 0, tzinfo=UTC)
    assert not any(holds("hours", window, day + timedelta(minutes=n)) for n in range(23 * 60))


def test_a_weekday_is_that_of_the_programme_s_zone() -> None:
    last_moment = paris(2026, 11, 23, 23, 59, 59, 999_999)  # a Monday
    assert holds("weekdays", {"days": [1]}, last_moment)
    assert holds("weekdays", {"days": [2]}, last_moment + timedelta(microseconds=1))
    assert holds("weekdays", {"days": [2]}, last_moment, ZoneInfo("Pacific/Kiritimati"))


def test_after_midnight_it_is_the_next_day_unless_the_day_begins_later() -> None:
    show = {"days": [5], "day_begins": "05:00"}  # Friday evening's
    friday, saturday = paris(2026, 11, 27, 23, 0), paris(2026, 11, 28, 1, 0)
    assert holds("weekdays", show, friday)
    assert holds("weekdays", show, saturday)
    assert not holds("weekdays", {"days": [5]}, saturday)
    assert not holds("weekdays", show, paris(2026, 11, 27, 4, 59))
    assert not holds("weekdays", show, paris(2026, 11, 28, 5, 0))


def test_before_a_late_beginning_monday_is_still_sunday() -> None:
    assert holds("weekdays", {"days": [7], "day_begins": "05:00"}, paris(2026, 11, 23, 4, 0))


def test_the_first_of_the_day_is_asked_of_its_kind_or_of_any() -> None:
    def earlier(kind: str | None) -> int:
        return {None: 3, "live_chat": 0}[kind]

    told = situation(earlier_today=earlier)
    assert judge("first_of_day", {}, told) is None
    assert judge("first_of_day", {"of": "any"}, told) == Reason("not_first_of_day")
    assert judge("first_of_day", {"of": "any"}, situation()) is None
    again = situation(earlier_today=lambda kind: 1)
    assert judge("first_of_day", {"of": "kind"}, again) == Reason("not_first_of_kind")
