"""The partner's pages: a phone at a noisy counter, which becomes a device, scans, and says what to hand out."""

from flask import Flask

from loyalty.web.partner import device, enrol, scan, today
from loyalty.web.partner.blueprint import pages

PARTS = (enrol, scan, today, device)  # each hangs its routes on the blueprint


def register(app: Flask) -> None:
    """Serve the partner's pages from `app`."""
    app.register_blueprint(pages)
