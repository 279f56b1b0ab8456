"""How Twitch signs, and what its messages mean."""

import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

from loyalty.activities.fact import ActivityFact, WithdrawnFact, numbered_act_key
from tests.samples.contract import NOW, Challenge, Sample, Sender

CHAT = "cc106a89-1814-919d-454c-f4f2f970aae7"
REDEMPTION = "17fa2df1-ad76-4804-bfa5-a40ef63efe63"


def sign(
    body: bytes, *, secret: str, at: datetime, identifier: str = "message-1", kind: str = "notification"
) -> dict[str, str]:
    stamp = at.strftime("%Y-%m-%dT%H:%M:%S.%f") + "789Z"
    signature = hmac.new(secret.encode(), identifier.encode() + stamp.encode() + body, hashlib.sha256)
    return {
        "content-type": "application/json",
        "twitch-eventsub-message-id": identifier,
        "twitch-eventsub-message-retry": "0",
        "twitch-eventsub-message-type": kind,
        "twitch-eventsub-message-signature": f"sha256={signature.hexdigest()}",
        "twitch-eventsub-message-timestamp": stamp,
        "twitch-eventsub-subscription-type": json.loads(body)["subscription"]["type"] if body else "",
        "twitch-eventsub-subscription-version": "1",
    }


def challenge(*, secret: str, at: datetime) -> Challenge:
    body = (FOLDER / "challenge.json").read_bytes()
    headers = sign(body, secret=secret, at=at, kind="webhook_callback_verification")
    return Challenge(headers=headers, body=body, answer="pogchamp-kappa-360noscope-vohiyo")


def withdrawal(external_id: str) -> WithdrawnFact:
    return WithdrawnFact(act_key=numbered_act_key("twitch", external_id), happened_at=NOW)


FOLDER = Path(__file__).parent
INES = {"network": "twitch", "actor": "4145994", "actor_name": "Inès_A"}

sender = Sender(
    folder=FOLDER,
    secrets=("s3cre7-of-twitch", "another-s3cre7-of-twitch"),
    not_secrets=("short", "x" * 101, "accentué-secret", "two\nlines-secret"),
    sign=sign,
    challenge=challenge,
    oldest=timedelta(minutes=10),
    act="chat_message",
    withdrawal="chat_message_deleted",
    samples=(
        Sample(
            file="chat_message",
            facts=(
                ActivityFact(
                    **INES,
                    kind="live_chat",
                    object="1971641",
                    external_id=CHAT,
                    happened_at=NOW,
                    text="Allez les Bleus, quel match ! PogChamp",
                ),
            ),
        ),
        Sample(file="chat_message_shared", left_out=("said_elsewhere",)),
        Sample(file="chat_message_deleted", withdrawn=(withdrawal(CHAT),)),
        Sample(
            file="follow",
            facts=(
                ActivityFact(
                    **INES,
                    kind="follow",
                    object="1971641",
                    happened_at=datetime(2026, 11, 23, 6, 58, 22, 143234, UTC),
                ),
            ),
        ),
        Sample(
            file="redemption",
            facts=(
                ActivityFact(
                    **INES,
                    kind="redeem_external",
                    object="92af127c-7326-4483-a52b-b0da0be61c01",
                    external_id=REDEMPTION,
                    happened_at=datetime(2026, 11, 23, 6, 57, 24, 303000, UTC),
                    text="LUMIERE-7",
                ),
            ),
        ),
        Sample(file="redemption_canceled", withdrawn=(withdrawal(REDEMPTION),)),
        Sample(file="redemption_fulfilled", left_out=("not_canceled",)),
        Sample(file="stream_online", left_out=("nothing_to_read",)),
        Sample(file="revocation", stop="channel.follow: authorization_revoked"),
    ),
)
