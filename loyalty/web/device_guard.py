"""Whom the partner's pages let in: a phone that was enrolled, and still is."""

from __future__ import annotations

from flask import request

from loyalty.errors import Refused
from loyalty.i18n import Words
from loyalty.partners.devices import DeviceInHand
from loyalty.staff.audit import Actor
from loyalty.web import device_session
from loyalty.web.guards import Caller, Guard, caller


class PhoneNotEnrolled(Refused):
    """This page is for a partner's enrolled devices, and this browser is none."""

    code = "phone_not_enrolled"
    status = 401
    challenge = "Cookie"
    template = "partner/not_enrolled.html"
    words = Words(fr="Cet appareil n’est pas associé.", en="This device is not enrolled.")


class PhoneNoLongerEnrolled(PhoneNotEnrolled):
    """This browser was a device; it was shut out, or its partner has left."""

    code = "phone_no_longer_enrolled"
    words = Words(fr="Cet appareil n’est plus associé.", en="This device is not enrolled any more.")


def device_in_hand() -> DeviceInHand:
    """The device that sent the current request; only where the guard asked for one."""
    found = caller().device
    assert found is not None, "the guard lets nobody else pass"
    return found


def _admit() -> Caller:
    found = device_session.find()
    if found is None:
        raise PhoneNotEnrolled if device_session.credential() is None else PhoneNoLongerEnrolled
    return Caller(Actor(f"device:{found.id}", request.remote_addr), found)


enrolled = Guard("partner", _admit)
