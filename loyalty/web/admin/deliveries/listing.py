"""Deliveries: what came, what became of each thing it told, and work it again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from marshmallow import Schema
from sqlmodel import Session

from loyalty.errors import Refused
from loyalty.fields import Text
from loyalty.flows.deliver import replay_delivery
from loyalty.intake.find import STATES, backlog, find_deliveries, find_delivery
from loyalty.intake.sources import find_sources
from loyalty.intake.tables import Delivery
from loyalty.rules.words import reason_title
from loyalty.web import forms
from loyalty.web.admin import tables
from loyalty.web.admin.activities.listing import outcome_names
from loyalty.web.admin.blueprint import pages
from loyalty.web.api.schemas import identifier
from loyalty.web.fan.wording import kind, network
from loyalty.web.guards import caller, guard
from loyalty.web.language import spoken
from loyalty.web.services import current_services
from loyalty.web.staff_guard import staff

_SHOWN_BYTES = 64 * 1024  # of a body


class ReplaySchema(Schema):
    """Why."""

    reason = Text(minimum=3, maximum=300, required=True)


@pages.get("/deliveries")
@guard(staff("deliveries:read"))
def deliveries() -> str:
    """The latest first: `?state=`, `?source=`, `?before=`."""
    state = request.args.get("state", "")
    state = state if state in STATES else ""

    def steps(session: Session) -> dict[str, Any]:
        sources = {source.id: f"{source.connector}/{source.slug}" for source in find_sources(session)}
        wanted = next((number for number, name in sources.items() if name == request.args.get("source")), None)
        found = find_deliveries(
            session,
            limit=tables.PAGE + 1,
            below_id=identifier(request.args.get("before", "")),
            source_id=wanted,
            state=state or None,
        )
        return {
            "rows": found[: tables.PAGE],
            "older_than": found[tables.PAGE - 1].id if len(found) > tables.PAGE else None,
            "sources": sources,
            "source": sources.get(wanted, ""),
            "backlog": backlog(session),
        }

    return render_template(
        "admin/deliveries/list.html", state_wanted=state, states=STATES, **current_services().db.read(steps)
    )


@pages.get("/deliveries/<id:delivery_id>")
@guard(staff("deliveries:read"))
def deliveries_one(delivery_id: int) -> str:
    """One of them, as it came."""
    return _page(delivery_id)


@pages.post("/deliveries/<id:delivery_id>/replay")
@guard(staff("deliveries:write"))
def deliveries_replay(delivery_id: int) -> Any:
    """Have the worker take it up again."""
    try:
        said = forms.read(ReplaySchema())
        replay_delivery(current_services().db, delivery_id, actor=caller().actor, reason=said["reason"].strip())
    except Refused as refused:
        return _page(delivery_id, **forms.refilled(refused)), refused.status
    flash(gettext("The worker takes it up in a moment."))
    return redirect(url_for("admin.deliveries_one", delivery_id=delivery_id), 303)


def _page(delivery_id: int, **known: Any) -> str:
    def steps(session: Session) -> dict[str, Any]:
        found = find_delivery(session, delivery_id)
        sources = {source.id: f"{source.connector}/{source.slug}" for source in find_sources(session)}
        return {"each": found, "source": sources.get(found.source_id, "?")}

    read = current_services().db.read(steps)
    delivery: Delivery = read["each"]
    shown = {
        "body": _readable(delivery.body),
        "is_cut": len(delivery.body) > _SHOWN_BYTES,
        "size": len(delivery.body),
        "outcomes": [_outcome(each) for each in delivery.outcomes or ()],
    }
    return render_template("admin/deliveries/one.html", **{**read, **shown, **known})


def _readable(body: bytes) -> str:
    """The beginning of a body as text, JSON with its indents; whatever it holds, it is shown as text."""
    beginning = body[:_SHOWN_BYTES]
    if len(body) <= _SHOWN_BYTES:
        try:
            pretty = json.dumps(json.loads(body), ensure_ascii=False, indent=2)[: 2 * _SHOWN_BYTES]
            return pretty.encode("utf-8", "replace").decode()  # JSON may spell half a surrogate pair
        except (ValueError, RecursionError):
            pass
    return beginning.decode("utf-8", "replace")


def _outcome(noted: Any) -> dict[str, Any]:
    """What became of one thing it told, in the reader's language where there are words."""
    said = noted.get("says") if isinstance(noted, dict) else None
    told = dict(noted) if isinstance(noted, dict) else {"status": str(noted)}
    status, reason = str(told.get("status", "")), told.get("reason")
    told["activity_id"] = identifier(str(told.get("activity_id", "")))
    told["what"] = _statuses().get(status, status)
    told["became"] = outcome_names().get(str(told.get("outcome")))
    told["about"] = " · ".join(_about(told))
    if isinstance(said, dict):
        told["says"] = said.get(spoken(), "")
    elif reason and reason != told.get("outcome"):  # "awarded" says no more than the points beside it
        told["says"] = reason_title(str(reason), spoken())
    return told


def _statuses() -> dict[str, str]:
    return {
        "recorded": gettext("Recorded"),
        "duplicate": gettext("Recorded before"),
        "conflict": gettext("On record with another content"),
        "refused": gettext("Not recorded"),
        "left_out": gettext("Left out"),
        "waiting": gettext("Taken back when it comes"),
        "reversed": gettext("Its points taken back"),
        "source_stopped": gettext("The network stopped this source"),
    }


def _about(told: dict[str, Any]) -> Iterator[str]:
    """What was done, and where."""
    if told.get("kind"):
        yield kind(str(told["kind"]), spoken())
    if told.get("network"):
        yield network(str(told["network"]), spoken()) or gettext("the station’s pages")
