"""What a fan shows: a voucher with its code, large, and all the others."""

from __future__ import annotations

from typing import Any

from flask import Response, make_response, render_template, request
from markupsafe import Markup
from sqlmodel import Session

from loyalty import clock
from loyalty.partners import find as partners
from loyalty.partners.tables import Partner
from loyalty.programme.find import the_programme
from loyalty.rewards.tables import Reward
from loyalty.vouchers import code, find, qr, states
from loyalty.vouchers.issue import body_of
from loyalty.vouchers.tables import Voucher
from loyalty.vouchers.token import address
from loyalty.web import assets
from loyalty.web.fan.blueprint import pages
from loyalty.web.guards import guard, signed_in_fan
from loyalty.web.services import current_services

SHOWABLE = frozenset({states.ISSUED, states.PARTIALLY_USED})


@pages.get("/vouchers")
@guard("fan")
def vouchers() -> str:
    """A fan's vouchers: those to be shown first."""

    def steps(session: Session) -> list[tuple[Voucher, Reward, str]]:
        found = find.of_fan(session, signed_in_fan().fan_id)
        partner_names = {each.id: each.name for each in partners.partners(session)}
        return [(voucher, reward, partner_names.get(voucher.partner_id, "")) for voucher, reward in found]

    found = [
        (voucher, reward, partner, state(voucher)) for voucher, reward, partner in current_services().db.read(steps)
    ]
    waiting = sorted((each for each in found if each[3] in SHOWABLE), key=lambda each: each[0].not_after)
    past = [each for each in found if each[3] not in SHOWABLE]
    return render_template("fan/vouchers.html", waiting=waiting, past=past)


@pages.get("/vouchers/<id:voucher_id>")
@guard("fan")
def voucher(voucher_id: int) -> Response:
    """One voucher, ready to be shown; `?new=1` right after the exchange. The browser may keep it for this fan."""

    def steps(session: Session) -> dict[str, Any]:
        found, reward = find.one_of_fan(session, voucher_id, fan_id=signed_in_fan().fan_id)
        zone = the_programme(session).zone
        partner = session.get_one(Partner, found.partner_id)
        return {
            "voucher": found,
            "reward": reward,
            "partner": partner.name,
            "places": partners.places(session, found.partner_id),
            "first_use": find.first_use(session, found.id, zone=zone),
        }

    known = current_services().db.read(steps)
    now_state = state(known["voucher"])
    picture = _picture(known["voucher"]) if now_state in SHOWABLE else None
    response = make_response(
        render_template(
            "fan/voucher.html",
            state=now_state,
            picture=picture,
            code=code.spell(known["voucher"].token_id),
            is_new="new" in request.args,
            now=clock.now(),
            **known,
        )
    )
    if picture is not None:
        response.headers["Loyalty-Keep"] = str(signed_in_fan().fan_id)  # for voucher-keeper.js alone
    return response


@pages.get("/voucher-keeper.js")
@guard("public")
def keeper() -> Response:
    """The service worker that keeps vouchers; under /static/ it would not see people sign out."""
    return assets.answer("voucher-keeper.js")


def state(voucher: Voucher) -> str:
    """The state a fan is told: a voucher past its date has expired, though nobody may have swept it yet."""
    over = voucher.state not in states.ENDED and voucher.not_after < clock.now()
    return states.EXPIRED if over else voucher.state


def _picture(voucher: Voucher) -> Markup:
    services = current_services()
    where = address(services.settings.public_url, services.voucher_keys.write(body_of(voucher)))
    return Markup(qr.svg(where, title="QR"))  # noqa: S704 - made of numbers, by us
