"""One animation, live: the code for the host, how answers come in, the queue of those that wait, and its end."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext, ngettext
from marshmallow import Schema
from sqlmodel import Session
from werkzeug import Response

from loyalty import clock
from loyalty.animation import AnimationKind, Curve
from loyalty.animations import find, results
from loyalty.animations.kinds import known_kinds
from loyalty.animations.tables import IN_REVIEW, Animation
from loyalty.errors import Invalid, Refused
from loyalty.fans.find import by_ids
from loyalty.fields import Text
from loyalty.flows.animate import close_animation, id_of
from loyalty.flows.void_animation import void_animation
from loyalty.i18n import Words
from loyalty.programme.find import shows
from loyalty.web import field_errors, forms
from loyalty.web.admin import charts
from loyalty.web.admin.animations.told import ON, seconds_after_air, told
from loyalty.web.admin.blueprint import pages
from loyalty.web.admin.query import Before, query
from loyalty.web.admin.tables import PAGE, csv_answer, wants_csv
from loyalty.web.guards import caller, guard
from loyalty.web.language import spoken
from loyalty.web.looks import number
from loyalty.web.services import current_services
from loyalty.web.staff_guard import staff

_MOST_MINUTES = 120  # of the plot; later answers are in its last column
_MOST_ROWS = 100_000  # of a file


class QueueQuery(Schema):
    """Where the queue begins: after this answer."""

    after = Before()


class ReasonSchema(Schema):
    """Why it ends."""

    reason = Text(minimum=1, maximum=500, required=True)


class VoidSchema(ReasonSchema):
    """Why it never should have been, and the word that says it is meant."""

    word = Text(maximum=40, required=True)


@pages.get("/animations/<slug:slug>")
@guard(staff("animations:read"))
def animations_one(slug: str) -> Any:
    """One animation."""
    if wants_csv():
        return _file(slug)
    return page(slug)


@pages.get("/animations/<slug:slug>/live")
@guard(staff("animations:read"))
def animations_live(slug: str) -> str:
    """The part of the page that changes while it is on."""
    return render_template("admin/animations/live.html", **current_services().db.read(lambda each: _live(each, slug)))


@pages.post("/animations/<slug:slug>/close")
@guard(staff("animations:write"))
def animations_close(slug: str) -> Any:
    """Take no more answers."""
    try:
        said = forms.read(ReasonSchema())
    except Invalid as refused:
        return page(slug, refused=refused, about="close")
    close_animation(current_services().db, slug, actor=caller().actor, reason=said["reason"])
    flash(gettext("Closed. No more answers are taken."))
    return _back(slug)


@pages.get("/animations/<slug:slug>/void")
@guard(staff("animations:write"))
def animations_void(slug: str) -> Any:
    """What voiding would take back, and from how many."""
    return _void_page(slug)


@pages.post("/animations/<slug:slug>/void")
@guard(staff("animations:write", fresh=True))
def animations_void_now(slug: str) -> Any:
    """Take everything back."""
    try:
        said = forms.read(VoidSchema())
        if said["word"].strip().casefold() != gettext("VOID").casefold():
            raise Invalid({"word": [gettext("This is not the word.")]})
    except Invalid as refused:
        return _void_page(slug, refused)
    void_animation(current_services().db, slug, actor=caller().actor, reason=said["reason"])
    flash(gettext("Voided. What it had earned is being taken back."))
    return _back(slug)


def page(slug: str, *, refused: Refused | None = None, about: str | None = None) -> Any:
    """The page of one animation, with what was wrong about one of its forms."""
    after = query(QueueQuery())["after"]

    def steps(session: Session) -> dict[str, Any]:
        row = find.animation(session, slug)
        waiting = find.answers(session, id_of(row), limit=PAGE + 1, after_id=after or 0, state=IN_REVIEW)
        return {
            **_live(session, slug),
            "queue": [(part, seconds_after_air(part, row)) for part in waiting[:PAGE]],
            "next": waiting[PAGE - 1].id if len(waiting) > PAGE else None,
            "fans": by_ids(session, [part.fan_id for part in waiting]),
        }

    errors = field_errors.in_words(refused.errors, spoken()) if isinstance(refused, Invalid) else {}
    shown = render_template(
        "admin/animations/one.html",
        **current_services().db.read(steps),
        errors=errors,
        about=about,
        given=forms.given() if request.method == "POST" else {},
        refused=None if errors or refused is None else refused.say(spoken()),
    )
    return (shown, refused.status) if refused is not None else shown


def _live(session: Session, slug: str) -> dict[str, Any]:
    now, row = clock.now(), find.animation(session, slug)
    kind = known_kinds().get(row.kind)
    first, last = results.first_and_last(session, id_of(row))
    curve = find.curve(session, row)
    found = told(session, row, shows=shows(session), now=now)
    return {
        "told": found,
        "first": first,
        "last": last,
        "plot": _plot(row, curve, now),
        "solution": [] if kind is None else _solution(kind, row.solution),
        "worth": None if kind is None or found.state != ON else kind.worth(row.settings, _minutes(row, now)),
        "now": now,
    }


def _plot(row: Animation, curve: Curve, now: datetime) -> charts.Plot:
    """Answers by minute, up to now or to its end."""
    lasted = max(_minutes(row, min(now, find.ended_at(row))), max(curve.minutes, default=0))
    minutes = range(min(max(lasted, 9) + 1, _MOST_MINUTES))
    values = [curve.minutes.get(minute, 0) for minute in minutes]
    values[-1] += sum(count for minute, count in curve.minutes.items() if minute >= _MOST_MINUTES)
    columns = [gettext("minute %(number)s", number=minute + 1) for minute in minutes]
    short = [str(minute + 1) for minute in minutes]
    if curve.early:
        values, columns = [curve.early, *values], [gettext("before air"), *columns]
        short = ["<0", *short]
    counted = sum(values)
    says = ngettext("%(count)s answer so far.", "%(count)s answers so far.", counted, count=number(counted))
    if counted:
        at = values.index(max(values))
        says += " " + gettext("Most in one go: %(count)s, %(when)s.", count=number(values[at]), when=columns[at])
    return charts.stacked(
        "minutes",
        gettext("Answers by minute"),
        says,
        axis=gettext("Minute"),
        labels=columns,
        short_labels=short,
        series=[charts.Series(name=gettext("Answers"), values=values)],
    )


def _minutes(row: Animation, now: datetime) -> int:
    return max(0, int((now - row.starts_at).total_seconds()) // 60)


def _solution(kind: AnimationKind, kept: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What is right, in the words of its kind: what the host says is one of them."""
    found = []
    for name, field in kind.solution().fields.items():
        label = field.metadata.get("label")
        value = kept.get(name, "")
        said = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
        found.append((label.say(spoken()) if isinstance(label, Words) else name, said))
    return found


