"""How long stock lasts: a median and a band, honest about how little is known."""

import random

import pytest

from loyalty.figures.run_out import estimate
from loyalty.rewards.tables import Reward

COFFEE = Reward(slug="coffee", name_fr="Un café", name_en="A coffee", cost_points=100, partner_id=1, low_stock=5)


def test_a_steady_rate_says_when_it_is_gone():
    told = estimate(COFFEE, 70, [5] * 14)
    assert told.median == 14
    assert told.soonest < 14 < told.latest
    assert not told.order_now


def test_nothing_taken_or_nothing_left_is_no_date():
    assert estimate(COFFEE, 70, [0] * 14).median is None
    assert estimate(COFFEE, 0, [5] * 14).median is None
    assert estimate(COFFEE, 70, []).per_day == 0


def test_the_less_is_known_the_wider_the_band():
    little, much = estimate(COFFEE, 70, [1, 0] * 7), estimate(COFFEE, 700, [10, 0] * 7)
    assert little.latest / little.soonest > much.latest / much.soonest


def test_uneven_days_widen_the_band():
    even, uneven = estimate(COFFEE, 70, [5] * 14), estimate(COFFEE, 70, [70] + [0] * 13)
    assert even.median == uneven.median
    assert uneven.latest / uneven.soonest > even.latest / even.soonest


def test_what_may_run_out_before_a_delivery_comes_is_to_be_ordered_now():
    assert estimate(COFFEE, 20, [5] * 14).order_now
    assert estimate(COFFEE, 4, [0] * 14).is_low


@pytest.mark.parametrize("rate", [1.5, 6])
def test_the_band_holds_about_eight_in_ten(rate):
    dice = random.Random(47)

    def day():
        count, until = 0, dice.expovariate(rate)
        while until < 1:
            count, until = count + 1, until + dice.expovariate(rate)
        return count

    within, stock = 0, round(rate * 20)
    for _ in range(400):
        told = estimate(COFFEE, stock, [day() for _ in range(14)])
        gone, days = 0, 0
        while gone < stock:
            gone, days = gone + day(), days + 1
        within += told.soonest <= days - 1 <= told.latest
    assert 0.72 <= within / 400 <= 0.92
