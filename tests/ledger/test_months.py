"""Months of the programme's own zone."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from loyalty.ledger.months import Month, month_of, months_before, numbered, written

PARIS = ZoneInfo("Europe/Paris")


def test_a_month_begins_and_ends_at_midnight_of_paris_in_summer_as_in_winter():
    october = Month(2026, 10)
    assert october.begins_at(PARIS) == datetime(2026, 9, 30, 22, tzinfo=UTC)
    assert october.ends_at(PARIS) == datetime(2026, 10, 31, 23, tzinfo=UTC)
    assert month_of(october.ends_at(PARIS) - timedelta(microseconds=1), PARIS) == october
    assert month_of(october.ends_at(PARIS), PARIS) == october.later(1)


def test_months_go_over_the_new_year_both_ways():
    assert Month(2026, 12).later(1) == Month(2027, 1)
    assert Month(2026, 1).later(-1) == Month(2025, 12)
    assert Month(2026, 1).later(-13) == Month(2024, 12)


@pytest.mark.parametrize("text", ["2026-13", "2026-00", "2026-1", "26-10", "2026-10-01", "", "٢٠٢٦-10"])
def test_what_is_no_month_is_none(text):
    assert written(text) is None


def test_a_month_is_written_and_kept_and_read_again():
    assert written(str(Month(2026, 9))) == numbered(Month(2026, 9).number) == Month(2026, 9)


def test_the_last_of_a_shorter_month_stands_for_the_31st():
    at = datetime(2026, 5, 31, 8, tzinfo=UTC)
    assert months_before(at, 3, PARIS).astimezone(PARIS).date().isoformat() == "2026-02-28"
    assert months_before(at, 24, PARIS).astimezone(PARIS).date().isoformat() == "2024-05-31"
