"""Where the modules of the partner's pages hang their routes, and what each page knows."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template

from loyalty.partners.devices import DeviceInHand
from loyalty.web.device_guard import device_in_hand

pages = Blueprint("partner", __name__, url_prefix="/partner")


def page(template: str, *, device: DeviceInHand | None = None, **known: Any) -> str:
    """A page of an enrolled device.

    Args:
        device: which one; None: the one the guard let in.
    """
    return render_template(template, device=device or device_in_hand(), **known)
