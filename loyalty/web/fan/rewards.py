"""What points buy: the catalogue, one reward with what it would leave, and the exchange itself."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from flask import redirect, render_template, url_for
from marshmallow import Schema
from sqlmodel import Session

from loyalty import clock, ids
from loyalty.db import Joined
from loyalty.errors import Refused
from loyalty.fields import Text
from loyalty.flows.once import fingerprint, once
from loyalty.flows.redeem import Redeemed, redeem
from loyalty.flows.stay import SignedIn
from loyalty.i18n import Words
from loyalty.partners import find as partners
from loyalty.programme.find import the_programme
from loyalty.rewards import admission, find
from loyalty.rewards.find import Offer
from loyalty.rewards.refusals import LimitReached, OutOfStock, RewardNotFound
from loyalty.tiers import find as tiers
from loyalty.vouchers.issue import last_instant
from loyalty.web import forms
from loyalty.web.fan.blueprint import pages
from loyalty.web.guards import caller, guard, signed_in_fan
from loyalty.web.language import spoken
from loyalty.web.services import current_services

FEW = 20  # units left from which on it is said
JUST_GONE = Words(fr="Épuisé à l’instant, rien n’a été débité.", en="Gone this very moment, nothing was taken.")


class ExchangeSchema(Schema):
    """The number the page gave this exchange: the same form twice is one exchange."""

    exchange = Text(minimum=1, maximum=100, required=True, pattern="[A-Za-z0-9_-]+")


def offers(session: Session, balance: int = 0, threshold: int = 0) -> list[Offer]:
    """The catalogue: what can be had now first, the cheapest first; then what is nearest; then what is gone."""
    seen = find.catalogue(session, now=clock.now(), balance=balance, threshold=threshold)
    return sorted(
        seen, key=lambda each: (not each.left, not each.open, each.reserved, each.missing, each.reward.cost_points)
    )


@pages.get("/rewards")
@guard("visitor")
def rewards() -> str:
    """The catalogue."""
    fan = caller().fan

    def steps(session: Session) -> tuple[int, list[Offer]]:
        has, threshold = _has(session, fan, clock.now())
        return has, offers(session, has, threshold)

    balance, seen = current_services().db.read(steps)
    return render_template("fan/rewards.html", offers=seen, balance=balance, few=FEW)


@pages.get("/rewards/<slug:slug>")
@guard("visitor")
def reward(slug: str) -> str:
    """One reward, and what the exchange would cost and leave."""
    return _page(slug, exchange=ids.secret(128))


@pages.post("/rewards/<slug:slug>")
@guard("fan")
def exchange(slug: str) -> Any:
    """Exchange points for it: once, however often the form is sent."""
    fan, said = signed_in_fan(), forms.read(ExchangeSchema())

    def run(db: Joined) -> Redeemed:
        return redeem(db, fan_id=fan.fan_id, reward_slug=slug)

    try:
        answer = once(
            current_services().db,
            credential=f"fan:{fan.fan_id}",
            key=said["exchange"],
            fingerprint=fingerprint("POST", "/rewards", slug),
            run=run,
            render=lambda redeemed: (201, json.dumps({"voucher": str(redeemed.voucher.id)})),
        )
    except RewardNotFound:
        raise
    except OutOfStock as refused:
        return _page(slug, exchange=ids.secret(128), refused=JUST_GONE.say(spoken())), refused.status
    except Refused as refused:
        return _page(slug, exchange=ids.secret(128), refused=refused.say(spoken())), refused.status
    return redirect(url_for("fan.voucher", voucher_id=json.loads(answer.body)["voucher"], new=1), 303)


def _page(slug: str, *, exchange: str, refused: str | None = None) -> str:
    fan, now = caller().fan, clock.now()

    def steps(session: Session) -> dict[str, Any]:
        zone = the_programme(session).zone
        has, threshold = _has(session, fan, now)
        offer = find.offer(session, slug, now=now, balance=has, threshold=threshold)
        assert offer.partner.id is not None
        return {
            "offer": offer,
            "balance": has,
            "until": last_instant(now, offer.reward.valid_days, zone),
            "places": partners.places(session, offer.partner.id),
            "limit": _limit(session, offer, fan.fan_id, now) if fan else None,
        }

    known = current_services().db.read(steps)
    return render_template("fan/reward.html", exchange=exchange, refused=refused, few=FEW, **known)


def _has(session: Session, fan: SignedIn | None, now: datetime) -> tuple[int, int]:
    """The points that whoever looks can spend, and what their tier takes."""
    if fan is None:
        return 0, 0
    balance, threshold = tiers.balance_and_threshold(session, fan.fan_id, now=now)
    return balance.points, threshold


def _limit(session: Session, offer: Offer, fan_id: int, now: datetime) -> str | None:
    """Why this fan cannot have another one for now, if it is so."""
    zone = the_programme(session).zone
    try:
        admission.refuse_beyond_limit(session, offer.reward, holder_id=fan_id, now=now, zone=zone)
    except LimitReached as refused:
        return refused.say(spoken())
    return None
