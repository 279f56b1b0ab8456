"""The first page: what a fan has, what it is good for, and what happened last."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import render_template
from sqlmodel import Session

from loyalty import clock
from loyalty.activities import browse
from loyalty.animations.tables import TRYING, Animation
from loyalty.db import Joined
from loyalty.fans.identities import holder_ids_of_fan
from loyalty.ledger.find import Balance, Expiring
from loyalty.tiers import find as tiers
from loyalty.vouchers import find as vouchers
from loyalty.web.fan import earn, facts, told
from loyalty.web.fan.blueprint import pages
from loyalty.web.fan.rewards import offers
from loyalty.web.fan.told import Told
from loyalty.web.guards import caller, guard
from loyalty.web.services import current_services

LATEST = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """What the first page shows.

    Attributes:
        expiring: the points that expire next, if any do.
        affordable: how many rewards this fan can have now, by points and by tier.
        nearest: the reward that is nearest of those that take only more points: its `slug`, names and `cost_points`.
        vouchers: how many wait to be shown.
        on_now: animations that take this fan's answer.
        today: rules that can earn something now; the page's block `today` may show more.
    """

    balance: Balance
    expiring: Expiring | None
    affordable: int
    nearest: Any
    vouchers: int
    on_now: list[Animation]
    latest: list[Told]
    today: list[earn.Way]


@pages.get("/")
@guard("visitor")
def home() -> str:
    """What a fan has; for anybody else, what this is."""
    services, fan = current_services(), caller().fan
    if fan is None:
        return render_template("fan/welcome.html", offers=services.db.read(offers)[:3])
    return render_template("fan/home.html", home=services.db.read(lambda session: _home(session, fan.fan_id)))


def _home(session: Session, fan_id: int) -> Home:
    now = clock.now()
    has, threshold = tiers.balance_and_threshold(session, fan_id, now=now)
    rewards = [each for each in facts.rewards_to_be_had() if each.threshold <= threshold]
    too_dear = [each for each in rewards if each.cost_points > has.points]
    expiring = next((lot for lot in has.lots if lot.expires_at is not None), None)
    rows = browse.latest(session, holder_ids_of_fan(session, fan_id), limit=LATEST)
    return Home(
        balance=has,
        expiring=Expiring(expiring.points, expiring.expires_at and expiring.expires_at - timedelta(seconds=1))
        if expiring
        else None,
        affordable=len(rewards) - len(too_dear),
        nearest=too_dear[0] if too_dear else None,
        vouchers=vouchers.how_many_open(session, fan_id, now=now),
        on_now=[
            each.animation
            for each in facts.on_now(fan_id, Joined(session))
            if each.part is None or each.part.state == TRYING
        ],
        latest=told.activities(session, rows),
        today=[way for way in earn.ways(now) if not (way.once or way.status)][:3],
    )
