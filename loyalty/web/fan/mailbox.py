"""What a demonstration would e-mail, if it had a mail server: a page in its place."""

from flask import Blueprint, render_template

from loyalty.flows.send_mail import latest
from loyalty.flows.staff_access import codes_of_demonstration
from loyalty.web.guards import guard
from loyalty.web.services import current_services

pages = Blueprint("mailbox", __name__)


@pages.get("/dev/mailbox")
@guard("public")
def mailbox() -> str:
    """The e-mails written last, the latest first."""
    services = current_services()
    return render_template(
        "fan/mailbox.html",
        mails=latest(services.db),
        public_url=services.settings.public_url,
        codes=codes_of_demonstration(services.db, services.sealer),
    )
