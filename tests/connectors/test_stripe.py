"""One purchase earns once, whichever of its events comes first, and a refund takes back its share."""

import itertools
import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import stripe
from sqlalchemy import text

from loyalty import clock
from loyalty.connector import BadSignature, Message, StaleMessage
from loyalty.connectors.stripe import plugin
from loyalty.db import Database
from loyalty.fans.tables import Fan
from loyalty.flows.deliver import deliver_due
from loyalty.flows.manage_sources import add_source
from loyalty.flows.receive import receive
from loyalty.intake.find import find_deliveries
from loyalty.intake.seal import Sealer
from tests.cast import ODILE, ines, open_station, rule
from tests.makers.proof import adds_up
from tests.samples.contract import NOW
from tests.samples.stripe.sender import sender, sign

SEALER = Sealer("a secret key of at least thirty-two characters")
SECRET = sender.secrets[0]


def test_stripe_knows_every_field_of_the_samples() -> None:
    shapes: dict[str, type] = {
        "checkout.session": stripe.checkout.Session,
        "payment_intent": stripe.PaymentIntent,
        "charge": stripe.Charge,
        "dispute": stripe.Dispute,
        "customer": stripe.Customer,
    }
    for path in sender.folder.glob("*.json"):
        event = json.loads(path.read_text(encoding="utf-8"))
        thing = event["data"]["object"]
        assert not set(event) - set(stripe.Event.__annotations__), path.name
        assert not set(thing) - set(shapes[thing["object"]].__annotations__), path.name


def test_an_old_signature_is_not_refreshed_by_adding_another_time() -> None:
    body = sender.body("session_completed")
    long_ago = sign(body, secret=SECRET, at=NOW - timedelta(hours=1))["stripe-signature"]
    just_now = int(NOW.timestamp())
    for header in (f"{long_ago},t={just_now}", long_ago.replace("t=", f"t={just_now}=", 1), f"t={just_now},{long_ago}"):
        message = Message(headers={"stripe-signature": header}, body=body, received_at=NOW)
        with pytest.raises(BadSignature):
            plugin.verify(message, [SECRET])
    former = sign(body, secret=SECRET, at=NOW - timedelta(hours=1))["stripe-signature"]
    odd = former.replace(",", f"=x,t={just_now},", 1)
    with pytest.raises(StaleMessage):
        plugin.verify(Message(headers={"stripe-signature": odd}, body=body, received_at=NOW), [SECRET])


def test_several_signatures_in_one_header_are_all_tried() -> None:
    body = sender.body("session_completed")
    header = sign(body, secret=SECRET, at=NOW)["stripe-signature"]
    rolled = header.replace(",v1=", f",v1={'0' * 64},v0=abc,v1=")
    plugin.verify(Message(headers={"stripe-signature": rolled}, body=body, received_at=NOW), [SECRET])


class Shop:
    """A Stripe account that sends the events of one purchase."""

    def __init__(self, db: Database, fan: Fan) -> None:
        self.db = db
        self.fan = fan
        self.numbers = itertools.count(1)

    def sends(self, sample: str, **changes: Any) -> str:
        """Send a sample about Ines, signed at the clock's time; what became of it."""
        event = json.loads(sender.body(sample))
        thing = event["data"]["object"] = event["data"]["object"] | changes
        event["id"] = f"evt_{next(self.numbers)}"
        if thing.get("client_reference_id"):
            thing["client_reference_id"] = str(self.fan.id)
        if thing.get("metadata", {}).get("fan"):
            thing["metadata"] = {"fan": str(self.fan.id)}
        body = json.dumps(event).encode()
        headers = sign(body, secret=SECRET, at=clock.now())
        message = Message(headers=headers, body=body, received_at=clock.now())
        receipt = receive(self.db, SEALER, "stripe", "shop", message)
        assert (receipt.answer.status, receipt.is_new) == (200, True)
        deliver_due(self.db)
        (latest,) = self.db.read(lambda session: find_deliveries(session, limit=1))
        assert latest.state == "worked", latest.problem
        (outcome,) = latest.outcomes or [{}]
        return str(outcome.get("code") or outcome["status"])

    def balance(self) -> int:
        query = text("SELECT balance FROM holder WHERE id = :id")
        return self.db.read(lambda session: session.execute(query, {"id": self.fan.id}).scalar_one())


class Watch:
    """A clock to set forward."""

    def __init__(self) -> None:
        self.at = NOW

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def watch() -> Iterator[Watch]:
    watch = Watch()
    with clock.running_on(watch):
        yield watch


