"""When each reward will be gone, from how fast it went these last two weeks: a median, and a band that holds 8 in 10.

Units go at random around a rate that is itself only known from what went. How long `left` units last is then the ratio
of two gamma variables, whose logarithm is nearly normal with a variance of 1/left + 1/gone; days that differ more
among themselves than chance would have it widen the band by as much.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import mean, variance

from sqlmodel import Session

from loyalty.figures.count import REDEMPTIONS
from loyalty.figures.days import Day, last_days
from loyalty.figures.find import kept_days
from loyalty.rewards import stock
from loyalty.rewards.find import rewards
from loyalty.rewards.tables import Reward

DAYS = 14
TO_DELIVER = 7  # days that new stock may take to come
_Z = 1.2816  # of a normal variable, 8 in 10 are as near as this
_FURTHEST = 3_650  # days: beyond, it is not running out


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOut:
    """How long the stock of one reward lasts.

    Attributes:
        gone: units taken in the last `DAYS` whole days that are on record.
        per_day: how many on a day of them.
        soonest, median, latest: days from today; None where nothing was taken, or nothing is left.
    """

    reward: Reward
    left: int
    gone: int
    per_day: float
    soonest: int | None = None
    median: int | None = None
    latest: int | None = None

    def on(self, today: date, days: int | None) -> date | None:
        """The date so many days from today."""
        return None if days is None else today + timedelta(days=days)

    @property
    def order_now(self) -> bool:
        """Whether new stock may come too late when it is not ordered now."""
        return self.soonest is not None and self.soonest <= TO_DELIVER

    @property
    def is_low(self) -> bool:
        """Whether fewer are left than the station wants to be told of."""
        return self.reward.low_stock is not None and self.left < self.reward.low_stock


def run_outs(session: Session, today: Day) -> list[RunOut]:
    """Every reward that is not archived, the next to run out first."""
    found = [each for each in rewards(session, limit=1_000) if each.archived_at is None and each.id is not None]
    left = stock.left_of(session, [each.id for each in found if each.id is not None])
    days = kept_days(session, last_days(DAYS, until=today.before(1)), measure=REDEMPTIONS)
    told = []
    for reward in found:
        offered = [each for each in days if each.known and each.day.ends_at > reward.created_at]
        taken = [each.sum(REDEMPTIONS, key=str(reward.id)) for each in offered]
        told.append(estimate(reward, left.get(reward.id or 0, 0), taken))
    return sorted(told, key=lambda each: (each.left > 0, each.median is None, each.median or 0, each.reward.slug))


def estimate(reward: Reward, left: int, taken: Sequence[int]) -> RunOut:
    """How long `left` units last when so many were `taken` on each of the last days."""
    gone, per_day = sum(taken), sum(taken) / len(taken) if taken else 0.0
    if not gone or not left:
        return RunOut(reward=reward, left=left, gone=gone, per_day=per_day)
    uneven = max(1.0, variance(taken) / mean(taken)) if len(taken) > 1 else 1.0
    spread = math.exp(_Z * math.sqrt(uneven * (1 / left + 1 / gone)))
    days = left / per_day
    soonest, middle, latest = (min(_FURTHEST, math.floor(each)) for each in (days / spread, days, days * spread))
    return RunOut(reward=reward, left=left, gone=gone, per_day=per_day, soonest=soonest, median=middle, latest=latest)
