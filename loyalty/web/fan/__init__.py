"""The fan's pages: phone first, without a line of JavaScript."""

from flask import Flask

from loyalty.web.fan import (
    earn,
    expiring,
    give,
    history,
    home,
    mailbox,
    networks,
    play,
    profile,
    question,
    rewards,
    sign_in,
    tier,
    vouchers,
)
from loyalty.web.fan.blueprint import pages
from loyalty.web.services import current_services

# Each hangs its routes, or what templates call, on the blueprint.
PARTS = (home, earn, expiring, play, history, give, question, tier, rewards, vouchers, profile, networks, sign_in)


def register(app: Flask) -> None:
    """Serve the fan's pages from `app`; in a demonstration without a mail server also what would be e-mailed."""
    app.register_blueprint(pages)
    with app.app_context():
        settings = current_services().settings
    if settings.demo and not settings.mail_url:
        app.register_blueprint(mailbox.pages)
