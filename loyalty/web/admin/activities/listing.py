"""What came in, the latest first, by what one looks for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import Response, render_template
from flask_babel import gettext
from marshmallow import Schema, fields, validate
from sqlmodel import Session

from loyalty.activities.browse import Row
from loyalty.activities.fact import KINDS
from loyalty.activities.search import Found, Sought, accounts_called, search
from loyalty.activities.tables import Activity
from loyalty.fans.find import by_ids
from loyalty.fans.identities import holder_ids_of_fan
from loyalty.fans.search import fans as fans_called
from loyalty.fields import Text
from loyalty.figures.days import Day
from loyalty.figures.span import within
from loyalty.programme.find import shows, the_programme
from loyalty.rules.conditions.network import NAMES, OURS
from loyalty.rules.words import reasons
from loyalty.web.admin.blueprint import pages
from loyalty.web.admin.query import Before, query
from loyalty.web.admin.tables import PAGE, csv_answer, wants_csv
from loyalty.web.api import sentences
from loyalty.web.api.schemas import identifier
from loyalty.web.fan import wording
from loyalty.web.guards import guard
from loyalty.web.language import spoken
from loyalty.web.looks import local, moment, time_of_day
from loyalty.web.services import current_services
from loyalty.web.staff_guard import staff

OUTCOMES = ("awarded", "refused", "measured", "withdrawn")
LOOKS: Mapping[str, str] = {"awarded": "good", "refused": "bad", "measured": "over", "withdrawn": "paused"}
_MOST_ROWS = 10_000  # of a file
_MOST_FANS = 20
_AT_ONCE = timedelta(hours=1)  # between an act and its record: no need to tell the two apart


class Query(Schema):
    """What is looked for."""

    network = Text(maximum=60, load_default=None)
    kind = Text(maximum=60, load_default=None)
    outcome = fields.String(load_default=None, validate=validate.OneOf(OUTCOMES))
    reason = Text(maximum=60, load_default=None)
    fan = Text(maximum=255, load_default=None)
    show = Text(maximum=60, load_default=None)
    day = fields.Date(load_default=None)
    before = Before()


@pages.get("/activities")
@guard(staff("fans:read"))
def activities() -> Any:
    """What came in."""
    said = query(Query())
    if wants_csv():
        return _file(said)

    def steps(session: Session) -> dict[str, Any]:
        found = _found(session, said, limit=PAGE, below_id=said["before"])
        return {
            "rows": [told(row) for row in found.rows],
            "people": by_ids(session, [row.fan_id for row in found.rows if row.fan_id is not None]),
            "older_key": found.older,
            "shows": shows(session),
        }

    return render_template(
        "admin/activities/list.html",
        **current_services().db.read(steps),
        said=said,
        names=outcome_names(),
        looks=LOOKS,
        networks=sorted([*NAMES, *OURS]),
        kinds=sorted(KINDS),
        reasons=reasons(spoken()),
        filtered=any(value is not None for name, value in said.items() if name != "before"),
    )


def told(row: Row) -> dict[str, Any]:
    """One activity as the list and its page tell of it."""
    why = sentences.of_outcome(row.reason, row.verdicts, points=row.points, status_points=row.status_points)
    return {
        "row": row,
        "kind": wording.kind(row.kind, spoken()),
        "network": wording.network(row.network, spoken()) or gettext("the station’s pages"),
        "why": why[spoken()],
        "happened": _happened(row) if row.recorded_at - row.happened_at > _AT_ONCE else None,
    }


def _happened(row: Row) -> str:
    """When an act that was told late happened: at an hour of the day it came, else on another day."""
    if local(row.happened_at).date() == local(row.recorded_at).date():
        return str(gettext("happened at %(time)s", time=time_of_day(row.happened_at)))
    return str(gettext("happened on %(moment)s", moment=moment(row.happened_at)))


def outcome_names() -> dict[str, str]:
    """The word of each outcome."""
    return {
        "awarded": gettext("Counted"),
        "refused": gettext("Did not count"),
        "measured": gettext("Measured"),
        "withdrawn": gettext("Withdrawn"),
    }


def _found(session: Session, said: Mapping[str, Any], *, limit: int, below_id: int | None) -> Found:
    plain = {name: said[name] for name in ("network", "kind", "outcome", "reason", "show")}
    return search(
        session,
        Sought(
            **plain,
            holder_ids=None if said["fan"] is None else _holders(session, said["fan"]),
            within=None if said["day"] is None else _within(session, said["day"], the_programme(session).zone),
        ),
        limit=limit,
        below_id=below_id,
    )


def _holders(session: Session, name: str) -> list[int]:
    """Whose activities are meant: a fan's by number, name or address, an account's by its name on the network."""
    number = identifier(name.strip())
    fan_ids = [number] if number is not None else []
    fan_ids += [each.id for each in fans_called(session, limit=_MOST_FANS, sought=name)]
    of_fans = [holder for fan_id in fan_ids for holder in holder_ids_of_fan(session, fan_id)]
    return sorted({*of_fans, *accounts_called(session, name.strip())})


def _within(session: Session, day: Any, zone: ZoneInfo) -> Any:
    table = Activity.__table__  # type: ignore[attr-defined]
    chosen = Day(day, zone)
    return within(session, table.c.id, table.c.recorded_at, chosen.begins_at, chosen.ends_at)


def _file(said: Mapping[str, Any]) -> Response:
    head = (
        "id", "recorded_at", "happened_at", "network", "account", "fan", "kind", "object", "show", "source", "outcome",
        "reason", "points", "status_points", "why",
    )  # fmt: skip
    return csv_answer("activities", head, _lines(said))


def _lines(said: Mapping[str, Any]) -> Iterator[tuple[Any, ...]]:
    below, written = said["before"], 0
    while written < _MOST_ROWS:
        found = current_services().db.read(
            lambda session: _found(session, said, limit=500, below_id=below)  # noqa: B023
        )
        for row in found.rows:
            yield (
                str(row.id), row.recorded_at, row.happened_at, row.network, row.actor, row.fan_id and str(row.fan_id),
                row.kind, row.object, row.show, row.source, row.outcome, row.reason, row.points, row.status_points,
                told(row)["why"],
            )  # fmt: skip
        written, below = written + len(found.rows), found.older
        if below is None:
            return
