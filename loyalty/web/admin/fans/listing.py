"""Fans, found by whatever they tell us."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask import Response, render_template, request
from flask_babel import gettext
from sqlmodel import Session

from loyalty.activities.latest import last_days
from loyalty.fans import search
from loyalty.fans.tables import Fan
from loyalty.fields import storable
from loyalty.ledger import find as ledger
from loyalty.web.admin import tables
from loyalty.web.admin.blueprint import pages
from loyalty.web.api.schemas import identifier
from loyalty.web.fan import wording
from loyalty.web.guards import guard
from loyalty.web.language import spoken
from loyalty.web.services import current_services
from loyalty.web.staff_guard import staff

_LONGEST = 100  # characters sought
_CSV_AT_ONCE = 500


@pages.get("/fans")
@guard(staff("fans:read"))
def fans() -> Any:
    """A page of fans: `?q=` what is sought, `?before=` who came before whom."""
    sought = storable(request.args.get("q", "").strip(), _LONGEST)
    too_short = 0 < len(sought) < search.SHORTEST
    if tables.wants_csv():
        return _csv("" if too_short else sought)
    before = identifier(request.args.get("before", ""))
    found = [] if too_short else _rows(sought, before, tables.PAGE + 1)
    shown = found[: tables.PAGE]
    return render_template(
        "admin/fans/list.html",
        rows=shown,
        sought=sought,
        too_short=too_short,
        older_than=shown[-1]["fan"].id if len(found) > tables.PAGE else None,
        shortest=search.SHORTEST,
    )


def _csv(sought: str) -> Response:
    header = [
        gettext("Number"),
        gettext("Name"),
        gettext("E-mail address"),
        gettext("Reference"),
        gettext("Networks"),
        gettext("Points"),
        gettext("Last activity"),
        gettext("Fan since"),
    ]
    return tables.csv_answer("fans", header, _lines(sought))


def _lines(sought: str) -> Iterator[list[Any]]:
    before: int | None = None
    while True:
        rows = _rows(sought, before, _CSV_AT_ONCE)
        for row in rows:
            fan: Fan = row["fan"]
            names = [str(fan.id), fan.display_name, fan.email, fan.reference]
            day = row["last_day"]
            yield [*names, ", ".join(row["networks"]), row["points"], day and day.isoformat(), fan.created_at]
        if len(rows) < _CSV_AT_ONCE:
            return
        before = rows[-1]["fan"].id


def _rows(sought: str, before: int | None, limit: int) -> list[dict[str, Any]]:
    def steps(session: Session) -> list[dict[str, Any]]:
        found = search.fans(session, sought=sought, below_id=before, limit=limit)
        numbers = [fan.id for fan in found]
        points, days = ledger.kept_balances(session, numbers), last_days(session, numbers)
        networks = search.networks_of(session, numbers)
        return [
            {
                "fan": fan,
                "points": points.get(fan.id, 0),
                "last_day": days.get(fan.id),
                "networks": [wording.network(each, spoken()) or each for each in networks.get(fan.id, [])],
            }
            for fan in found
        ]

    return current_services().db.read(steps)
