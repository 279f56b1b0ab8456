"""A fan's tier: which, until when, what keeps it, what is next, and how it came to be."""

from __future__ import annotations

from flask import render_template

from loyalty.web import tiers
from loyalty.web.fan.blueprint import pages
from loyalty.web.guards import guard, signed_in_fan
from loyalty.web.services import current_services


@pages.get("/tier")
@guard("fan")
def tier() -> str:
    """Where a fan stands on the ladder."""
    fan_id = signed_in_fan().fan_id
    return render_template("fan/tier.html", **current_services().db.read(lambda session: tiers.of_fan(session, fan_id)))
