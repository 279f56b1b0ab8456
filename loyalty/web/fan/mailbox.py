"""What a demonstration would e-mail, if it had a mail server: a page in its place."""

from flask import Blueprint, render_template

from loyalty.flows.send_mail import latest
from loyalty.web.guards import guard
from loyalty.web.services import current_services

pages = Blueprint("mailbox", __name__)


@pages.get("/dev/mailbox")
@guard("public")
def mailbox() -> str:
    """The e-mails written last, the latest first."""
    public_url = current_services().settings.public_url
    return render_template("fan/mailbox.html", mails=latest(current_services().db), public_url=public_url)
