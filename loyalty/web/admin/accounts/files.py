"""The files of whoever keeps the books: the journal leg by leg, and the balances by account."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Response, request
from marshmallow import Schema, ValidationError, fields, validates_schema

from loyalty.fields import Text
from loyalty.flows import extract_journal
from loyalty.flows.extract_journal import BALANCE, JOURNAL, Period
from loyalty.web import field_errors
from loyalty.web.admin.accounts.page import show
from loyalty.web.admin.blueprint import pages
from loyalty.web.admin.tables import csv_answer
from loyalty.web.guards import guard
from loyalty.web.language import spoken
from loyalty.web.services import current_services
from loyalty.web.staff_guard import staff

_EARLIEST, _LATEST = date(1970, 1, 2), date(9000, 1, 1)


class Day(fields.Date):
    """A day of the programme."""

    default_error_messages = {"invalid": "Not a date and time."}

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> date:
        day: date = super()._deserialize(value, attr, data, **options)
        if not _EARLIEST <= day < _LATEST:
            raise self.make_error("invalid")
        return day


class PeriodSchema(Schema):
    """From one day to another, both included; of one account, or of all."""

    first = Day(required=True)
    last = Day(required=True)
    account = Text(maximum=40, load_default="")

    @validates_schema(skip_on_field_errors=True)
    def _in_order(self, said: dict[str, Any], **_: Any) -> None:
        if said["last"] < said["first"]:
            raise ValidationError("Must be later than first.", "last")


@pages.get("/accounts/-/journal.csv")
@guard(staff("accounts:read"))
def accounts_journal() -> Any:
    """The journal of a period."""

    def answer(said: dict[str, Any], period: Period) -> Response:
        rows = extract_journal.journal(current_services().db, period, account=said["account"] or None)
        return csv_answer(_named("journal", period), JOURNAL, rows)

    return _answered(answer)


@pages.get("/accounts/-/balance.csv")
@guard(staff("accounts:read"))
def accounts_balance() -> Any:
    """The balances of a period."""

    def answer(_said: dict[str, Any], period: Period) -> Response:
        rows = extract_journal.trial_balance(current_services().db, period)
        return csv_answer(_named("balance", period), BALANCE, rows)

    return _answered(answer)


def _answered(answer: Any) -> Any:
    given = {name: value for name, value in request.args.items() if value.strip()}
    try:
        said = PeriodSchema(unknown="exclude").load(given)
    except ValidationError as wrong:
        good = wrong.valid_data if isinstance(wrong.valid_data, dict) else {}
        kept = {name: str(value) for name, value in good.items()}  # a browser shows no date that is none
        return show(file_errors=field_errors.in_words(wrong.messages, spoken()), given=kept), 422
    return answer(said, Period(said["first"], said["last"]))


def _named(name: str, period: Period) -> str:
    return f"{name}-{period.first}-{period.last}-made"
