"""The shared fields accept what they say and nothing else."""

import math
from datetime import UTC, datetime
from typing import Any

import pytest
from marshmallow import Schema, ValidationError

from loyalty import clock
from loyalty.fields import Moment, Text, WholeNumber, parse_moment

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


class Form(Schema):
    number = WholeNumber(minimum=1, maximum=10_000)
    name = Text(minimum=1, maximum=5)
    letter = Text(maximum=20, lines=True)
    word = Text(maximum=5, pattern="^[a-z]+$")
    at = Moment()
    before_now = Moment(past=True)


def load(**given: Any) -> Any:
    return Form().load(given)


@pytest.mark.parametrize(("given", "kept"), [(1868, 1868), (1868.0, 1868), (1, 1), (10_000, 10_000)])
def test_a_whole_number_may_be_written_with_a_point(given: Any, kept: int) -> None:
    number = load(number=given)["number"]
    assert number == kept
    assert type(number) is int


@pytest.mark.parametrize(
    "given",
    [
        5.7,
        "5",
        "１２",
        True,
        False,
        math.nan,
        math.inf,
        1e400,
        0,
        10_001,
        pytest.param(10**5000, id="huge"),
        1e300,
        None,
        [],
        {},
    ],
)
def test_anything_else_is_no_whole_number(given: Any) -> None:
    with pytest.raises(ValidationError):
        load(number=given)


def test_a_float_too_big_to_be_exact_is_no_whole_number() -> None:
    class Big(Schema):
        number = WholeNumber()

    assert Big().load({"number": 2**53 + 1}) == {"number": 2**53 + 1}
    with pytest.raises(ValidationError):
        Big().load({"number": float(2**53 + 2)})


@pytest.mark.parametrize(
    "given", ["", "   ", "\u00a0", "a\x00b", "a\nb", "\x7f", "\ud800", "abcdef", b"abc", 5, True, ["a"]]
)
def test_a_name_is_short_visible_and_on_one_line(given: Any) -> None:
    with pytest.raises(ValidationError):
        load(name=given)


@pytest.mark.parametrize("given", ["Inès", " a ", "👩‍👩‍👧", "\u202eabc", "İß"])
def test_a_name_may_be_of_any_language(given: str) -> None:
    assert load(name=given)["name"] == given


def test_two_spellings_of_one_letter_are_one() -> None:
    assert load(name="Ine\u0300s") == load(name="In\u00e8s")


def test_a_letter_has_lines_but_no_control_characters() -> None:
    assert load(letter="a\r\n\tb")["letter"] == "a\r\n\tb"
    assert load(letter="")["letter"] == ""
    for given in ("a\x00", "a\x0b", "a\x1b[1m", "\udfff"):
        with pytest.raises(ValidationError):
            load(letter=given)


@pytest.mark.parametrize("given", ["Abc", "abc\n", "", "abcdef", "é"])
def test_a_pattern_covers_the_whole_text(given: str) -> None:
    with pytest.raises(ValidationError):
        load(word=given)


@pytest.mark.parametrize(
    ("given", "instant"),
    [
        ("2026-11-23T12:00:00Z", NOON),
        ("2026-11-23t12:00:00z", NOON),
        ("2026-11-23T13:00:00+01:00", NOON),
        ("2026-11-23T12:00:00.123456789Z", NOON.replace(microsecond=123456)),
        ("2026-11-23T12:00:00.5Z", NOON.replace(microsecond=500_000)),
    ],
)
def test_a_moment_is_read_in_utc(given: str, instant: datetime) -> None:
    at = load(at=given)["at"]
    assert (at, at.tzinfo) == (instant, UTC)


@pytest.mark.parametrize(
    "given",
    [
        "2026-11-23T12:00:00",
        "2026-11-23",
        "2026-11-23 12:00:00Z",
        "2026-13-23T12:00:00Z",
        "2026-11-23T24:30:00Z",
        "2026-11-23T12:00:60Z",
        "２026-11-23T12:00:00Z",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-12:00",
        "1969-12-31T23:59:59Z",
        "2026-11-23T12:00:00+99:00",
        "2026-W48-1T12:00:00Z",
        1_795_435_200,
        None,
        {},
    ],
)
def test_anything_without_a_zone_or_out_of_the_calendar_is_no_moment(given: Any) -> None:
    with pytest.raises(ValidationError):
        load(at=given)


def test_a_clock_may_be_five_minutes_ahead_and_no_more() -> None:
    with clock.running_on(clock.stopped_at(NOON)):
        assert load(before_now="2026-11-23T12:05:00Z")
        with pytest.raises(ValidationError, match="future"):
            load(before_now="2026-11-23T12:05:01Z")


def test_a_moment_is_written_with_its_zone() -> None:
    assert Form().dump({"at": NOON}) == {"at": "2026-11-23T12:00:00+00:00"}


def test_a_moment_that_is_no_text_is_a_type_error() -> None:
    with pytest.raises(TypeError):
        parse_moment(5)
