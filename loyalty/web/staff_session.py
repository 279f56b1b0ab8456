"""The member of staff who is signed in, in this browser."""

from __future__ import annotations

from flask import Response, g

from loyalty.flows import staff_access
from loyalty.flows.staff_access import StaffMember
from loyalty.web.services import current_services
from loyalty.web.session_cookie import SessionCookie

_cookie = SessionCookie(name="__Host-loyalty-staff", seconds=None)
COOKIE = _cookie.name
token, end = _cookie.token, _cookie.end


def find(*, is_at_it: bool = True) -> StaffMember | None:
    """Who of the staff is signed in, if anybody is.

    Args:
        is_at_it: False where the page asks of itself: that keeps no session open.
    """
    given = token()
    member = None if given is None else staff_access.staff_member(current_services().db, given, is_at_it=is_at_it)
    if member is not None:
        g.staff, g.own_language = member, member.language
    return member


def begin(response: Response, new_token: str) -> Response:
    """Sign this browser in; whoever was before is signed out."""
    former = token()
    if former is not None:
        staff_access.sign_out(current_services().db, former)
    return _cookie.begin(response, new_token)