@pytest.fixture
def shop(db: Database, watch: Watch) -> Iterator[Shop]:
    open_station(db)
    rule(db, "shop", when={"kind": {"one_of": ["purchase"]}}, earn={"points": 1, "per": 10})
    add_source(db, SEALER, connector="stripe", slug="shop", secret=SECRET, actor=ODILE)
    yield Shop(db, ines(db))
    assert adds_up(db)


@pytest.mark.parametrize(
    "order",
    list(itertools.permutations(["session_completed", "intent_succeeded", "session_async_paid"], 2)),
    ids=" then ".join,
)
def test_two_events_of_one_purchase_pay_once(shop: Shop, watch: Watch, order: tuple[str, str]) -> None:
    assert shop.sends(order[0]) == "recorded"
    watch.at += timedelta(days=2)
    assert shop.sends(order[1]) == "duplicate"
    assert shop.balance() == 499


def test_a_purchase_paid_later_earns_when_it_is_paid(shop: Shop) -> None:
    assert shop.sends("session_unpaid") == "not_paid"
    assert shop.balance() == 0
    assert shop.sends("session_async_paid") == "recorded"
    assert shop.sends("session_unpaid") == "not_paid"
    assert shop.balance() == 499


def test_an_intent_that_names_nobody_is_left_to_its_session(shop: Shop) -> None:
    assert shop.sends("intent_of_nobody") == "names_no_fan"
    assert shop.sends("session_completed") == "recorded"
    assert shop.sends("intent_of_nobody") == "names_no_fan"
    assert shop.balance() == 499


def test_an_intent_that_names_the_fan_alone_pays_once_and_the_disagreement_is_noted(shop: Shop) -> None:
    assert shop.sends("intent_succeeded") == "recorded"
    assert shop.sends("session_customer") == "activity_conflict"
    assert shop.balance() == 499


def test_a_purchase_of_somebody_who_is_no_fan_is_noted(shop: Shop) -> None:
    stranger = Shop(shop.db, Fan(id=404, bucket=0, created_at=NOW))
    stranger.numbers = shop.numbers
    assert stranger.sends("session_completed") == "unknown_fan"


def test_refunds_are_cumulative_and_each_takes_the_difference(shop: Shop) -> None:
    shop.sends("session_completed")
    assert shop.sends("refunded_in_part") == "reversed"
    assert shop.balance() == 499 - 150
    assert shop.sends("refunded_in_part") == "duplicate"
    assert shop.sends("refunded_more") == "reversed"
    assert shop.balance() == 499 - 250
    assert shop.sends("refunded_in_part") == "duplicate"
    assert shop.sends("refunded_whole") == "reversed"
    assert shop.balance() == 0


@pytest.mark.parametrize(
    "order",
    list(itertools.permutations(["session_completed", "refunded_in_part", "refunded_more"])),
    ids=" ".join,
)
def test_whatever_the_order_the_balance_is_that_of_the_last_refund(shop: Shop, order: tuple[str, ...]) -> None:
    for sample in (*order, "intent_succeeded"):
        shop.sends(sample)
    assert shop.balance() == 499 - 250


def test_a_refund_in_full_that_comes_first_leaves_nothing_to_earn(shop: Shop) -> None:
    assert shop.sends("refunded_whole") == "waiting"
    assert shop.sends("intent_succeeded") == "recorded"
    assert shop.sends("session_completed") == "duplicate"
    assert shop.balance() == 0


def test_a_lost_dispute_takes_back_and_a_won_one_does_not(shop: Shop) -> None:
    shop.sends("session_completed")
    assert shop.sends("dispute_created") == "nothing_to_read"
    assert shop.sends("dispute_won") == "dispute_not_lost"
    assert shop.balance() == 499
    assert shop.sends("dispute_lost") == "reversed"
    assert shop.balance() == 0
    assert shop.sends("refunded_whole") in ("reversed", "duplicate")
    assert shop.balance() == 0


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"mode": "setup", "payment_intent": None, "currency": "eur"}, "not_a_purchase"),
        ({"payment_status": "no_payment_required", "payment_intent": None, "amount_total": 0}, "not_paid"),
        ({"currency": "usd"}, "other_currency"),
        ({"client_reference_id": None, "customer": None, "customer_details": None}, "no_buyer"),
        ({"payment_intent": {"id": "pi_3QLumiereT1", "object": "payment_intent"}}, "recorded"),
        ({"client_reference_id": None, "metadata": {"fan": "set"}}, "recorded"),
    ],
)
def test_a_session_earns_only_for_what_it_is(shop: Shop, changes: dict[str, Any], code: str) -> None:
    assert shop.sends("session_completed", **changes) == code
    assert shop.balance() == (499 if code == "recorded" else 0)
