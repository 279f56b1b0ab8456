"""Which of the three surfaces an address belongs to: the fan's pages, the partner's, the admin."""

from __future__ import annotations

from dataclasses import dataclass

from flask import request


@dataclass(frozen=True, slots=True, kw_only=True)
class Surface:
    """One group of pages, by what stands around them.

    Attributes:
        styles: the style sheet of its own.
        home, sign_in: endpoints: where it begins, and where one gets in.
    """

    layout: str
    styles: str
    home: str
    sign_in: str


FAN = Surface(layout="fan/layout.html", styles="fan.css", home="fan.home", sign_in="fan.sign_in")
ADMIN = Surface(layout="admin/layout.html", styles="admin.css", home="admin.overview", sign_in="admin.sign_in")
PARTNER = Surface(layout="partner/layout.html", styles="partner.css", home="partner.scan", sign_in="partner.type_code")
_BY_PREFIX = {"admin": ADMIN, "partner": PARTNER}


def current() -> Surface:
    """The surface of the current request."""
    first = request.path[1:].partition("/")[0]
    return _BY_PREFIX.get(first, FAN)
