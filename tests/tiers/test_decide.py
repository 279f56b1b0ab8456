"""A tier is decided by two years, a promise and a ladder, and by nothing else."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty.programme.years import end_of_year
from loyalty.tiers.decide import Change, Claim, Step, Years, decide

PARIS = ZoneInfo("Europe/Paris")
BRONZE, SILVER, GOLD = Step(1, 50), Step(2, 150), Step(3, 300)
LADDER = (BRONZE, SILVER, GOLD)
MAY_2026 = datetime(2026, 5, 10, 12, 0, tzinfo=UTC)


def year_end(year: int) -> datetime:
    """The last instant of a calendar year in Paris, and the first of the next."""
    return datetime(year + 1, 1, 1, tzinfo=PARIS).astimezone(UTC)


def years(now: datetime) -> Years:
    return Years.at(now, first_month=1, zone=PARIS)


def told(earned: dict[int, int], held: Claim | None, now: datetime, **options: object) -> Change | None:
    """What becomes of somebody who earned so much in each year."""
    by_end = {year_end(year): points for year, points in earned.items()}
    return decide(LADDER, held, by_end, years(now), now=now, **{"one_step": False, **options})  # type: ignore[arg-type]


def after(earned: dict[int, int], now: datetime, held: Claim | None = None, **options: object) -> Claim:
    change = told(earned, held, now, **options)
    assert change is not None
    return change.claim


@pytest.mark.parametrize(
    ("local", "first_month", "ends"),
    [
        (datetime(2026, 12, 31, 23, 59, 59, 999_999), 1, datetime(2027, 1, 1)),
        (datetime(2027, 1, 1), 1, datetime(2028, 1, 1)),
        (datetime(2028, 2, 29, 12), 1, datetime(2029, 1, 1)),
        (datetime(2028, 2, 29, 23, 59), 3, datetime(2028, 3, 1)),  # the last day of a year that begins in March
        (datetime(2026, 3, 29, 3, 30), 4, datetime(2026, 4, 1)),  # the night the clocks go forward
        (datetime(2026, 10, 25, 2, 30), 11, datetime(2026, 11, 1)),  # and the hour that comes twice
        (datetime(2026, 8, 31, 23, 59), 9, datetime(2026, 9, 1)),
        (datetime(2026, 9, 1), 9, datetime(2027, 9, 1)),
    ],
)
def test_a_year_ends_where_the_programmes_zone_says(local: datetime, first_month: int, ends: datetime) -> None:
    said = end_of_year(local.replace(tzinfo=PARIS).astimezone(UTC), first_month, PARIS)
    assert said == ends.replace(tzinfo=PARIS).astimezone(UTC)


def test_a_summer_year_ends_in_summer_time() -> None:
    assert end_of_year(datetime(2026, 5, 1, tzinfo=UTC), 7, PARIS) == datetime(2026, 6, 30, 22, tzinfo=UTC)


def test_a_tier_holds_until_the_end_of_the_year_after_the_one_it_was_reached_in() -> None:
    change = told({2026: 299}, None, MAY_2026)
    assert change is not None
    assert (change.claim.step, change.claim.holds_until, change.reason) == (SILVER, year_end(2027), "reached")
    assert after({2026: 300}, MAY_2026, change.claim).step == GOLD


def test_less_than_the_lowest_is_no_tier_and_no_change() -> None:
    assert told({2026: 49}, None, MAY_2026) is None
    assert told({}, None, MAY_2026) is None


def test_points_of_the_year_before_are_still_good_for_this_year() -> None:
    assert after({2025: 150}, MAY_2026).holds_until == year_end(2026)
    assert told({2024: 1_000}, None, MAY_2026) is None


def test_a_tier_holds_to_the_last_instant_and_not_one_more() -> None:
    gold = after({2026: 300}, MAY_2026)
    last = year_end(2027) - timedelta(microseconds=1)
    assert told({2026: 300, 2027: 60}, gold, last) is None
    change = told({2026: 300, 2027: 60}, gold, year_end(2027))
    assert change is not None
    assert (change.claim.step, change.claim.holds_until, change.reason) == (BRONZE, year_end(2028), "ended")


def test_who_earns_it_again_keeps_it_a_year_longer_and_knows_at_once() -> None:
    gold = after({2026: 300}, MAY_2026)
    change = told({2026: 300, 2027: 300}, gold, MAY_2026.replace(year=2027))
    assert change is not None
    assert (change.claim.step, change.claim.holds_until, change.reason) == (GOLD, year_end(2028), "kept")


def test_a_late_downgrade_counts_what_was_earned_meanwhile() -> None:
    gold = after({2026: 300}, MAY_2026)
    assert after({2026: 300, 2028: 150}, datetime(2028, 3, 1, tzinfo=UTC), gold).step == SILVER


def test_a_soft_landing_is_one_step_and_one_year() -> None:
    gold = after({2026: 300}, MAY_2026)
    silver = after({2026: 300}, year_end(2027), gold, one_step=True)
    assert (silver.step, silver.holds_until) == (SILVER, year_end(2028))
    bronze = after({2026: 300}, year_end(2028), silver, one_step=True)
    assert (bronze.step, bronze.holds_until) == (BRONZE, year_end(2029))
    assert after({2026: 300}, year_end(2029), bronze, one_step=True).step is None
    assert after({2026: 300, 2027: 200}, year_end(2027), gold, one_step=True).threshold == SILVER.threshold


def test_what_was_reached_by_points_that_were_taken_back_goes_at_once() -> None:
    gold = after({2026: 300}, MAY_2026)
    change = told({2026: 290}, gold, MAY_2026)
    assert change is not None
    assert (change.claim.step, change.reason) == (SILVER, "withdrawn")
    gold_again = after({2025: 300}, MAY_2026)
    assert told({2025: 300, 2026: 0}, gold_again, MAY_2026) is None, "other points take nothing away"


def test_a_higher_threshold_takes_nothing_before_its_date() -> None:
    gold = after({2026: 310}, MAY_2026)
    steeper = (BRONZE, SILVER, Step(3, 400))
    earned = {year_end(2026): 310, year_end(2027): 310}
    at_end = year_end(2027)
    before = at_end - timedelta(seconds=1)
    assert decide(steeper, gold, earned, years(before), now=before, one_step=False) is None
    change = decide(steeper, gold, earned, years(at_end), now=at_end, one_step=False)
    assert change is not None and change.claim.step == SILVER


def test_an_archived_tier_is_kept_to_its_date_and_given_to_nobody() -> None:
    gold = after({2026: 310}, MAY_2026)
    without = (BRONZE, SILVER, Step(3, 300, is_open=False))
    earned = {year_end(2026): 310}
    assert decide(without, gold, earned, years(MAY_2026), now=MAY_2026, one_step=False) is None
    fresh = decide(without, None, earned, years(MAY_2026), now=MAY_2026, one_step=False)
    assert fresh is not None and fresh.claim.step == SILVER


def test_years_that_were_moved_lose_no_point() -> None:
    earned = {year_end(2026): 100}  # earned while years were the calendar's
    season = Years.at(datetime(2026, 10, 1, tzinfo=UTC), first_month=9, zone=PARIS)
    change = decide(LADDER, None, earned, season, now=datetime(2026, 10, 1, tzinfo=UTC), one_step=False)
    assert change is not None and change.claim.step == BRONZE


@given(
    earned=st.dictionaries(st.integers(2023, 2030), st.integers(0, 400)),
    moves=st.lists(st.integers(0, 400), min_size=1, max_size=8),
    one_step=st.booleans(),
)
def test_asked_twice_it_says_the_same_and_never_less_than_was_earned(
    earned: dict[int, int], moves: list[int], one_step: bool
) -> None:
    held, now = None, datetime(2023, 1, 1, tzinfo=UTC)
    for days in moves:
        now += timedelta(days=days)
        had = {year: points for year, points in earned.items() if year_end(year - 1) <= now}
        change = told(had, held, now, one_step=one_step)
        held = change.claim if change else held
        assert told(had, held, now, one_step=one_step) is None
        year = now.astimezone(PARIS).year
        best = max(had.get(year, 0), had.get(year - 1, 0))
        least = max((each.threshold for each in LADDER if each.threshold <= best), default=0)
        assert (held.step.threshold if held and held.step else 0) >= least
        assert held is None or held.holds_until is None or held.holds_until > now
