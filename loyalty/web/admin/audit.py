"""The audit trail: who changed what, when, from where and why."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any

from flask import render_template, request
from flask_babel import gettext
from sqlmodel import Session

from loyalty.fields import storable
from loyalty.staff import audit as trail
from loyalty.staff.tables import AuditRecord
from loyalty.web.admin import difference, tables, wording
from loyalty.web.admin.blueprint import pages
from loyalty.web.api.schemas import identifier
from loyalty.web.guards import guard
from loyalty.web.looks import moment
from loyalty.web.services import current_services
from loyalty.web.staff_guard import staff

_LONGEST = 200
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)")
_CSV_AT_ONCE = 500


@pages.get("/audit")
@guard(staff("audit:read"))
def audit() -> Any:
    """The latest records: `?actor=`, `?action=`, `?subject=`, `?day=`, `?before=`."""
    asked = {name: storable(request.args.get(name, "").strip(), _LONGEST) for name in ("actor", "action", "subject")}
    day = _day(request.args.get("day", ""))
    wanted: dict[str, Any] = {**{name: value for name, value in asked.items() if value}, **_within(day)}
    if tables.wants_csv():
        return tables.csv_answer("audit", _header(), _lines(wanted))

    def steps(session: Session) -> tuple[list[AuditRecord], tuple[list[str], list[str]]]:
        before = identifier(request.args.get("before", ""))
        return trail.find(session, limit=tables.PAGE + 1, below_id=before, **wanted), trail.said(session)

    found, (actors, actions) = current_services().db.read(steps)
    shown = found[: tables.PAGE]
    return render_template(
        "admin/audit.html",
        records=[_told(each) for each in shown],
        older_than=shown[-1].id if len(found) > tables.PAGE else None,
        asked={**asked, "day": "" if day is None else day.isoformat()},
        actors=[(each, wording.actor(each)) for each in actors],
        actions=sorted(((each, wording.action(each)) for each in actions), key=lambda pair: pair[1].casefold()),
        filtered=bool(wanted),
    )


@pages.get("/audit/<id:record_id>")
@guard(staff("audit:read"))
def audit_record(record_id: int) -> str:
    """One record, with everything that changed."""
    found = current_services().db.read(lambda session: trail.get(session, record_id))
    return render_template("admin/audit_record.html", each=_told(found))


def _told(record: AuditRecord) -> dict[str, Any]:
    return {
        "record": record,
        "actor": wording.actor(record.actor),
        "action": wording.action(record.action),
        "subject": wording.subject(record.subject),
        "address": wording.subject_address(record.subject),
        "changes": [
            replace(each, before=_readable(each.before), after=_readable(each.after))
            for each in difference.changes(record.before, record.after)
        ],
    }


def _readable(value: str | None) -> str | None:
    """An instant as the pages write them; anything else as it was written down."""
    if value is None or not _INSTANT.fullmatch(value):
        return value
    return moment(datetime.fromisoformat(value))


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _within(day: date | None) -> dict[str, datetime]:
    """The instants of a day of the programme's zone."""
    if day is None or not date(1970, 1, 2) <= day < date(9000, 1, 1):
        return {}
    zone = current_services().zone()
    return {
        "since": datetime.combine(day, time(), zone),
        "until": datetime.combine(day + timedelta(days=1), time(), zone),
    }


def _header() -> list[str]:
    return [
        gettext("When"),
        gettext("Who"),
        gettext("From where"),
        gettext("What"),
        gettext("To what"),
        gettext("Reason"),
        gettext("Before"),
        gettext("After"),
    ]


def _lines(wanted: dict[str, Any]) -> Iterator[list[Any]]:
    db, below = current_services().db, None
    while True:
        found = db.read(lambda session: trail.find(session, limit=_CSV_AT_ONCE, below_id=below, **wanted))  # noqa: B023
        for each in found:
            changed = [change for change in difference.changes(each.before, each.after) if change.differs]
            yield [
                each.at,
                each.actor,
                each.address,
                each.action,
                each.subject,
                each.reason,
                "; ".join(f"{change.field}: {change.before}" for change in changed if change.before is not None),
                "; ".join(f"{change.field}: {change.after}" for change in changed if change.after is not None),
            ]
        if len(found) < _CSV_AT_ONCE:
            return
        below = found[-1].id
