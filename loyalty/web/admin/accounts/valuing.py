"""The station says what a point is valued at, and which share of points it expects never to be spent."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

from flask import flash, redirect, url_for
from marshmallow import Schema, fields, missing

from loyalty.errors import Invalid
from loyalty.fields import Text
from loyalty.flows.change_programme import change_programme
from loyalty.ledger.breakage import WHOLE
from loyalty.ledger.value import MICRO
from loyalty.web import field_errors, forms
from loyalty.web.admin.accounts.page import show
from loyalty.web.admin.blueprint import pages
from loyalty.web.guards import caller, guard
from loyalty.web.language import spoken
from loyalty.web.services import current_services
from loyalty.web.staff_guard import staff

_SPACES = str.maketrans({",": ".", **dict.fromkeys(" \u00a0\u202f€%")})
_LONGEST = 20


class Amount(fields.Field[int]):
    """A decimal as people type it, "0,01 €" or "12.5 %", in whole parts of which `parts` make one; empty is None."""

    default_error_messages = {"invalid": "Not an amount such as 0.01.", "range": "Not between 0 and {most}."}

    def __init__(self, *, parts: int, most: int, **options: Any) -> None:
        self._parts, self._most = parts, most
        super().__init__(load_default=None, **options)

    def deserialize(self, value: Any, attr: str | None = None, data: Any = None, **options: Any) -> Any:
        """As marshmallow has it, but an empty field is one that is not there."""
        empty = isinstance(value, str) and not value.strip()
        return super().deserialize(missing if empty else value, attr, data, **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> int:
        said = str(value).translate(_SPACES)
        try:
            exact = Decimal(said) * self._parts
        except InvalidOperation:
            raise self.make_error("invalid") from None
        if len(said) > _LONGEST or not exact.is_finite() or exact != exact.to_integral_value():
            raise self.make_error("invalid")
        if not 0 <= exact <= self._most * self._parts:
            raise self.make_error("range", most=self._most)
        return int(exact)


class ValueSchema(Schema):
    """What a point is worth to the books."""

    point_value = Amount(parts=MICRO, most=1_000)
    expected_breakage = Amount(parts=WHOLE // 100, most=100)
    reason = Text(minimum=1, maximum=500, required=True)


@pages.post("/accounts/value")
@guard(staff("accounts:write", fresh=True))
def accounts_value() -> Any:
    """Value points from now on; months that are closed keep the value they were closed with."""
    try:
        said = forms.read(ValueSchema())
    except Invalid as refused:
        errors = field_errors.in_words(refused.errors, spoken())
        return show(errors=errors, form=forms.given()), refused.status
    reason = said.pop("reason")
    change_programme(current_services().db, said, actor=caller().actor, reason=reason)
    flash("saved")
    return redirect(url_for("admin.accounts"), 303)
