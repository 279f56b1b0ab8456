"""A form of the admin read by the schema of the API: what people type becomes the JSON that the schema knows.

So a rule about a reward stands in one place, and the admin can say nothing that the API could not.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, ValidationError, pre_load

from loyalty.fields import Moment, WholeNumber
from loyalty.web.forms import LocalMoment, Number

_TYPED = (WholeNumber, Moment)  # what JSON has a form of its own for
_NUMBER = Number(minimum=-(10**18), maximum=10**18)
_MOMENT = LocalMoment()
_EUROS = re.compile(r"([0-9]{1,12})(?:[.,]([0-9]{1,2}))?", re.ASCII)
_SPACES = str.maketrans("", "", " \u00a0\u202f\u2009€")


class FromForm(Schema):
    """Put before a schema of the API in the bases of a form's own."""

    @pre_load
    def _as_json(self, given: Mapping[str, str], **_: Any) -> dict[str, Any]:
        said: dict[str, Any] = {}
        for name, value in given.items():
            field = self.fields.get(name)
            if field is not None and not value.strip() and (field.allow_none or isinstance(field, _TYPED)):
                said[name] = None
            else:
                said[name] = _plain(name, field, value) if isinstance(field, _TYPED) else value
        return said


def _plain(name: str, field: WholeNumber | Moment, value: str) -> Any:
    """As JSON has it; what cannot be read stays as it is, for the schema to refuse."""
    try:
        if isinstance(field, Moment):
            return _MOMENT.deserialize(value).isoformat()
        return cents(value) if name.endswith("_cents") else _NUMBER.deserialize(value)
    except ValidationError:
        return value


def cents(text: str) -> int | str:
    """The cents of an amount as people type it: "4,50", "4.5", "1 200 €"; what is none stays as it is."""
    read = _EUROS.fullmatch(text.translate(_SPACES))
    return text if read is None else int(read[1]) * 100 + int((read[2] or "").ljust(2, "0"))


def euros(amount_cents: int) -> str:
    """Cents as the field of a form shows them: "4.50"."""
    return f"{amount_cents // 100}.{amount_cents % 100:02}" if amount_cents % 100 else str(amount_cents // 100)
