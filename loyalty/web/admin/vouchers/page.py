"""One voucher: its state, its timeline, and what staff may do about it, each with a reason."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, render_template, url_for
from marshmallow import Schema
from sqlmodel import Session

from loyalty import clock
from loyalty.errors import Invalid, Refused
from loyalty.fields import Text
from loyalty.flows import manage_vouchers
from loyalty.flows.annul_scan import annul_scan
from loyalty.flows.cancel import cancel
from loyalty.rewards import find as rewards
from loyalty.vouchers import code, find, search, states
from loyalty.vouchers.refusals import VoucherNotFound
from loyalty.web import field_errors, forms
from loyalty.web.admin.blueprint import pages
from loyalty.web.admin.links import link
from loyalty.web.admin.rewards.listing import name_of
from loyalty.web.admin.vouchers.listing import LOOKS, state_name
from loyalty.web.admin.vouchers.timeline import timeline
from loyalty.web.guards import caller, guard
from loyalty.web.language import spoken
from loyalty.web.services import current_services
from loyalty.web.staff_guard import staff

_SHOWN = 4  # characters of the code: enough to tell two apart, too few to use one


class ReasonSchema(Schema):
    """Why."""

    reason = Text(minimum=1, maximum=500, required=True)


@pages.get("/vouchers/<id:redemption_id>")
@guard(staff("vouchers:read"))
def vouchers_one(redemption_id: int) -> str:
    """One voucher, by the number of its redemption."""
    return _page(redemption_id)


@pages.post("/vouchers/<id:redemption_id>/cancel")
@guard(staff("vouchers:write"))
def vouchers_cancel(redemption_id: int) -> Any:
    """Cancel it, and give the points back."""
    return _act(redemption_id, "cancel", cancel)


@pages.post("/vouchers/<id:redemption_id>/block")
@guard(staff("vouchers:write"))
def vouchers_block(redemption_id: int) -> Any:
    """Stop it from being used, for the time being."""
    return _act(redemption_id, "block", manage_vouchers.block_voucher)


@pages.post("/vouchers/<id:redemption_id>/unblock")
@guard(staff("vouchers:write"))
def vouchers_unblock(redemption_id: int) -> Any:
    """Let it be used again."""
    return _act(redemption_id, "unblock", manage_vouchers.unblock_voucher)


@pages.post("/vouchers/<id:redemption_id>/reissue")
@guard(staff("vouchers:write"))
def vouchers_reissue(redemption_id: int) -> Any:
    """Give it another code."""
    return _act(redemption_id, "reissue", manage_vouchers.reissue_voucher)


@pages.post("/vouchers/<id:redemption_id>/scans/<id:scan_id>/annul")
@guard(staff("vouchers:write"))
def vouchers_annul(redemption_id: int, scan_id: int) -> Any:
    """Give a use back to it."""

    def annul(db: Any, **said: Any) -> None:
        annul_scan(db, scan_id=scan_id, **said)

    return _act(redemption_id, f"annul-{scan_id}", annul)


def _act(redemption_id: int, act: str, flow: Callable[..., Any]) -> Any:
    try:
        said = forms.read(ReasonSchema())
        flow(current_services().db, redemption_id=redemption_id, actor=caller().actor, reason=said["reason"])
    except Invalid as refused:
        errors = field_errors.in_words(refused.errors, spoken())
        return _page(redemption_id, act=act, errors=errors, form=forms.given()), refused.status
    except VoucherNotFound:
        raise
    except Refused as refused:
        return _page(redemption_id, refused=refused.say(spoken())), refused.status
    flash("saved")
    return redirect(url_for("admin.vouchers_one", redemption_id=redemption_id), 303)


def _page(redemption_id: int, **known: Any) -> str:
    now = clock.now()

    def steps(session: Session) -> dict[str, Any]:
        voucher = find.by_redemption(session, redemption_id)
        return {
            "its": search.listed(session, voucher),
            "happened": timeline(session, voucher),
            "redemption": rewards.redemption(session, redemption_id),
        }

    found = current_services().db.read(steps)
    its = found["its"]
    state = its.state(now)
    is_open = state in (states.ISSUED, states.PARTIALLY_USED, states.BLOCKED)
    acts = {
        "cancel": state in (states.ISSUED, states.BLOCKED) and not its.voucher.uses,
        "block": state in (states.ISSUED, states.PARTIALLY_USED),
        "unblock": state == states.BLOCKED,
        "reissue": is_open and its.voucher.generation < states.MOST_GENERATIONS,
    }
    return render_template(
        "admin/vouchers/one.html",
        **found,
        **known,
        voucher=its.voucher,
        name=name_of(its.reward),
        state_code=state,
        state_name=state_name(state),
        look=LOOKS[state],
        acts=acts,
        code_end=code.spell(its.voucher.token_id)[-_SHOWN:],
        fan_address=link("admin.fans_one", "fans:read", fan_id=its.voucher.fan_id),
        reward_address=link("admin.rewards_one", "rewards:read", slug=its.reward.slug),
        partner_address=link("admin.partners_one", "partners:read", slug=its.partner.slug),
    )
