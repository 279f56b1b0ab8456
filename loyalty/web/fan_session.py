"""The fan who is signed in, in this browser."""

from __future__ import annotations

from flask import Response, g

from loyalty.flows import stay
from loyalty.flows.stay import SignedIn
from loyalty.web.services import current_services
from loyalty.web.session_cookie import SessionCookie

_cookie = SessionCookie(name="__Host-loyalty-fan", seconds=30 * 86_400)
COOKIE = _cookie.name
token, end = _cookie.token, _cookie.end


def find() -> SignedIn | None:
    """The fan who is signed in, if anybody is."""
    given = token()
    fan = None if given is None else stay.signed_in(current_services().db, given)
    if fan is not None:
        g.fan, g.own_language = fan, fan.language
    return fan


def begin(response: Response, new_token: str) -> Response:
    """Sign this browser in; whoever was before is signed out."""
    former = token()
    if former is not None:
        stay.sign_out(current_services().db, former)
    return _cookie.begin(response, new_token)
