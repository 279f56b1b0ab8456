"""What every page knows: the programme, the language, who is signed in, and how figures and dates are written."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from functools import lru_cache
from itertools import groupby
from typing import Any
from urllib.parse import quote, urlencode

from babel.dates import format_date
from babel.numbers import format_currency, format_decimal
from flask import Flask, g, request, url_for
from markupsafe import Markup
from sqlalchemy.exc import SQLAlchemyError

from loyalty import clock
from loyalty.errors import Refused
from loyalty.i18n import LANGUAGES, POINT_NAMES, call_points, point_names, point_word, written_day, written_moment
from loyalty.web import assets, surface
from loyalty.web.language import spoken
from loyalty.web.services import Look, current_services

_MINUS = "−"


def register(app: Flask) -> None:
    """Give every template of `app` what it may say."""
    app.before_request(lambda: call_points(lambda: look().point_names))
    app.teardown_request(lambda _: call_points(lambda: POINT_NAMES))
    app.context_processor(_known)
    app.add_template_global(our_points)
    app.add_template_global(assets.address, "asset")
    app.add_template_global(assets.module, "module")
    app.add_template_global(isolated)
    for filter_ in (
        number,
        euros,
        signed,
        points,
        points_word,
        day,
        date_only,
        moment,
        short_day,
        time_of_day,
        groupby_day,
    ):
        app.add_template_filter(filter_)


def number(value: float) -> str:
    """1 250, or 1,250."""
    return _written(value, spoken())


@lru_cache(maxsize=4096)
def _written(value: float, language: str) -> str:
    return str(format_decimal(value, locale=language))


def euros(cents: int) -> str:
    """4,50 €, or €4.50."""
    return str(format_currency(cents / 100, "EUR", locale=spoken()))


def signed(value: int) -> str:
    """+30, or −150 with a real minus."""
    return f"{'+' if value > 0 else _MINUS if value < 0 else ''}{number(abs(value))}"


def points(value: int) -> str:
    """1 250 points, in the station's word; number and word stay on one line."""
    return f"{number(value)}\N{NO-BREAK SPACE}{points_word(value)}"


def points_word(value: int) -> str:
    """point, or points, in the station's word."""
    return point_word(value, spoken())


def our_points() -> str:
    """points, several, in the station's word."""
    return point_names(spoken())[1]


def isolated(name: str) -> Markup:
    """What people call themselves, which may turn the direction of what follows it (U+202E): here it cannot."""
    return Markup("<bdi>{}</bdi>").format(name)


def local(at: datetime) -> datetime:
    """An instant in the programme's time zone."""
    return at.astimezone(current_services().zone())


def day(at: datetime) -> str:
    """30 novembre 2026; the year is left out when it is this one."""
    return date_only(local(at).date())


def date_only(value: date) -> str:
    """30 novembre 2026, of a day of the programme's zone."""
    return written_day(value, spoken(), year=value.year != local(clock.now()).year)


def short_day(at: datetime) -> str:
    """lun. 23 nov., or today and yesterday in words."""
    here, today = local(at).date(), local(clock.now()).date()
    if here == today:
        return {"fr": "Aujourd’hui", "en": "Today"}[spoken()]
    if here == today - timedelta(days=1):
        return {"fr": "Hier", "en": "Yesterday"}[spoken()]
    if here.year != today.year:
        return written_day(here, spoken())
    weekday = str(format_date(here, "EEEE", locale=spoken()))
    return f"{weekday[:1].upper()}{weekday[1:]} {written_day(here, spoken(), year=False)}"


def time_of_day(at: datetime) -> str:
    """08:15."""
    return f"{local(at):%H:%M}"


def moment(at: datetime) -> str:
    """23 novembre 2026 à 08:15."""
    return written_moment(local(at), spoken())


def groupby_day(lines: Iterable[Any]) -> list[dict[str, Any]]:
    """Lines in their order, under the day of each as the programme's zone has it."""
    return [{"day": said, "lines": list(each)} for said, each in groupby(lines, lambda line: short_day(line.at))]


def look() -> Look:
    """The programme's name and colours; neutral ones where the database cannot tell: also that must be said."""
    with contextlib.suppress(Refused, SQLAlchemyError):
        return current_services().look()
    return Look()


def _known() -> dict[str, Any]:
    return {
        "programme": look(),
        "language": spoken(),
        "other_languages": [(code, _in(code)) for code in LANGUAGES if code != spoken()],
        "fan": g.get("fan"),
        "endpoint": request.endpoint or "",
        "surface": surface.current(),
    }


def _in(language: str) -> str:
    """This page in another language; the first page where this one cannot be had by its address alone."""
    if request.method == "GET" and request.endpoint:
        return f"{quote(request.path)}?{urlencode({**request.args, 'lang': language})}"
    return url_for(surface.current().home, lang=language)
