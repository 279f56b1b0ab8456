"""The variable parts of addresses: identifiers, slugs, networks and their accounts."""

from typing import Any

import marshmallow
from flask import Flask
from werkzeug.routing import BaseConverter, PathConverter, ValidationError

from loyalty.fields import Text
from loyalty.web.api.schemas import identifier

LONGEST_ACCOUNT = 255
_ACCOUNT = Text(minimum=1, maximum=LONGEST_ACCOUNT)


class IdConverter(BaseConverter):
    """An identifier: 63 bits, without a sign."""

    regex = r"[1-9][0-9]{0,18}"

    def to_python(self, value: str) -> int:
        """The number; more than 63 bits are no identifier of anything."""
        number = identifier(value)
        if number is None:
            raise ValidationError
        return number


class SlugConverter(BaseConverter):
    """A name for machines: "cafe-lumiere"."""

    regex = r"[a-z0-9][a-z0-9-]{0,62}"


class WordConverter(BaseConverter):
    """A network, or a connector: "twitch"."""

    regex = r"[a-z0-9][a-z0-9_.-]{0,59}"


class AccountConverter(PathConverter):
    """An account on a network: whatever that network allows, also slashes (an ActivityPub actor is a URL)."""

    def to_python(self, value: str) -> str:
        """The account, as the body of an activity would name it."""
        try:
            account: str = _ACCOUNT.deserialize(value)
        except marshmallow.ValidationError:
            raise ValidationError from None
        return account


def register(app: Flask) -> None:
    """Make the converters known to the router of `app`."""
    app.url_map.converters.update(id=IdConverter, slug=SlugConverter, word=WordConverter, account=AccountConverter)
    app.url_map.merge_slashes = False  # an account may be an address with "//" in it


def describe(api: Any) -> None:
    """Tell the OpenAPI document of `api` what the converters let through."""
    for converter in (IdConverter, SlugConverter, WordConverter):
        schema = {"type": "string", "pattern": f"^{converter.regex}$"}
        api.register_converter(converter, lambda _, schema=schema: schema)
    account = {"type": "string", "minLength": 1, "maxLength": LONGEST_ACCOUNT}
    api.register_converter(AccountConverter, lambda _: account)
