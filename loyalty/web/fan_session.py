"""The cookie of a fan: a random secret that a row on the server gives its worth, and can take it."""

from __future__ import annotations

from flask import Response, g, request, session

from loyalty.flows import stay
from loyalty.flows.stay import SignedIn
from loyalty.web.services import current_services

COOKIE = "__Host-loyalty-fan"  # the prefix: secure, of this host alone, of all its paths (RFC 6265bis, 4.1.3.2)
_SECONDS = 30 * 86_400


def token() -> str | None:
    """What the browser's cookie says."""
    return request.cookies.get(COOKIE) or None


def find() -> SignedIn | None:
    """The fan who is signed in, if anybody is."""
    given = token()
    fan = None if given is None else stay.signed_in(current_services().db, given)
    if fan is not None:
        g.fan, g.fan_language = fan, fan.language
    return fan


def begin(response: Response, new_token: str) -> Response:
    """Sign this browser in: with another cookie than before, another anti-forgery secret, and no trace of the past."""
    former = token()
    if former is not None:
        stay.sign_out(current_services().db, former)
    language = session.get("language")
    session.clear()
    if language is not None:
        session["language"] = language
    response.set_cookie(COOKIE, new_token, max_age=_SECONDS, secure=True, httponly=True, samesite="Lax", path="/")
    return response


def end(response: Response) -> Response:
    """Take the cookie away; the row is ended by the flow that signs out."""
    session.clear()
    response.delete_cookie(COOKIE, secure=True, httponly=True, samesite="Lax", path="/")
    return response
