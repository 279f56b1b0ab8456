"""How Stripe signs, by its own library, and what its events mean."""

import hashlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import stripe

from loyalty.activities.fact import ActivityFact, WithdrawnFact, numbered_act_key
from tests.samples.contract import Sample, Sender

FAN = "7046029254386353131"
INTENT = "pi_3QLumiereT1"


def sign(body: bytes, *, secret: str, at: datetime, identifier: str | None = None) -> dict[str, str]:
    header = stripe.WebhookSignature.generate_signature_header(body.decode(), secret, int(at.timestamp()))
    return {"content-type": "application/json; charset=utf-8", "stripe-signature": header}


def purchase(network: str = "station", actor: str = FAN, **other: object) -> ActivityFact:
    said = {"kind": "purchase", "object": "shop", "external_id": INTENT, "scope": "stripe", "quantity": 4990}
    return ActivityFact(network=network, actor=actor, **{**said, **other})  # type: ignore[arg-type]


def withdrawal(cents: int | None, at: int) -> WithdrawnFact:
    return WithdrawnFact(
        act_key=numbered_act_key("stripe", INTENT),
        happened_at=datetime.fromtimestamp(at, UTC),
        withdrawn_quantity=cents,
    )


GUEST = "email:" + hashlib.sha256(b"ines@example.org").hexdigest()

sender = Sender(
    folder=Path(__file__).parent,
    secrets=("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"),
    not_secrets=("an API key instead of it", "whsec_", "whsec_" + "x" * 300, "whsec_accentuée-longue"),
    sign=sign,
    oldest=timedelta(seconds=300),
    act="session_customer",
    withdrawal="refunded_whole",
    samples=(
        Sample(file="session_completed", facts=(purchase(),)),
        Sample(file="session_async_paid", facts=(purchase(),)),
        Sample(file="intent_succeeded", facts=(purchase(),)),
        Sample(
            file="session_completed",
            options={"object": "billetterie", "campaign": "noël", "show": "matinale"},
            facts=(purchase(object="billetterie", campaign="noël", show="matinale"),),
        ),
        Sample(file="session_customer", facts=(purchase("stripe", "cus_RLumiere01"),)),
        Sample(file="session_guest", facts=(purchase("stripe", GUEST),)),
        Sample(file="session_unpaid", left_out=("not_paid",)),
        Sample(file="session_subscription", left_out=("not_a_purchase",)),
        Sample(file="session_dollars", left_out=("other_currency",)),
        Sample(file="session_dollars", options={"currency": "usd"}, facts=(purchase(),)),
        Sample(file="session_of_connected_test", left_out=("test_event",)),
        Sample(file="intent_of_nobody", left_out=("names_no_fan",)),
        Sample(file="refunded_in_part", withdrawn=(withdrawal(1500, 1795503600),)),
        Sample(file="refunded_more", withdrawn=(withdrawal(2500, 1795590000),)),
        Sample(file="refunded_whole", withdrawn=(withdrawal(None, 1795676400),)),
        Sample(file="dispute_lost", withdrawn=(withdrawal(4990, 1796000000),)),
        Sample(file="dispute_won", left_out=("dispute_not_lost",)),
        Sample(file="dispute_created", left_out=("nothing_to_read",)),
        Sample(file="customer_created", left_out=("nothing_to_read",)),
    ),
)
