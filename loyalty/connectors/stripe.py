"""Stripe: a purchase earns once, a refund takes back its share.

Verification by the `stripe` library over the raw bytes:
https://docs.stripe.com/webhooks#verify-official-libraries. Events:
https://docs.stripe.com/api/events/types. Ask Stripe for these five:

==========================================  ==============================================================
`checkout.session.completed`                a `purchase`, if in mode `payment` and `paid`
`checkout.session.async_payment_succeeded`  the same, for what is paid later (bank debits, vouchers)
`payment_intent.succeeded`                  the same purchase, read if its metadata name the fan
`charge.refunded`                           withdraws what was refunded so far: Stripe's sum is cumulative
`charge.dispute.closed`                     if `lost`, withdraws the disputed amount
==========================================  ==============================================================

**One purchase, several events.** They come in any order and tell of one purchase by its payment intent;
whichever comes first earns, and the other must then say exactly the same. So nothing is read that they do
not share: the quantity is the amount in cents, the object is the source's option, and the purchase
happens when we hear of it (a session is created before it is paid, its intent at yet another moment).

**Who bought.** With Checkout, set `client_reference_id` to the fan's number. Where
`payment_intent.succeeded` is to count too, or payments are taken without Checkout, set
`payment_intent_data.metadata.fan` (of an intent: `metadata.fan`) to the same number. An intent that names
no fan is left to its session. A session that names no fan (`client_reference_id`, else `metadata.fan`) is
the purchase of the Stripe customer, else of the SHA-256 of the buyer's e-mail in lower case: an identity
on the network "stripe", which a fan may link. So do not set the fan on the intent alone: its session
would name somebody else, and the second to come be noted as a conflict.

**Disputes.** Nothing is taken when a dispute opens: points are not set aside yet. A dispute's amount
counts as withdrawn in all so far: after a partial refund of the same purchase it takes only what goes
beyond that refund.

Amounts in another currency than the source's option are left out: points per cent would mean something
else. A secret belongs to one endpoint, live or test; only a live endpoint of Connect is also sent test
events of connected accounts (https://docs.stripe.com/connect/webhooks), and these are left out.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any

from marshmallow import Schema
from stripe import SignatureVerificationError, WebhookSignature

from loyalty.activities.fact import OWN_NETWORK, ActivityFact, WithdrawnFact, numbered_act_key
from loyalty.connector import (
    Answer,
    BadSignature,
    Connector,
    Message,
    NothingToRead,
    Reading,
    Unreadable,
    load,
    read_json,
    refuse_stale,
)
from loyalty.connectors.stripe_objects import Charge, Dispute, Event, Identified, Intent, Session
from loyalty.errors import Refused
from loyalty.fields import Text, storable
from loyalty.i18n import Words

_NETWORK = "stripe"
_TOLERANCE = timedelta(seconds=300)


class LeftOut(Refused):
    """What an event tells of earns nothing and takes nothing back."""


class NotAPurchase(LeftOut):
    """A checkout that pays for nothing now: a subscription, or a card put on file."""

    code = "not_a_purchase"
    words = Words(fr="Pas un achat : mode « {mode} ».", en="Not a purchase: mode “{mode}”.")


class NotPaid(LeftOut):
    """No money has come, or none had to."""

    code = "not_paid"
    words = Words(fr="Pas encore payé : « {payment_status} ».", en="Not paid yet: “{payment_status}”.")


class OtherCurrency(LeftOut):
    """Not the currency the source counts in."""

    code = "other_currency"
    words = Words(
        fr="Montant en {currency}, alors que cette source compte en {expected}.",
        en="An amount in {currency}, but this source counts in {expected}.",
    )


class NamesNoFan(LeftOut):
    """A payment intent whose purchase is read from its checkout session."""

    code = "names_no_fan"
    words = Words(
        fr="Ce paiement ne nomme pas de fan (metadata.fan) : c’est sa session Checkout qui compte.",
        en="This payment names no fan (metadata.fan): its Checkout session counts.",
    )


class NoBuyer(LeftOut):
    """A session that names neither a fan, nor a customer, nor an e-mail."""

    code = "no_buyer"
    words = Words(fr="Rien ne dit qui a acheté.", en="Nothing says who bought.")


class TestEvent(LeftOut):
    """A test purchase of a connected account."""

    __test__ = False
    code = "test_event"
    words = Words(fr="Achat d’essai d’un compte connecté.", en="A test purchase of a connected account.")


class DisputeStands(LeftOut):
    """A dispute that was closed without taking the money."""

    code = "dispute_not_lost"
    words = Words(fr="Litige clos sans perte ({status}).", en="A dispute closed without loss ({status}).")


class StripeOptions(Schema):
    """What a source may choose."""

    currency = Text(
        maximum=3,
        pattern="^[a-z]{3}$",
        load_default="eur",
        metadata={"description": "ISO 4217, in lower case."},
    )
    object = Text(
        minimum=1,
        maximum=255,
        load_default="shop",
        metadata={"description": "What purchases are made of: the shop."},
    )
    campaign = Text(minimum=1, maximum=100, load_default=None, metadata={"description": "Of every purchase."})
    show = Text(minimum=1, maximum=100, load_default=None, metadata={"description": "The slug of their show."})


class Stripe(Connector):
    """See the module's docstring."""

    name = _NETWORK
    title = Words(fr="Stripe (achats)", en="Stripe (purchases)")
    secret_form = Words(
        fr="whsec_…, donné par Stripe avec le point d’accès", en="whsec_…, given by Stripe with the endpoint"
    )
    options = StripeOptions
    accepted = Answer(status=200)

    def accepts_secret(self, secret: str) -> bool:
        return secret.startswith("whsec_") and 16 <= len(secret) <= 200 and secret.isascii() and secret.isprintable()

    def verify(self, message: Message, secrets: Sequence[str]) -> None:
        header = message.headers.get("stripe-signature", "")
        if not any(_is_signed(message.body, header, secret) for secret in secrets):
            raise BadSignature
        # The library's own tolerance looks at the wall clock, and refuses old stamps only.
        refuse_stale(_signed_at(header), message, past=_TOLERANCE, ahead=_TOLERANCE)

    def dedup_key(self, message: Message) -> str:
        try:
            return str(load(Identified(), read_json(message))["id"])
        except Unreadable:
            return hashlib.sha256(message.body).hexdigest()

    def read(self, message: Message, options: Mapping[str, Any]) -> Reading:
        event = load(Event(), read_json(message))
        if event["account"] is not None and not event["livemode"]:
            return Reading(left_out=[TestEvent()])
        if event["type"] not in _READERS:
            return Reading(left_out=[NothingToRead(type=event["type"])])
        schema, reader = _READERS[event["type"]]
        told = load(schema(), event["data"]["object"])
        try:
            if told["currency"] != options["currency"]:
                raise OtherCurrency(currency=told["currency"], expected=options["currency"])
            read = reader(told, event["created"], options)
        except (LeftOut, NothingToRead) as reason:
            return Reading(left_out=[reason])
        return Reading(facts=[read]) if isinstance(read, ActivityFact) else Reading(withdrawn=[read])


