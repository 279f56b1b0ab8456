"""Every reward with its stock, what it costs and when it will have run out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from flask import Response, render_template
from flask_babel import gettext
from marshmallow import Schema, fields, validate
from sqlmodel import Session

from loyalty import clock
from loyalty.fields import Text
from loyalty.figures.days import day_of
from loyalty.figures.run_out import RunOut, run_outs
from loyalty.i18n import Words
from loyalty.partners import find as partners
from loyalty.partners.tables import Partner
from loyalty.programme.find import the_programme
from loyalty.rewards import shelf
from loyalty.rewards.shelf import OnShelf
from loyalty.vouchers import census
from loyalty.web.admin import tables
from loyalty.web.admin.blueprint import pages
from loyalty.web.admin.query import Before, query
from loyalty.web.guards import guard
from loyalty.web.language import spoken
from loyalty.web.services import current_services
from loyalty.web.staff_guard import staff

STATES: Mapping[str, Words] = {
    shelf.VISIBLE: Words(fr="Au catalogue", en="In the catalogue"),
    shelf.NOT_YET: Words(fr="Pas encore visible", en="Not visible yet"),
    shelf.SOLD_OUT: Words(fr="Épuisée", en="Sold out"),
    shelf.OVER: Words(fr="Plus visible", en="No longer visible"),
    shelf.ARCHIVED: Words(fr="Archivée", en="Archived"),
}
LOOKS = {  # of the label of a state: see parts/admin.html
    shelf.VISIBLE: "good",
    shelf.NOT_YET: "waiting",
    shelf.SOLD_OUT: "bad",
    shelf.OVER: "over",
    shelf.ARCHIVED: "over",
}
_MOST = 5_000  # rows of a file: a catalogue has hundreds


class Filters(Schema):
    """What to show."""

    q = Text(maximum=100, load_default="")
    state = fields.String(validate=validate.OneOf(list(STATES)), load_default=None)
    partner = Text(maximum=60, load_default=None)
    before = Before()


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One reward of the list; `runs_out_on` is the median, None where it cannot be told."""

    on_shelf: OnShelf
    live: int
    run_out: RunOut | None


@pages.get("/rewards")
@guard(staff("rewards:read"))
def rewards() -> Any:
    """A page of rewards, or a file of them."""
    said = query(Filters())
    if tables.wants_csv():
        return _csv(said)
    found, offered_by = _read(said, tables.PAGE + 1)
    shown = found[: tables.PAGE]
    return render_template(
        "admin/rewards/list.html",
        rows=shown,
        said=said,
        partners=offered_by,
        states=[(code, words.say(spoken())) for code, words in STATES.items()],
        looks=LOOKS,
        older_than=shown[-1].on_shelf.reward.id if len(found) > tables.PAGE else None,
    )


def state_name(code: str) -> str:
    """A state in words."""
    return STATES[code].say(spoken())


def name_of(reward: Any) -> str:
    """A reward's name in the reader's language."""
    name: str = reward.name_fr if spoken() == "fr" else reward.name_en
    return name


def run_out_of(session: Session, now: datetime) -> dict[int, RunOut]:
    """When each reward will have run out, by number."""
    today = day_of(now, the_programme(session).zone)
    return {each.reward.id: each for each in run_outs(session, today) if each.reward.id is not None}


def _read(said: Mapping[str, Any], limit: int) -> tuple[list[Row], list[Partner]]:
    now = clock.now()

    def steps(session: Session) -> tuple[list[Row], list[Partner]]:
        found = shelf.rewards(
            session,
            now=now,
            limit=limit,
            below_id=said["before"],
            sought=said["q"].strip(),
            state=said["state"],
            partner=said["partner"],
        )
        live = census.live_by_reward(session, now=now)
        run_out = run_out_of(session, now)
        rows = [
            Row(on_shelf=each, live=live.get(each.reward.id or 0, 0), run_out=run_out.get(each.reward.id or 0))
            for each in found
        ]
        return rows, partners.partners(session, limit=_MOST)

    return current_services().db.read(steps)


def _csv(said: Mapping[str, Any]) -> Response:
    header = [
        gettext("The reward"),
        gettext("Name"),
        gettext("State"),
        gettext("Partner"),
        gettext("Cost"),
        gettext("Value (€)"),
        gettext("Left"),
        gettext("Received"),
        gettext("Redeemed"),
        gettext("Live vouchers"),
    ]
    rows = (
        [
            each.on_shelf.reward.slug,
            name_of(each.on_shelf.reward),
            state_name(each.on_shelf.state),
            each.on_shelf.partner.name,
            each.on_shelf.reward.cost_points,
            Decimal(each.on_shelf.reward.value_cents).scaleb(-2),
            each.on_shelf.units.left,
            each.on_shelf.units.received,
            each.on_shelf.units.taken,
            each.live,
        ]
        for each in _read({**said, "before": None}, _MOST)[0]
    )
    return tables.csv_answer("rewards", header, rows)
