"""Every animation: those that are on, those to come, those that are over."""

from __future__ import annotations

from typing import Any

from flask import render_template
from marshmallow import Schema
from sqlmodel import Session

from loyalty import clock
from loyalty.animations import find
from loyalty.programme.find import shows
from loyalty.web.admin.animations.told import COMING, ON, told
from loyalty.web.admin.blueprint import pages
from loyalty.web.admin.query import Before, query
from loyalty.web.admin.tables import PAGE
from loyalty.web.guards import guard
from loyalty.web.services import current_services
from loyalty.web.staff_guard import staff


class PageQuery(Schema):
    """Where the page begins."""

    before = Before()


@pages.get("/animations")
@guard(staff("animations:read"))
def animations() -> str:
    """Every animation."""
    now, before = clock.now(), query(PageQuery())["before"]

    def steps(session: Session) -> dict[str, Any]:
        names = shows(session)
        live = [told(session, row, shows=names, now=now) for row in find.to_come(session, now)]
        over = find.over(session, now, limit=PAGE + 1, below_id=before)
        return {
            "on": [each for each in live if each.state == ON],
            "coming": [each for each in live if each.state == COMING],
            "over": [told(session, row, shows=names, now=now) for row in over[:PAGE]],
            "older": over[PAGE - 1].id if len(over) > PAGE else None,
        }

    return render_template("admin/animations/list.html", **current_services().db.read(steps))
