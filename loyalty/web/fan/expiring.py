"""When a fan's points expire, by the day, and the rule in one sentence: from what the page has read already."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from loyalty import clock
from loyalty.ledger.find import Balance
from loyalty.programme.expiry import sentence
from loyalty.web.fan.blueprint import pages
from loyalty.web.language import spoken
from loyalty.web.looks import look


@dataclass(frozen=True, slots=True)
class Until:
    """Points that can be spent through a day; `last_day` is an instant of it, None for those that never expire.

    Attributes:
        is_soon: within the days in which the station tells its fans.
    """

    points: int
    last_day: datetime | None
    is_soon: bool


@pages.app_template_global()
def expiry_rule() -> str:
    """The station's rule, as a fan reads it."""
    return sentence(look().expiry, spoken())


@pages.app_template_global()
def points_until(balance: Balance) -> list[Until]:
    """What the balance is made of, the soonest to expire first."""
    soon = clock.now() + timedelta(days=max(look().expiry_notice_days, default=0))
    return [
        Until(
            lot.points,
            None if lot.expires_at is None else lot.expires_at - timedelta(seconds=1),
            lot.expires_at is not None and lot.expires_at <= soon,
        )
        for lot in balance.lots
    ]