def _is_signed(body: bytes, header: str, secret: str) -> bool:
    try:
        return bool(WebhookSignature.verify_header(body, header, secret))
    except (SignatureVerificationError, ValueError, TypeError):  # also a body not in UTF-8, a header not in ASCII
        return False


def _signed_at(header: str) -> datetime:
    # The first "t", as the library finds the one it checks: an attacker may add others.
    items = [item.split("=", 2) for item in header.split(",")]
    stamp = next(item[1] for item in items if item[0] == "t")
    try:
        return datetime.fromtimestamp(int(stamp), UTC)
    except (ValueError, OverflowError, OSError):
        raise BadSignature from None


def _of_session(session: Mapping[str, Any], created: int, options: Mapping[str, Any]) -> ActivityFact:
    if session["mode"] != "payment":
        raise NotAPurchase(mode=session["mode"])
    if session["payment_status"] != "paid" or not session["amount_total"] or session["payment_intent"] is None:
        raise NotPaid(payment_status=session["payment_status"])
    fan = session["client_reference_id"] or (session["metadata"] or {}).get("fan")
    network, actor = (OWN_NETWORK, fan) if fan else (_NETWORK, _customer(session))
    return _purchase(session["payment_intent"], session["amount_total"], network, actor, options)


def _customer(session: Mapping[str, Any]) -> str:
    email = storable((session["customer_details"] or {}).get("email") or "", 320).strip().lower()
    if session["customer"] is None and not email:
        raise NoBuyer
    return str(session["customer"] or "email:" + hashlib.sha256(email.encode()).hexdigest())


def _of_intent(intent: Mapping[str, Any], created: int, options: Mapping[str, Any]) -> ActivityFact:
    fan = (intent["metadata"] or {}).get("fan")
    if not fan:
        raise NamesNoFan
    return _purchase(intent["id"], intent["amount_received"], OWN_NETWORK, fan, options)


def _purchase(payment_intent: str, cents: int, network: str, actor: str, options: Mapping[str, Any]) -> ActivityFact:
    return ActivityFact(
        network=network,
        actor=actor,
        kind="purchase",
        object=options["object"],
        external_id=payment_intent,
        scope=_NETWORK,
        quantity=cents,
        campaign=options["campaign"],
        show=options["show"],
    )


def _of_refund(charge: Mapping[str, Any], created: int, options: Mapping[str, Any]) -> WithdrawnFact:
    if charge["payment_intent"] is None or not charge["amount_refunded"]:
        raise NothingToRead(type="charge.refunded")
    return _withdrawn(charge["payment_intent"], None if charge["refunded"] else charge["amount_refunded"], created)


def _of_dispute(dispute: Mapping[str, Any], created: int, options: Mapping[str, Any]) -> WithdrawnFact:
    if dispute["status"] != "lost":
        raise DisputeStands(status=dispute["status"])
    if dispute["payment_intent"] is None:
        raise NothingToRead(type="charge.dispute.closed")
    return _withdrawn(dispute["payment_intent"], dispute["amount"], created)


def _withdrawn(payment_intent: str, cents: int | None, created: int) -> WithdrawnFact:
    return WithdrawnFact(
        act_key=numbered_act_key(_NETWORK, payment_intent),
        happened_at=datetime.fromtimestamp(created, UTC),
        withdrawn_quantity=cents,
    )


_Reader = Callable[[Mapping[str, Any], int, Mapping[str, Any]], ActivityFact | WithdrawnFact]
_READERS: Mapping[str, tuple[type[Schema], _Reader]] = MappingProxyType(
    {
        "checkout.session.completed": (Session, _of_session),
        "checkout.session.async_payment_succeeded": (Session, _of_session),
        "payment_intent.succeeded": (Intent, _of_intent),
        "charge.refunded": (Charge, _of_refund),
        "charge.dispute.closed": (Dispute, _of_dispute),
    }
)

plugin = Stripe()
