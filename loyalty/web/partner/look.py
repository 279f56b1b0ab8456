"""A code was read: the page that says what it is worth, with the button that uses it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from loyalty import ids
from loyalty.flows import scan as flow
from loyalty.intake.rate import TooManyAttempts
from loyalty.partners.devices import DeviceInHand
from loyalty.vouchers import reading
from loyalty.web.partner.verdict import screen, shown, stopped
from loyalty.web.services import current_services


def look_at(text: str, device: DeviceInHand) -> Any:
    """Look at a code on a device; nothing is used, a refusal is kept.

    The nonce of a use is in the form, so a second try is the same.
    """
    services = current_services()
    try:
        verdict = flow.look(services.db, services.voucher_keys, device=device, text=text)
    except TooManyAttempts as refused:
        return screen(stopped(refused), device=device), refused.status
    answer = shown(verdict, reading.read(services.voucher_keys, text), good="ready")
    if answer.state == "ready":
        answer = replace(answer, text=text, nonce=ids.secret(128))
    return screen(answer, device=device)
