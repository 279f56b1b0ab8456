"""The scanner: a camera or a typed code, what it is worth, and the use that is confirmed."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify, make_response, request
from marshmallow import Schema

from loyalty.errors import Invalid
from loyalty.fields import Text
from loyalty.flows import read_picture as pictures
from loyalty.flows import scan as flow
from loyalty.intake.rate import TooManyAttempts
from loyalty.vouchers import picture, reading
from loyalty.vouchers.refusals import NonceReused
from loyalty.vouchers.schema import NONCE
from loyalty.web import device_session, forms
from loyalty.web.device_guard import device_in_hand, enrolled
from loyalty.web.guards import guard
from loyalty.web.partner.blueprint import page, pages
from loyalty.web.partner.look import look_at
from loyalty.web.partner.today import latest
from loyalty.web.partner.verdict import screen, shown, stopped
from loyalty.web.services import current_services

_LATEST = 4
CAMERA = "camera=(self), microphone=(), geolocation=()"  # this page alone may ask for it


class LookSchema(Schema):
    """A code that was typed, or read."""

    text = Text(minimum=1, maximum=1024, required=True)


class UseSchema(LookSchema):
    """A code to be used."""

    nonce = Text(maximum=64, pattern=NONCE, required=True)


@pages.get("/")
@guard(enrolled)
def scan() -> Response:
    """The scanner."""
    return device_session.stay(_scanner())


@pages.post("/look")
@guard(enrolled)
def look() -> Any:
    """What a code is worth; nothing changes."""
    try:
        text = forms.read(LookSchema())["text"]
    except Invalid as refused:
        return _scanner(errors=refused.errors, form=forms.given(), status=refused.status)
    return look_at(text, device_in_hand())


@pages.post("/use")
@guard(enrolled)
def use() -> Any:
    """Use a voucher; the same nonce gets the same answer."""
    said, services = forms.read(UseSchema()), current_services()
    try:
        verdict = flow.use(services.db, services.voucher_keys, device=device_in_hand(), **said)
    except (TooManyAttempts, NonceReused) as refused:
        return screen(stopped(refused)), refused.status
    return screen(shown(verdict, reading.read(services.voucher_keys, said["text"]), good="handed"))


@pages.post("/picture")
@guard(enrolled)
def read_picture() -> Any:
    """What the QR code in a picture says, for a browser that cannot tell by itself."""
    db, jpeg = current_services().db, request.get_data()
    try:
        return jsonify(text=pictures.read_picture(db, device=device_in_hand(), jpeg=jpeg))
    except (picture.NotAPicture, TooManyAttempts) as refused:  # a program asks, not a person
        return jsonify(text=None, code=refused.code), refused.status


def _scanner(*, errors: Any = None, form: Any = None, status: int = 200) -> Response:
    body = page("partner/scan.html", read=latest(_LATEST), errors=errors or {}, form=form or {})
    response = make_response(body, status)
    response.headers["Permissions-Policy"] = CAMERA
    return response
