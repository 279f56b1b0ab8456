"""One reward: what it is, how it goes, what fans see of it, and how it leaves the catalogue."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, url_for
from marshmallow import Schema
from sqlmodel import Session

from loyalty import clock
from loyalty.errors import Invalid
from loyalty.fields import Text
from loyalty.flows import manage_rewards
from loyalty.partners import find as partners
from loyalty.programme.find import the_programme
from loyalty.rewards import find, shelf
from loyalty.rewards.find import Offer
from loyalty.rewards.tables import Reward
from loyalty.tiers.tables import Tier
from loyalty.vouchers import census
from loyalty.vouchers.issue import last_instant
from loyalty.web import field_errors, forms, surface
from loyalty.web.admin.blueprint import pages
from loyalty.web.admin.rewards.listing import LOOKS, name_of, run_out_of, state_name
from loyalty.web.fan.rewards import FEW
from loyalty.web.guards import caller, guard
from loyalty.web.language import spoken
from loyalty.web.services import current_services
from loyalty.web.staff_guard import staff


class ArchiveSchema(Schema):
    """Why a reward leaves the catalogue."""

    reason = Text(minimum=1, maximum=500, required=True)


@pages.get("/rewards/<slug:slug>")
@guard(staff("rewards:read"))
def rewards_one(slug: str) -> str:
    """One reward."""
    return render_template("admin/rewards/one.html", **known_of(slug))


@pages.get("/rewards/<slug:slug>/preview")
@guard(staff("rewards:read"))
def rewards_preview(slug: str) -> str:
    """The page as a fan sees it who is not signed in, also before it is visible: `?lang=` chooses the language."""
    now = clock.now()

    def steps(session: Session) -> dict[str, Any]:
        its = shelf.one(session, find.reward(session, slug), now=now)
        opens_at = its.reward.redeemable_from
        offer = Offer(
            reward=its.reward,
            partner=its.partner,
            left=its.units.left,
            missing=its.reward.cost_points,
            open=(opens_at is None or opens_at <= now)
            and (its.reward.redeemable_to is None or now < its.reward.redeemable_to),
            opens_at=opens_at if opens_at is not None and opens_at > now else None,
            picture=its.picture,
            min_tier=_min_tier(session, its.reward),
        )
        return {
            "offer": offer,
            "balance": 0,
            "until": last_instant(now, its.reward.valid_days, the_programme(session).zone),
            "places": partners.places(session, its.reward.partner_id),
            "limit": None,
        }

    known = current_services().db.read(steps)
    said = {"few": FEW, "slug": slug, "refused": None, "exchange": "", "surface": surface.FAN}
    return render_template("admin/rewards/preview.html", **said, **known)


@pages.get("/rewards/<slug:slug>/archive")
@guard(staff("rewards:write"))
def rewards_leave(slug: str) -> str:
    """What archiving would touch."""
    return render_template("admin/rewards/archive.html", form={}, errors={}, **known_of(slug))


@pages.post("/rewards/<slug:slug>/archive")
@guard(staff("rewards:write"))
def rewards_archive(slug: str) -> Any:
    """Take it out of the catalogue, for good."""
    try:
        said = forms.read(ArchiveSchema())
    except Invalid as refused:
        errors = field_errors.in_words(refused.errors, spoken())
        page = render_template("admin/rewards/archive.html", form=forms.given(), errors=errors, **known_of(slug))
        return page, refused.status
    manage_rewards.archive_reward(current_services().db, slug=slug, actor=caller().actor, reason=said["reason"])
    flash("saved")
    return redirect(url_for("admin.rewards_one", slug=slug), 303)


def known_of(slug: str) -> dict[str, Any]:
    """What every page about one reward shows.

    Raises:
        RewardNotFound
    """
    now = clock.now()

    def steps(session: Session) -> dict[str, Any]:
        reward = find.reward(session, slug)
        assert reward.id is not None
        return {
            "its": shelf.one(session, reward, now=now),
            "live": census.live_by_reward(session, now=now, reward_id=reward.id).get(reward.id, 0),
            "run_out": run_out_of(session, now).get(reward.id),
            "places": partners.places(session, reward.partner_id),
            "min_tier": _min_tier(session, reward),
            "cost_cents": sum(each.cost_cents for each in shelf.lots(session, reward.id)),
        }

    known = current_services().db.read(steps)
    its = known["its"]
    return {
        **known,
        "reward": its.reward,
        "name": name_of(its.reward),
        "state_name": state_name(its.state),
        "look": LOOKS[its.state],
        "today": now.astimezone(current_services().zone()).date(),
    }


def _min_tier(session: Session, reward: Reward) -> Tier | None:
    return None if reward.min_tier_id is None else session.get_one(Tier, reward.min_tier_id)
