"""One fan: who it is, what they have, and everything that happened, with its why."""

from __future__ import annotations

from typing import Any

from flask import redirect, render_template, request, url_for
from sqlmodel import Session
from werkzeug import Response

from loyalty import clock, ids
from loyalty.access import sessions
from loyalty.errors import NotFound
from loyalty.fans import consents
from loyalty.fans.find import linked_identities
from loyalty.fans.identities import fan_ids_merged_into
from loyalty.fans.tables import Fan
from loyalty.flows.adjust import MOST, UNITS
from loyalty.ledger import find as ledger
from loyalty.programme.find import approval_thresholds
from loyalty.vouchers import find as vouchers
from loyalty.web import tiers
from loyalty.web.admin import tables
from loyalty.web.admin.blueprint import pages
from loyalty.web.admin.fans import timeline
from loyalty.web.api.schemas import identifier
from loyalty.web.fan import wording
from loyalty.web.guards import guard
from loyalty.web.language import spoken
from loyalty.web.services import current_services
from loyalty.web.staff_guard import staff


@pages.get("/fans/<id:fan_id>")
@guard(staff("fans:read"))
def fans_one(fan_id: int) -> Response | str:
    """A fan; who was merged is shown as whoever they turned out to be."""
    fan = current_services().db.read(lambda session: session.get(Fan, fan_id))
    if fan is not None and fan.merged_into is not None:
        return redirect(url_for("admin.fans_one", fan_id=fan.merged_into, was=fan_id))
    return page(fan_id)


def page(fan_id: int, **known: Any) -> str:
    """The page, with what was wrong with a form on it."""
    wanted = request.args.get("show", timeline.SHOWS[0])
    show = wanted if wanted in timeline.SHOWS else timeline.SHOWS[0]
    before = identifier(request.args.get("before", ""))

    def steps(session: Session) -> dict[str, Any]:
        lines = timeline.of_fan(session, fan_id, show=show, before=before, limit=tables.PAGE + 1)
        return {
            **who(session, fan_id),
            **tiers.of_fan(session, fan_id),
            "lines": lines[: tables.PAGE],
            "older_than": lines[tables.PAGE - 1].key if len(lines) > tables.PAGE else None,
            "threshold": approval_thresholds(session).points,
        }

    read = current_services().db.read(steps)
    told = {"show": show, "shows": timeline.SHOWS, "was": identifier(request.args.get("was", "")), "before": before}
    forms = {"units": UNITS, "most": MOST, "nonce": ids.new()}
    return render_template("admin/fans/one.html", **{**read, **told, **forms, **known})


def who(session: Session, fan_id: int) -> dict[str, Any]:
    """What stands at the head of every page about a fan.

    Raises:
        NotFound: nobody has this number.
    """
    fan, now = session.get(Fan, fan_id), clock.now()
    if fan is None:
        raise NotFound(what="fan")
    latest = {each.purpose: each for each in consents.of_fan(session, fan_id)}
    return {
        "fan": fan,
        "name": fan.display_name or fan.email or fan.reference or str(fan.id),
        "identities": [
            (wording.network(each.network, spoken()) or each.network, each)
            for each in linked_identities(session, fan_id)
        ],
        "consents": latest,
        "session_count": len(sessions.open_sessions(session, kind=sessions.FAN, subject_id=fan_id)),
        "balance": ledger.balance(session, fan_id, now=now),
        "open_vouchers": vouchers.how_many_open(session, fan_id, now=now),
        "merged_from": fan_ids_merged_into(session, fan_id),
    }
