"""What a phone's own camera opens when it reads a voucher: a page that tells what the code is worth, and uses nothing.

Link previews and mail scanners follow links, so nothing may happen on GET. Only an enrolled device can use a voucher,
and has to confirm it.
"""

from typing import Any

from flask import Blueprint, render_template
from sqlmodel import Session

from loyalty import clock
from loyalty.i18n import Words
from loyalty.partners.tables import Partner
from loyalty.vouchers import find, reading, states
from loyalty.vouchers.refusals import VoucherNotFound
from loyalty.web import device_session
from loyalty.web.guards import guard
from loyalty.web.language import spoken
from loyalty.web.partner.look import look_at
from loyalty.web.services import current_services

pages = Blueprint("voucher", __name__)

TITLE = Words(fr="Bon : {reward}", en="Voucher: {reward}")
WHERE = Words(fr="À présenter à : {partner}.", en="To be shown at: {partner}.")
UNTIL = Words(fr="Valable jusqu’au {at:moment}.", en="Good until {at:moment}.")
NOT_HERE = Words(
    fr="Cette page ne fait que montrer le bon : il n’est utilisé que lorsque l’appareil du partenaire le lit.",
    en="This page only shows the voucher: it is used when the partner’s device reads it, and not before.",
)
STATES = {
    states.ISSUED: Words(fr="Pas encore utilisé.", en="Not used yet."),
    states.PARTIALLY_USED: Words(
        fr="Utilisé {uses:n} fois sur {max_uses:n}.", en="Used {uses:n} of {max_uses:n} times."
    ),
    states.USED: Words(fr="Déjà utilisé.", en="Used already."),
    states.CANCELLED: Words(fr="Annulé.", en="Cancelled."),
    states.EXPIRED: Words(fr="Expiré.", en="Expired."),
    states.BLOCKED: Words(fr="Bloqué pour le moment.", en="Blocked for the moment."),
    "superseded": Words(fr="Remplacé par un nouveau code.", en="Replaced by a new code."),
}


@pages.get("/V/<token>")
@guard("public")
def show(token: str) -> Any:
    """The voucher of a token; on an enrolled device, what a scan of it would say, with the button to confirm it.

    Raises:
        VoucherNotFound: it is no token of ours; the page that says so does not say why.
    """
    services, language = current_services(), spoken()
    device = device_session.find()
    if device is not None:
        return look_at(token, device)
    read = reading.read(services.voucher_keys, token)
    if read.body is None or read.token_id is None:
        raise VoucherNotFound
    told = services.db.read(lambda session: _told(session, str(read.token_id), language))
    at = told["not_after"].astimezone(services.zone())
    return render_template(
        "voucher.html",
        language=language,
        title=TITLE.say(language, reward=told["reward"]),
        state=STATES[told["state"]].say(language, uses=told["uses"], max_uses=told["max_uses"]),
        where=WHERE.say(language, partner=told["partner"]),
        until=UNTIL.say(language, at=at),
        not_here=NOT_HERE.say(language),
    )


def _told(session: Session, token_id: str, language: str) -> dict[str, Any]:
    found = find.by_token_id(session, token_id)
    if found is None:
        raise VoucherNotFound
    voucher, reward = found.voucher, found.reward
    over = voucher.state not in states.ENDED and voucher.not_after < clock.now()
    return {
        "reward": reward.name_fr if language == "fr" else reward.name_en,
        "partner": session.get_one(Partner, voucher.partner_id).name,
        "state": "superseded" if found.superseded else states.EXPIRED if over else voucher.state,
        "uses": voucher.uses,
        "max_uses": voucher.max_uses,
        "not_after": voucher.not_after,
    }
