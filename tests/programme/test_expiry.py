"""When points expire, whatever the calendar does."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty.clock import NEVER
from loyalty.errors import Invalid
from loyalty.programme.expiry import (
    LEAST_NOTICE,
    Fixed,
    Never,
    Rolling,
    Sliding,
    applied,
    document,
    read,
    sentence,
)

PARIS, REUNION, SANTIAGO = ZoneInfo("Europe/Paris"), ZoneInfo("Indian/Reunion"), ZoneInfo("America/Santiago")
POLICIES = (Never(), Rolling(1), Rolling(24), Sliding(12), Fixed(12, 31), Fixed(2, 29, 3), Fixed(6, 30, 18))
instants = st.datetimes(min_value=datetime(2000, 1, 1), max_value=datetime(2090, 1, 1), timezones=st.just(UTC))


def paris(*said: int) -> datetime:
    return datetime(*said, tzinfo=PARIS)  # type: ignore[misc]


@pytest.mark.parametrize(
    ("policy", "earned", "end"),
    [
        (Rolling(1), paris(2027, 1, 31, 12), paris(2027, 3, 1)),  # there is no 31 February to fall on
        (Rolling(1), paris(2028, 1, 31, 12), paris(2028, 3, 1)),
        (Rolling(12), paris(2028, 2, 29, 23, 59), paris(2029, 3, 1)),
        (Rolling(3), paris(2026, 12, 31, 23, 59), paris(2027, 4, 1)),  # winter to summer time
        (Rolling(3), paris(2027, 1, 1), paris(2027, 5, 1)),  # a minute later in Paris, still December in UTC
        (Sliding(12), paris(2026, 11, 23, 8), paris(2027, 12, 1)),
        (Fixed(12, 31), paris(2026, 12, 31, 23, 59), paris(2027, 1, 1)),
        (Fixed(12, 31), paris(2027, 1, 1), paris(2028, 1, 1)),
        (Fixed(12, 31, 3), paris(2026, 9, 30, 12), paris(2027, 1, 1)),
        (Fixed(12, 31, 3), paris(2026, 10, 1, 12), paris(2028, 1, 1)),
        (Fixed(2, 29), paris(2027, 2, 1), paris(2027, 3, 1)),  # the 28th in a year that has no 29th
        (Fixed(2, 29), paris(2028, 2, 29, 12), paris(2028, 3, 1)),
        (Fixed(3, 31, 1), paris(2027, 2, 28, 12), paris(2027, 4, 1)),
        (
            Fixed(2, 28, 1),
            paris(2027, 1, 31, 12),
            paris(2027, 3, 1),
        ),  # a month after the 31st is the 28th
        (Fixed(3, 28), paris(2027, 3, 28, 1, 59), paris(2027, 3, 29)),  # the day of 23 hours
        (Fixed(10, 31), paris(2027, 10, 31, 2, 30), paris(2027, 11, 1)),  # the day of 25
    ],
)
def test_the_calendar_has_no_trap(policy, earned, end):
    assert policy.end_of(earned.astimezone(UTC), PARIS) == end
    assert policy.end_of(earned.astimezone(UTC), PARIS).tzinfo is UTC


def test_an_end_is_midnight_where_the_station_is():
    at = datetime(2026, 11, 30, 21, 0, tzinfo=UTC)  # the first of December on Réunion, not in Paris
    assert Rolling(1).end_of(at, PARIS) == datetime(2026, 12, 31, 23, 0, tzinfo=UTC)
    assert Rolling(1).end_of(at, REUNION) == datetime(2027, 1, 31, 20, 0, tzinfo=UTC)


def test_where_the_clock_skips_midnight_the_day_begins_when_it_does():
    eve = datetime(2026, 9, 5, 12, tzinfo=UTC)  # clocks go from 24:00 to 01:00
    assert Fixed(9, 5).end_of(eve, SANTIAGO) == datetime(2026, 9, 6, 4, tzinfo=UTC)


@given(instants, st.sampled_from(POLICIES), st.sampled_from([PARIS, REUNION, SANTIAGO]))
def test_points_last_as_long_as_was_said_and_end_at_the_end_of_a_day(at, policy, zone):
    end = policy.end_of(at, zone)
    assert end > at
    if end == NEVER:
        return
    assert (end - timedelta(microseconds=1)).astimezone(zone).date() < end.astimezone(zone).date()
    months = getattr(policy, "months", getattr(policy, "at_least_months", 0))
    assert end - at >= timedelta(days=28 * months)
    assert policy.end_of(at + timedelta(hours=5), zone) >= end, "who earns later never expires sooner"


@given(instants, instants, st.sampled_from(POLICIES), st.sampled_from(POLICIES))
def test_a_policy_that_is_applied_takes_nothing_within_the_notice(now, earned, old, new):
    expires_at = old.end_of(earned, PARIS)
    end = applied(new, earned_at=earned, expires_at=expires_at, now=now, zone=PARIS)
    assert end >= min(expires_at, now + LEAST_NOTICE)
    assert end <= max(expires_at, new.end_of(earned, PARIS))


@pytest.mark.parametrize("policy", POLICIES)
def test_a_policy_is_kept_as_it_was_said(policy):
    assert read(document(policy)) == policy
    for language in ("fr", "en"):
        assert "{" not in sentence(policy, language) and sentence(policy, language).endswith(".")


def test_a_fan_reads_the_rule_in_one_sentence():
    assert sentence(Rolling(24), "fr") == "Vos points expirent 24 mois après le gain, à la fin du mois."
    assert sentence(Fixed(1, 1), "fr") == "Vos points expirent chaque année, le 1er janvier."
    assert "on 31 December, and never less than 3 months after" in sentence(Fixed(12, 31, 3), "en")


@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        ({}, {"kind"}),
        ({"kind": "soon"}, {"kind"}),
        ({"kind": "rolling"}, {"months"}),
        ({"kind": "rolling", "months": 0}, {"months"}),
        ({"kind": "rolling", "months": "12"}, {"months"}),
        ({"kind": "rolling", "months": True}, {"months"}),
        ({"kind": "rolling", "months": 12, "day": 3}, {"day"}),
        ({"kind": "never", "months": 12}, {"months"}),
        ({"kind": "fixed", "month": 2, "day": 30}, {"day"}),
        ({"kind": "fixed", "month": 13, "day": 1}, {"month"}),
        ({"kind": "fixed"}, {"month", "day"}),
        ({"kind": "sliding", "months": 12, "who": "me"}, {"who"}),
    ],
)
def test_what_is_no_policy_is_refused_by_field(said, wrong):
    with pytest.raises(Invalid) as refused:
        read(said)
    assert set(refused.value.errors) == wrong


@pytest.mark.parametrize("said", [None, [], "rolling", 3])
def test_what_is_no_document_is_refused(said):
    with pytest.raises(Invalid):
        read(said)
