"""A code was read: the page that says what it is worth, with the button that uses it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import request

from loyalty import ids
from loyalty.flows import scan as flow
from loyalty.intake.rate import TooManyAttempts
from loyalty.partners.devices import DeviceInHand
from loyalty.vouchers import reading
from loyalty.web.partner.verdict import screen, shown, stopped
from loyalty.web.services import current_services


def look_at(text: str, device: DeviceInHand) -> Any:
    """Look at a code on a device; nothing is used, and a refusal is kept where the code was sent by a form.

    The nonce of a use is in the form, so a second try is the same. An address that is only opened changes nothing.
    """
    services, ask = current_services(), flow.look if request.method == "POST" else flow.inspect
    try:
        verdict = ask(services.db, services.voucher_keys, device=device, text=text)
    except TooManyAttempts as refused:
        return screen(stopped(refused), device=device), refused.status
    answer = shown(verdict, reading.read(services.voucher_keys, text), good="ready")
    if answer.state == "ready":
        answer = replace(answer, text=text, nonce=ids.secret(128))
    return screen(answer, device=device)
