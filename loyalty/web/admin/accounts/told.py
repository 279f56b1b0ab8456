"""How the accounts are said: amounts in euro, shares, the names of accounts and of months."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

from babel.dates import format_date
from babel.numbers import format_currency, format_percent
from flask_babel import gettext

from loyalty.ledger.breakage import WHOLE
from loyalty.ledger.months import Month
from loyalty.ledger.value import MICRO
from loyalty.web.admin import wording
from loyalty.web.admin.blueprint import pages
from loyalty.web.language import spoken
from loyalty.web.looks import local

_EXACT = {"fr": "#,##0.00####\N{NO-BREAK SPACE}¤", "en": "¤#,##0.00####"}


@pages.app_template_filter()
def money(amount: Decimal) -> str:
    """1 234,50 €, to the cent."""
    return str(format_currency(amount, "EUR", locale=spoken()))


@pages.app_template_filter()
def exact_money(micros: int) -> str:
    """0,0125 €, of millionths."""
    value = Decimal(micros) / MICRO
    return str(format_currency(value, "EUR", format=_EXACT[spoken()], locale=spoken(), currency_digits=False))


@pages.app_template_filter()
def share(ten_thousandths: int) -> str:
    """12,5 %."""
    return str(format_percent(Decimal(ten_thousandths) / WHOLE, format="#,##0.##\N{NO-BREAK SPACE}%", locale=spoken()))


@pages.app_template_filter()
def plain_decimal(parts: int, places: int) -> str:
    """0,0125: what a field of a form shows of parts, so many decimal places of which make one."""
    exact = Decimal(parts).scaleb(-places).normalize()
    return f"{exact:f}".replace(".", "," if spoken() == "fr" else ".")


@pages.app_template_filter()
def last_day(ends_at: datetime) -> str:
    """2026-10-31, of the first instant of November."""
    return (local(ends_at) - timedelta(days=1)).date().isoformat()


@pages.app_template_filter()
def actor_name(actor: str) -> str:
    """Who did it."""
    return wording.actor(actor)


@pages.app_template_filter()
def month_name(month: Month) -> str:
    """Octobre 2026."""
    said = str(format_date(date(month.year, month.month, 1), "LLLL y", locale=spoken()))
    return said[:1].upper() + said[1:]


@pages.app_template_filter()
def account_name(account: str) -> str:
    """What an account of the journal is, in words; one we have no words for keeps its name."""
    names = {
        "issued": gettext("issued by the station"),
        "wallet": gettext("in fans’ wallets"),
        "pending": gettext("not spendable yet"),
        "held": gettext("set aside"),
        "spent": gettext("spent on rewards"),
        "expired": gettext("expired"),
        "debt": gettext("owed by fans"),
        "moved": gettext("between holders"),
        "status": gettext("status of fans"),
    }
    return str(names.get(account, account))
