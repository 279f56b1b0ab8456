"""How a program signs after Standard Webhooks, and what its messages mean."""

import base64
import hashlib
import hmac
from datetime import UTC, datetime, timedelta
from pathlib import Path

from loyalty.activities.fact import ActivityFact, WithdrawnFact, numbered_act_key
from tests.samples.contract import Sample, Sender


def sign(body: bytes, *, secret: str, at: datetime, identifier: str = "msg_1") -> dict[str, str]:
    stamp = str(int(at.timestamp()))
    key = base64.b64decode(secret.removeprefix("whsec_"))
    digest = hmac.new(key, f"{identifier}.{stamp}.".encode() + body, hashlib.sha256).digest()
    return {
        "content-type": "application/json",
        "webhook-id": identifier,
        "webhook-timestamp": stamp,
        "webhook-signature": f"v1,{base64.b64encode(digest).decode()}",
    }


def secret(byte: bytes, length: int = 32) -> str:
    return "whsec_" + base64.b64encode(byte * length).decode()


def vote(number: int, **other: object) -> ActivityFact:
    said = {
        "network": "discord",
        "actor": "80351110224678912",
        "actor_name": "Inès",
        "kind": "vote",
        "object": "song-12",
        "external_id": f"v-{number}",
        "happened_at": datetime(2026, 11, 23, 6, 59, 58, tzinfo=UTC),
        "campaign": "top-50",
    }
    return ActivityFact(**{**said, **other})  # type: ignore[arg-type]


def withdrawal(number: int) -> WithdrawnFact:
    return WithdrawnFact(act_key=numbered_act_key("discord", f"v-{number}"))


sender = Sender(
    folder=Path(__file__).parent,
    secrets=(secret(b"a"), secret(b"b")),
    not_secrets=(
        secret(b"a", 23),
        secret(b"a", 65),
        "whsec_é",
        "whsec_",
        secret(b"a").removeprefix("whsec_"),
    ),
    sign=sign,
    oldest=timedelta(minutes=5),
    act="activity",
    withdrawal="withdrawn",
    samples=(
        Sample(file="activity", facts=(vote(981),)),
        Sample(file="recorded", facts=(vote(981),)),
        Sample(file="withdrawn", withdrawn=(withdrawal(981),)),
        Sample(
            file="cloudevent",
            facts=(
                ActivityFact(
                    network="quiz",
                    actor="ines",
                    kind="quiz_answer",
                    object="question-3",
                    external_id="q-77",
                    scope="/quiz/morning",
                    happened_at=datetime(2026, 11, 23, 6, 59, tzinfo=UTC),
                    quantity=5,
                ),
            ),
        ),
        Sample(
            file="many",
            facts=(vote(981), vote(983, actor="41771983423143937", actor_name=None)),
            withdrawn=(withdrawal(900),),
            left_out=("bad_item", "bad_item"),
        ),
        Sample(file="activity", options={"networks": ["telegram"]}, left_out=("other_network",)),
        Sample(file="withdrawn", options={"networks": ["telegram"]}, left_out=("other_network",)),
        Sample(file="other", left_out=("nothing_to_read",)),
    ),
)
