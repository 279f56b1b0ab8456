"""The API, version 1: its kinds of things in the order of the river, and the document that describes them."""

from flask import Flask

from loyalty import __version__
from loyalty.staff.scopes import SCOPES
from loyalty.web import converters
from loyalty.web.api import (
    activities,
    animations,
    audit,
    fans,
    holds,
    partners,
    redemptions,
    reference,
    rewards,
    rule_schemas,
    rules,
    scans,
    sources,
    tiers,
    transfers,
    vouchers,
)
from loyalty.web.api.openapi import LoyaltyApi

RESOURCES = (
    activities,
    animations,
    sources,
    rules,
    fans,
    tiers,
    rewards,
    redemptions,
    holds,
    transfers,
    vouchers,
    scans,
    partners,
    audit,
)

DESCRIPTION = """\
What fans do comes in as **activities**, earning **rules** judge each, points are posted to a ledger, and a fan spends
them on a **reward**: a **redemption**, which makes a **voucher**, which a partner's device **scans**.

- Identifiers are decimal numbers in texts; instants are RFC 3339: in UTC, or, at a counter and in a refusal, with the
  programme's offset.
- Every write may be sent again. An activity is its own key, a scan has its nonce, a rule or a reward its slug; what
  has no name of its own takes an `Idempotency-Key` (a refusal is not remembered: the same key may be tried again).
- A list comes in pages: send `next` as `cursor` until it is null.
- A refusal is a problem document (RFC 9457). `code` is for programs and does not change; `detail` is for people, in
  French or English by `Accept-Language`.
- On 429 and 503 wait `Retry-After` seconds and send the same request again.
"""


def register(app: Flask) -> None:
    """Serve the API from `app`."""
    app.config.update(API_TITLE="Loyalty", API_VERSION=__version__, OPENAPI_VERSION="3.1.0")
    public_url = app.extensions["loyalty"].settings.public_url
    api = LoyaltyApi(
        app,
        info={"description": DESCRIPTION, "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"}},
        servers=[{"url": public_url}],
        tags=[{"name": each.routes.name, "description": each.routes.description} for each in RESOURCES],
    )
    converters.describe(api)
    scopes = "\n".join(f"- `{name}`: {says}" for name, says in SCOPES.items())
    api.spec.components.security_scheme(
        "key",
        {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "lk_<prefix>_<secret>",
            "description": f"An API key, made with `loyalty key create`. Its scopes:\n\n{scopes}",
        },
    )
    api.spec.components.security_scheme(
        "device",
        {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "device_<secret>",
            "description": "The credential a partner's device got when it was enrolled.",
        },
    )
    rule_schemas.describe(api)
    for each in RESOURCES:
        api.register_blueprint(each.routes)
    reference.register(app, api)
