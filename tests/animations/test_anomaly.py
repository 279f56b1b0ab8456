"""What a broadcast looks like raises no alarm; what cannot come from the air does."""

import math

import pytest

from loyalty.animation import Curve
from loyalty.animations.anomaly import EARLY, TAIL, leak
from loyalty.i18n import LANGUAGES

USUAL = {"early_most": 3, "head_minutes": 10, "tail_percent": 50, "tail_least": 10}


def burst(first_minute: int, *, falls_by: float = 0.7, minutes: int = 60) -> dict[int, int]:
    """Answers as they follow a code said on air: each minute a part of the one before."""
    return {minute: math.floor(first_minute * falls_by**minute) for minute in range(minutes)}


@pytest.mark.parametrize("first_minute", [1, 30, 2_000, 50_000])
@pytest.mark.parametrize("falls_by", [0.2, 0.5, 0.7, 0.85])
def test_a_burst_that_falls_is_believed(first_minute: int, falls_by: float) -> None:
    assert leak(Curve(early=3, minutes=burst(first_minute, falls_by=falls_by)), **USUAL) is None


def test_a_burst_that_comes_in_late_minutes_of_the_head_is_believed() -> None:
    delayed = {minute + 3: count for minute, count in burst(5_000).items()}
    assert leak(Curve(minutes=delayed), **USUAL) is None


def test_more_than_a_few_before_air_are_a_leak() -> None:
    assert leak(Curve(early=4), **USUAL) == (EARLY, {"count": 4})


def test_a_tail_that_does_not_fall_is_a_leak() -> None:
    flat = dict.fromkeys(range(20), 60)
    assert leak(Curve(minutes=flat), **USUAL) == (TAIL, {"count": 60, "minute": 11, "usual": 61})


def test_a_second_burst_after_the_head_is_a_leak() -> None:
    posted = {**burst(20_000), 25: 4_000}
    alarm = leak(Curve(minutes=posted), **USUAL)
    assert alarm is not None
    assert (alarm[0], alarm[1]["minute"]) == (TAIL, 26)


def test_a_few_in_a_quiet_tail_are_not_a_leak() -> None:
    assert leak(Curve(minutes={0: 5, 30: 9}), **USUAL) is None
    assert leak(Curve(minutes={0: 5, 30: 10}), **USUAL) is not None


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_alarm_is_told_in_full(language: str) -> None:
    for curve in (Curve(early=1_200), Curve(minutes={20: 1_200})):
        alarm = leak(curve, **USUAL)
        assert alarm is not None
        words, holes = alarm
        told = words.say(language, **holes)
        assert told.endswith(".")
        assert "{" not in told
