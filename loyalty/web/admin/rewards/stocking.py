"""The stock of one reward: its lots, what staff did to it, and what they do next."""

from __future__ import annotations

import json
from typing import Any

from flask import flash, redirect, render_template, url_for
from marshmallow import Schema
from sqlmodel import Session

from loyalty import ids
from loyalty.db import Joined
from loyalty.errors import Invalid, Refused
from loyalty.fields import Text
from loyalty.flows.once import fingerprint, once
from loyalty.flows.propose_movement import ACTION, RECEIVED, Proposed, propose
from loyalty.programme.find import approval_thresholds
from loyalty.rewards import find, shelf
from loyalty.rewards.refusals import NotThatMany, StockLotNotFound
from loyalty.rewards.schema import MovementSchema, ReceiptSchema
from loyalty.staff import approvals
from loyalty.web import field_errors, forms
from loyalty.web.admin import tables, wording
from loyalty.web.admin.api_forms import FromForm
from loyalty.web.admin.approvals import what
from loyalty.web.admin.blueprint import pages
from loyalty.web.admin.query import Before, query
from loyalty.web.admin.rewards.page import known_of
from loyalty.web.guards import caller, guard
from loyalty.web.language import spoken
from loyalty.web.services import current_services
from loyalty.web.staff_guard import signed_in_staff, staff

_WAITS = "waits"


class _Once(Schema):
    """The number the page gave this form: sent twice, it moves once."""

    form = Text(minimum=1, maximum=100, required=True, pattern="[A-Za-z0-9_-]+")


class ReceiptForm(_Once, FromForm, ReceiptSchema):
    """Units that came in."""


class MovementForm(_Once, FromForm, MovementSchema):
    """Units that leave, or come back."""


class _Page(Schema):
    before = Before()


@pages.get("/rewards/<slug:slug>/stock")
@guard(staff("rewards:read"))
def rewards_stock(slug: str) -> str:
    """Lots, movements and forms."""
    return _page(slug)


@pages.post("/rewards/<slug:slug>/stock/receive")
@guard(staff("rewards:write"))
def rewards_receive(slug: str) -> Any:
    """Take units in."""
    return _move(slug, ReceiptForm())


@pages.post("/rewards/<slug:slug>/stock/move")
@guard(staff("rewards:write"))
def rewards_move(slug: str) -> Any:
    """Withdraw units, write them off, or take them back."""
    return _move(slug, MovementForm())


def _move(slug: str, schema: Schema) -> Any:
    where = "received" if isinstance(schema, ReceiptForm) else "moved"
    try:
        said = forms.read(schema)
        waits = _once(slug, said.pop("form"), said)
    except Invalid as refused:
        errors = field_errors.in_words(refused.errors, spoken())
        return _page(slug, wrong=where, errors=errors, form=forms.given()), refused.status
    except (NotThatMany, StockLotNotFound) as refused:
        errors = {"quantity" if isinstance(refused, NotThatMany) else "lot": refused.say(spoken())}
        return _page(slug, wrong=where, errors=errors, form=forms.given()), refused.status
    except Refused as refused:
        return _page(slug, refused=refused.say(spoken())), refused.status
    flash(_WAITS if waits else "saved")
    return redirect(url_for("admin.rewards_stock", slug=slug), 303)


def _once(slug: str, key: str, said: dict[str, Any]) -> bool:
    """Move, however often the form is sent; says whether it waits for a second person."""
    asked = fingerprint("POST", f"/admin/rewards/{slug}/stock", said)
    kind, reason = said.pop("kind", RECEIVED), said.pop("reason")
    if "lot" in said:
        said["lot_id"] = said.pop("lot")

    def run(db: Joined) -> Proposed:
        return propose(db, kind=kind, reward_slug=slug, said=said, actor=caller().actor, reason=reason)

    answer = once(
        current_services().db,
        credential=f"staff:{signed_in_staff().account_id}",
        key=key,
        fingerprint=asked,
        run=run,
        render=lambda proposed: (201, json.dumps({"waits": proposed.waits})),
    )
    return bool(json.loads(answer.body)["waits"])


def _page(slug: str, **known: Any) -> str:
    before = query(_Page())["before"]

    def steps(session: Session) -> dict[str, Any]:
        reward = find.reward(session, slug)
        assert reward.id is not None
        lots = shelf.lots(session, reward.id)
        waiting = [each for each in approvals.waiting(session) if each.subject == f"reward:{slug}"]
        return {
            "lots": lots,
            "received": shelf.received_of(session, [each.lot.id for each in lots]),
            "movements": find.movements(session, reward.id, below_id=before, limit=tables.PAGE + 1),
            "waiting": [each for each in waiting if each.action == ACTION],
            "most": approval_thresholds(session).units,
        }

    found = current_services().db.read(steps)
    movements = found.pop("movements")
    shown = movements[: tables.PAGE]
    return render_template(
        "admin/rewards/stock.html",
        **known_of(slug),
        **found,
        movements=shown,
        older_than=shown[-1].id if len(movements) > tables.PAGE else None,
        actor=wording.actor,
        what=what,
        new_form=ids.secret(128),
        **known,
    )
