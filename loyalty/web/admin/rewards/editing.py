"""The form of a reward, for a new one and for one that is there; the schema of the API reads it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import flash, redirect, render_template, url_for
from sqlmodel import Session

from loyalty.errors import Invalid, Refused
from loyalty.flows import manage_rewards
from loyalty.partners import find as partners
from loyalty.partners.refusals import PartnerNotFound
from loyalty.partners.tables import Partner
from loyalty.pictures.make import REWARD
from loyalty.rewards import find
from loyalty.rewards.refusals import RewardExists
from loyalty.rewards.schema import RewardChangeSchema, RewardSchema
from loyalty.rewards.tables import Reward
from loyalty.tiers.find import every_tier
from loyalty.tiers.refusals import TierNotFound
from loyalty.tiers.tables import Tier
from loyalty.web import field_errors, forms
from loyalty.web.admin import api_forms
from loyalty.web.admin.api_forms import FromForm
from loyalty.web.admin.blueprint import pages
from loyalty.web.admin.rewards.listing import name_of
from loyalty.web.guards import caller, guard
from loyalty.web.language import spoken
from loyalty.web.pictures import uploaded
from loyalty.web.services import current_services
from loyalty.web.staff_guard import staff
from loyalty.web.uploads import takes_picture

_MOMENTS = ("visible_from", "visible_to", "redeemable_from", "redeemable_to")
_FIRST = {"valid_days": "30", "max_uses": "1", "value_cents": "0"}
_MOST_PARTNERS = 1_000


class NewRewardForm(FromForm, RewardSchema):
    """A new reward."""


class ChangedRewardForm(FromForm, RewardChangeSchema):
    """Another word about a reward."""

    without_picture = forms.Box()


@pages.get("/rewards/-/new")
@guard(staff("rewards:write"))
def rewards_new() -> str:
    """The empty form."""
    return _page(None, _FIRST)


@pages.post("/rewards/-/new")
@guard(staff("rewards:write"))
@takes_picture
def rewards_create() -> Any:
    """Make it; then it wants stock."""
    try:
        said, picture = forms.read(NewRewardForm()), uploaded("picture", REWARD)
        reward = manage_rewards.create_reward(current_services().db, said, actor=caller().actor, picture=picture)
    except (Invalid, RewardExists, PartnerNotFound, TierNotFound) as refused:
        return _page(None, forms.given(), refused), refused.status
    flash("saved")
    return redirect(url_for("admin.rewards_one", slug=reward.slug), 303)


@pages.get("/rewards/<slug:slug>/edit")
@guard(staff("rewards:write"))
def rewards_edit(slug: str) -> str:
    """The form, filled."""
    reward, partner, tier = _reward(slug)
    return _page(reward, _shown(reward, partner, tier))


@pages.post("/rewards/<slug:slug>/edit")
@guard(staff("rewards:write"))
@takes_picture
def rewards_change(slug: str) -> Any:
    """Change it; vouchers already issued keep their terms."""
    reward = _reward(slug)[0]
    try:
        said, picture = forms.read(ChangedRewardForm()), uploaded("picture", REWARD)
        without = said.pop("without_picture")
        manage_rewards.change_reward(
            current_services().db,
            slug=slug,
            said=said,
            actor=caller().actor,
            picture=picture,
            without_picture=without,
        )
    except (Invalid, PartnerNotFound, TierNotFound) as refused:
        return _page(reward, forms.given(), refused), refused.status
    flash("saved")
    return redirect(url_for("admin.rewards_one", slug=slug), 303)


def _reward(slug: str) -> tuple[Reward, Partner, Tier | None]:
    def steps(session: Session) -> tuple[Reward, Partner, Tier | None]:
        reward = find.reward(session, slug)
        tier = None if reward.min_tier_id is None else session.get_one(Tier, reward.min_tier_id)
        return reward, session.get_one(Partner, reward.partner_id), tier

    return current_services().db.read(steps)


def _shown(reward: Reward, partner: Partner, tier: Tier | None) -> dict[str, Any]:
    """A reward as its form shows it."""
    return {
        **reward.model_dump(),
        **{name: forms.local_value(getattr(reward, name)) for name in _MOMENTS},
        "value_cents": api_forms.euros(reward.value_cents),
        "partner": partner.slug,
        "min_tier": tier.slug if tier else "",
    }


def _page(reward: Reward | None, form: Mapping[str, Any], refused: Refused | None = None) -> str:
    def steps(session: Session) -> tuple[list[Partner], list[Tier]]:
        return partners.partners(session, limit=_MOST_PARTNERS), every_tier(session)

    errors = field_errors.in_words(_by_field(refused), spoken()) if refused else {}
    known, ladder = current_services().db.read(steps)
    offered = [each for each in known if not each.archived_at or each.slug == form.get("partner")]
    tiers = [each for each in ladder if not each.archived_at or each.slug == form.get("min_tier")]
    return render_template(
        "admin/rewards/form.html",
        reward=reward,
        name=name_of(reward) if reward else None,
        form=form,
        errors=errors,
        partners=[(each.slug, each.name) for each in offered],
        tiers=[(each.slug, name_of(each)) for each in tiers],
        zone=str(current_services().zone()),
    )


def _by_field(refused: Refused) -> Any:
    if isinstance(refused, Invalid):
        return refused.errors
    name = {RewardExists: "slug", TierNotFound: "min_tier"}.get(type(refused), "partner")
    return {name: [refused.say(spoken())]}
