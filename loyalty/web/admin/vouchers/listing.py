"""Vouchers, found by a code that was read or typed, by whose they are, or by what they are for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import Response, redirect, render_template, url_for
from flask_babel import gettext
from marshmallow import Schema, fields, validate
from sqlmodel import Session
from werkzeug import Response as WerkzeugResponse

from loyalty import clock
from loyalty.errors import Refused
from loyalty.fans import search as fans
from loyalty.fields import Text
from loyalty.figures.days import Day
from loyalty.i18n import Words
from loyalty.partners import find as partners
from loyalty.programme.find import the_programme
from loyalty.rewards import find as rewards
from loyalty.vouchers import find, reading, search, states
from loyalty.vouchers.refusals import VoucherNotFound
from loyalty.vouchers.search import Listed
from loyalty.web import forms
from loyalty.web.admin import tables
from loyalty.web.admin.blueprint import pages
from loyalty.web.admin.query import Before, query
from loyalty.web.admin.rewards.listing import name_of
from loyalty.web.api.schemas import identifier
from loyalty.web.guards import guard
from loyalty.web.language import spoken
from loyalty.web.services import current_services
from loyalty.web.staff_guard import staff

STATES: Mapping[str, Words] = {
    states.ISSUED: Words(fr="À présenter", en="To be shown"),
    states.PARTIALLY_USED: Words(fr="Entamé", en="Partly used"),
    states.USED: Words(fr="Utilisé", en="Used"),
    states.CANCELLED: Words(fr="Annulé", en="Cancelled"),
    states.EXPIRED: Words(fr="Expiré", en="Expired"),
    states.BLOCKED: Words(fr="Bloqué", en="Blocked"),
}
LOOKS = {  # of the label of a state: see parts/admin.html
    states.ISSUED: "waiting",
    states.PARTIALLY_USED: "waiting",
    states.USED: "good",
    states.CANCELLED: "over",
    states.EXPIRED: "over",
    states.BLOCKED: "paused",
}
_MOST_FANS = 200  # that answer to what is sought
_MOST = 1_000
_AT_ONCE = 500


class Filters(Schema):
    """What to show."""

    q = Text(minimum=fans.SHORTEST, maximum=100, load_default="")
    state = fields.String(validate=validate.OneOf(list(STATES)), load_default=None)
    reward = Text(maximum=60, load_default=None)
    partner = Text(maximum=60, load_default=None)
    day = fields.Date(load_default=None)
    before = Before()


class SoughtSchema(Schema):
    """A code as it was read, pasted or typed; a number; or who."""

    sought = Text(maximum=1_024, load_default="")


@pages.get("/vouchers")
@guard(staff("vouchers:read"))
def vouchers() -> Any:
    """A page of vouchers, or a file of them; the code of none is in either."""
    said = query(Filters())
    if tables.wants_csv():
        return _csv(said)
    found = _read(said, said["before"], tables.PAGE + 1)
    shown = found[: tables.PAGE]
    known = current_services().db.read(
        lambda session: {"rewards": rewards.rewards(session, limit=_MOST), "partners": partners.partners(session)}
    )
    return render_template(
        "admin/vouchers/list.html",
        rows=shown,
        said=said,
        states=[(code, words.say(spoken())) for code, words in STATES.items()],
        looks=LOOKS,
        name_of=name_of,
        now=clock.now(),
        older_than=shown[-1].voucher.id if len(found) > tables.PAGE else None,
        **known,
    )


@pages.post("/vouchers/find")
@guard(staff("vouchers:read"))
def vouchers_find() -> WerkzeugResponse:
    """Where what was sought leads. A code is a secret: it comes in a form, and never stands in an address."""
    sought = str(forms.read(SoughtSchema())["sought"]).strip()
    redemption_id = current_services().db.read(lambda session: _redemption_id(session, sought))
    if redemption_id is not None:
        return redirect(url_for("admin.vouchers_one", redemption_id=redemption_id), 303)
    if _is_a_code(sought):
        raise VoucherNotFound
    return redirect(url_for("admin.vouchers", q=sought[:100] or None), 303)


def state_name(code: str) -> str:
    """A state in words."""
    return STATES[code].say(spoken())


def _redemption_id(session: Session, sought: str) -> int | None:
    """Of the voucher that has, or had, this code; or that has this number."""
    read = reading.read(current_services().voucher_keys, sought)
    if read.token_id is not None:
        found = find.by_token_id(session, read.token_id)
        return None if found is None else found.voucher.redemption_id
    number = identifier(sought)
    if number is None:
        return None
    try:
        return find.by_redemption(session, number).redemption_id
    except Refused:
        return None


def _is_a_code(sought: str) -> bool:
    return reading.read(current_services().voucher_keys, sought).token_id is not None


def _read(said: Mapping[str, Any], before: int | None, limit: int) -> list[Listed]:
    def steps(session: Session) -> list[Listed]:
        since, until = _of_day(said["day"], the_programme(session).zone)
        sought = said["q"].strip()
        found = fans.fans(session, sought=sought, limit=_MOST_FANS) if sought else []
        return search.vouchers(
            session,
            now=clock.now(),
            limit=limit,
            below_id=before,
            state=said["state"],
            reward=said["reward"],
            partner=said["partner"],
            since=since,
            until=until,
            fan_ids=[each.id for each in found] if sought else None,
        )

    return current_services().db.read(steps)


def _of_day(date: Any, zone: ZoneInfo) -> tuple[datetime | None, datetime | None]:
    if date is None or not 1970 <= date.year < 9998:
        return None, None
    day = Day(date, zone)
    return day.begins_at, day.ends_at


def _csv(said: Mapping[str, Any]) -> Response:
    header = [
        gettext("Redemption"),
        gettext("State"),
        gettext("The reward"),
        gettext("Partner"),
        gettext("Fan"),
        gettext("Uses"),
        gettext("Issued"),
        gettext("Good until"),
        gettext("Ended"),
    ]
    return tables.csv_answer("vouchers", header, _lines(said))


def _lines(said: Mapping[str, Any]) -> Iterator[list[Any]]:
    before: int | None = None
    while True:
        rows = _read(said, before, _AT_ONCE)
        for row in rows:
            voucher = row.voucher
            yield [
                str(voucher.redemption_id),
                state_name(row.state(clock.now())),
                row.reward.slug,
                row.partner.name,
                str(voucher.fan_id),
                voucher.uses,
                voucher.issued_at,
                voucher.not_after,
                voucher.ended_at,
            ]
        if len(rows) < _AT_ONCE:
            return
        before = rows[-1].voucher.id
