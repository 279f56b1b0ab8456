"""A network account becomes the fan's: a code is shown here, and typed there; or the fan gives it up."""

from __future__ import annotations

import re
from typing import Any

from flask import flash, redirect, render_template, session, url_for
from marshmallow import Schema
from sqlmodel import Session

from loyalty import clock
from loyalty.connector import ANYWHERE
from loyalty.errors import NotFound
from loyalty.fans.find import linked_identities
from loyalty.flows.link_code import OVER, Became, TooManyCodes, show_link_code, ways_to_link, what_became
from loyalty.flows.unlink import TooManyUnlinked, unlink
from loyalty.i18n import Words
from loyalty.web import forms
from loyalty.web.fan import wording
from loyalty.web.fan.blueprint import pages
from loyalty.web.guards import caller, guard, signed_in_fan
from loyalty.web.language import spoken
from loyalty.web.services import current_services

ELSEWHERE = "elsewhere"  # in addresses: on a network that nobody named
_SHOWN = "link_code"  # in the browser's own, signed memory: only a digest of the code is kept here
_IN_ADDRESSES = re.compile(r"[a-z0-9][a-z0-9_.-]{0,59}")


@pages.get("/profile/networks/<word:network>")
@guard("fan")
def network(network: str) -> str:
    """How to link an account there: the code, if one was asked for, and whether it arrived."""
    return _page(network)


@pages.post("/profile/networks/<word:network>")
@guard("fan")
def show_code(network: str) -> Any:
    """Make a code."""
    services = current_services()
    services.db.read(lambda read: _how(read, network))
    try:
        shown = show_link_code(services.db, signed_in_fan().fan_id)
    except TooManyCodes as refused:
        return _page(network, refused=refused.say(spoken())), refused.status
    session[_SHOWN] = [shown.id, shown.code]
    return redirect(url_for("fan.network", network=network), 303)


@pages.get("/profile/networks/<word:network>/<account:external_id>/unlink")
@guard("fan")
def unlink_page(network: str, external_id: str) -> str:
    """What giving an account up means, before it is asked for."""
    return _unlink_page(network, external_id)


@pages.post("/profile/networks/<word:network>/<account:external_id>/unlink")
@guard("fan")
def confirm_unlink(network: str, external_id: str) -> Any:
    """Give it up."""
    forms.read(Schema())
    try:
        unlink(
            current_services().db,
            fan_id=signed_in_fan().fan_id,
            network=network,
            external_id=external_id,
            actor=caller().actor,
            at_will=False,
        )
    except TooManyUnlinked as refused:
        return _unlink_page(network, external_id, refused=refused.say(spoken())), refused.status
    session.pop(_SHOWN, None)
    flash("saved")
    return redirect(url_for("fan.profile"), 303)


def _unlink_page(network: str, external_id: str, *, refused: str | None = None) -> str:
    fan_id = signed_in_fan().fan_id
    linked = current_services().db.read(lambda read: linked_identities(read, fan_id))
    found = next((each for each in linked if (each.network, each.external_id) == (network, external_id)), None)
    if found is None:
        raise NotFound(what=f"{network} account")
    name = wording.network(network, spoken()) or network
    return render_template("fan/unlink.html", account=found, name=name, refused=refused)


def offered(read: Session) -> dict[str, str | None]:
    """The networks to link with their names, as their addresses call them; the unnamed one has none."""
    named = {each or ELSEWHERE: each for each in ways_to_link(read)}
    return {
        slug: wording.network(each, spoken()) if each != ANYWHERE else None
        for slug, each in named.items()
        if _IN_ADDRESSES.fullmatch(slug)
    }


def _page(slug: str, *, refused: str | None = None) -> str:
    code_id, code = session.get(_SHOWN) or (None, "")

    def steps(read: Session) -> tuple[Words, Became | None]:
        how = _how(read, slug)
        return how, None if code_id is None else what_became(read, code_id, fan_id=signed_in_fan().fan_id)

    how, became = current_services().db.read(steps)
    left = None if became is None or became.code is None else became.code.expires_at - clock.now()
    return render_template(
        "fan/network.html",
        network=slug,
        name=None if slug == ELSEWHERE else wording.network(slug, spoken()),
        account=wording.network(became.identity.network, spoken()) if became and became.identity else None,
        state=None if became is None else became.state,
        became=became,
        code=code,
        how=how.say(spoken(), code=code),
        minutes=max(1, round(left.total_seconds() / 60)) if left else 0,
        over=OVER,
        refused=refused,
    )


def _how(read: Session, slug: str) -> Words:
    ways = ways_to_link(read)
    found = ways.get(ANYWHERE if slug == ELSEWHERE else slug)
    if found is None:
        raise NotFound(what=slug)
    return found
