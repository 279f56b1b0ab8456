"""The partner's device that this browser is, once it was enrolled."""

from __future__ import annotations

from flask import Response, session

from loyalty.flows import manage_partners
from loyalty.partners.devices import DeviceInHand
from loyalty.web.services import current_services
from loyalty.web.session_cookie import SessionCookie

_DAYS = 400  # as long as browsers keep a cookie at most (RFC 6265bis, 5.5); each visit of the scanner begins it anew
_cookie = SessionCookie(name="__Host-loyalty-device", seconds=_DAYS * 86_400)
COOKIE = _cookie.name
credential, end = _cookie.token, _cookie.end


def find() -> DeviceInHand | None:
    """The device this browser is, if it still is one."""
    given = credential()
    return None if given is None else manage_partners.authenticate(current_services().db, given)


def begin(response: Response, new_credential: str) -> Response:
    """Make this browser a device."""
    _cookie.begin(response, new_credential)
    session.permanent = True  # forms and language outlive a restart of the phone
    return response


def stay(response: Response) -> Response:
    """Let the browser keep the cookie for as long again."""
    given = credential()
    if given is not None:
        response.set_cookie(
            COOKIE, given, max_age=_cookie.seconds, secure=True, httponly=True, samesite="Lax", path="/"
        )
    return response