def _void_page(slug: str, refused: Invalid | None = None) -> Any:
    def steps(session: Session) -> dict[str, Any]:
        row = find.animation(session, slug)
        return {"told": told(session, row, shows=shows(session), now=clock.now())}

    shown = render_template(
        "admin/animations/void.html",
        **current_services().db.read(steps),
        given=forms.given() if refused else {},
        errors=field_errors.in_words(refused.errors, spoken()) if refused else {},
    )
    return (shown, refused.status) if refused else shown


def _file(slug: str) -> Response:
    """Every answer that counts, as a file."""

    def steps(session: Session) -> tuple[Animation, list[Any]]:
        row = find.animation(session, slug)
        return row, list(find.answers(session, id_of(row), limit=_MOST_ROWS))

    row, answers = current_services().db.read(steps)
    head = ("fan", "state", "answered_at", "after_air", "attempts", "units", "activity", "reviewed_by", "reason")
    return csv_answer(
        f"animation-{slug}",
        head,
        (
            (
                str(each.fan_id), each.state, each.happened_at, seconds_after_air(each, row), each.attempts,
                each.quantity, each.activity_id and str(each.activity_id), each.reviewed_by, each.review_reason,
            )
            for each in answers
        ),
    )  # fmt: skip


def _back(slug: str) -> Response:
    return redirect(url_for("admin.animations_one", slug=slug), 303)
