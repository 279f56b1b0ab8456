"""The page of the figures: a range of days, every plot of it, and the file of each."""

from __future__ import annotations

from typing import Any

from flask import Response, render_template
from marshmallow import Schema, fields
from sqlmodel import Session

from loyalty import clock
from loyalty.figures import find
from loyalty.figures.days import Day, day_of, last_days
from loyalty.figures.run_out import RunOut, run_outs
from loyalty.programme.find import the_programme
from loyalty.rules.find import current_history
from loyalty.web import forms
from loyalty.web.admin.blueprint import pages
from loyalty.web.admin.charts import Plot
from loyalty.web.admin.counted import LONG, SHORTLY, once_in
from loyalty.web.admin.figures import plots
from loyalty.web.admin.query import query
from loyalty.web.admin.tables import csv_answer, wants_csv
from loyalty.web.guards import guard
from loyalty.web.services import current_services
from loyalty.web.staff_guard import staff

RANGES = (7, 28, 90)
_MOST_MARKS = 12  # a day on which everything was revised is one mark


class Query(Schema):
    """How many days, and which plot as a file."""

    days = forms.Number(minimum=7, maximum=90, load_default=28)
    plot = fields.String(load_default="points")


@pages.get("/figures")
@guard(staff("overview:read"))
def figures() -> Any:
    """Every plot of the last days."""
    said = query(Query())
    days, db = said["days"], current_services().db
    today = day_of(clock.now(), db.read(the_programme).zone)
    counted, left, marks = once_in(
        SHORTLY, db, ("figures", days, today.number), lambda each: _counted(each, today, days)
    )
    expiring = once_in(LONG, db, ("expiry",), find.outstanding_by_expiry)
    stock = once_in(SHORTLY, db, ("stock", today.number), lambda session: run_outs(session, today))
    drawn = {
        each.name: each
        for each in (
            plots.points(counted, marks),
            plots.networks(counted, marks),
            plots.origins(counted, marks),
            plots.fans(counted, marks),
            plots.outstanding(counted, left, {}),
            plots.expiry(expiring),
            plots.status(counted, marks),
        )
    }
    if wants_csv():
        return _file(drawn.get(said["plot"]), stock, today)
    return render_template(
        "admin/figures/page.html",
        plots=drawn,
        stock_plot=plots.stock(stock),
        stock=stock,
        today=today.date,
        ranges=RANGES,
        days=days,
        zone=today.zone.key,
        unknown=sum(1 for each in counted if not each.known),
    )


def _counted(session: Session, today: Day, count: int) -> tuple[list[find.Counted], list[int | None], dict[int, str]]:
    days = last_days(count, until=today)
    counted = find.figures_of(session, days, now=clock.now())
    left = find.outstanding_by_day(counted, left=find.outstanding(session))
    return counted, left, _marks(session, days)


def _marks(session: Session, days: list[Day]) -> dict[int, str]:
    """The days on which revisions of rules came into force: what a change of the curve may come from."""
    found: dict[int, list[str]] = {}
    for revisions in current_history(session).values():
        for each in revisions:
            at = (day_of(each.in_force_from, days[0].zone).date - days[0].date).days
            if 0 <= at < len(days):
                found.setdefault(at, []).append(f"{each.slug} {each.number}")
    latest = sorted(found)[-_MOST_MARKS:]
    return {at: ", ".join(sorted(found[at])) for at in latest}


def _file(plot: Plot | None, stock: list[RunOut], today: Day) -> Response:
    if plot is not None:
        return csv_answer(plot.name, plot.head, plot.rows)
    head = ("reward", "left", "taken_14_days", "soonest", "median", "latest", "order_now")
    rows = (
        (
            each.reward.slug, each.left, each.gone, *(str(each.on(today.date, days) or "") for days in
            (each.soonest, each.median, each.latest)), each.order_now,
        )
        for each in stock
    )  # fmt: skip
    return csv_answer("stock", head, rows)
