"""Twitch: what happens in the chat and with the channel points of a channel, by EventSub webhooks.

Verification and message types: https://dev.twitch.tv/docs/eventsub/handling-webhook-events/. Events:
https://dev.twitch.tv/docs/eventsub/eventsub-subscription-types/.

========================================================  =================================================
`channel.chat.message`                                    `live_chat` to the channel
`channel.chat.message_delete`                             withdraws it
`channel.follow` (version 2)                              `follow` of the channel, once for ever: Twitch
                                                          tells of no unfollowing, so a second time is the
                                                          same act
`channel.channel_points_custom_reward_redemption.add`     `redeem_external` of the channel's reward, with
                                                          the text the viewer typed: a code heard on air
`channel.channel_points_custom_reward_redemption.update`  withdraws it when canceled
========================================================  =================================================

The signature covers identifier, timestamp and body, but not the header that names the type of the
message: what a message is, is taken from its body. A revocation marks the source as stopped; what still
comes signed is still read, since a source may have several subscriptions, and a new challenge wakes it.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from marshmallow import EXCLUDE, Schema, fields

from loyalty import ids
from loyalty.activities.fact import ActivityFact, WithdrawnFact, numbered_act_key
from loyalty.connector import (
    Answer,
    BadSignature,
    Connector,
    Message,
    NothingToRead,
    Reading,
    Unreadable,
    load,
    one_matches,
    read_json,
    refuse_stale,
)
from loyalty.errors import Refused
from loyalty.fields import Moment, Text, parse_moment, storable
from loyalty.i18n import Words

_NETWORK = "twitch"
_ID = "twitch-eventsub-message-id"
_SENT_AT = "twitch-eventsub-message-timestamp"
_SIGNATURE = "twitch-eventsub-message-signature"
_TYPE = "twitch-eventsub-message-type"
_LONGEST_TEXT = 5000
_LONGEST_NAME = 200


class SaidElsewhere(Refused):
    """In a shared chat, every channel hears what is said in one of them: it counts there."""

    code = "said_elsewhere"
    words = Words(
        fr="Écrit dans le chat d’une autre chaîne, partagé avec celle-ci.",
        en="Written in the chat of another channel, shared with this one.",
    )


class NotCanceled(Refused):
    """A redemption was fulfilled: it stands."""

    code = "not_canceled"
    words = Words(fr="L’échange reste valable ({status}).", en="The redemption stands ({status}).")


class Twitch(Connector):
    """See the module's docstring."""

    name = _NETWORK
    title = Words(fr="Twitch (EventSub)", en="Twitch (EventSub)")
    secret_form = Words(fr="de 10 à 100 caractères ASCII", en="10 to 100 ASCII characters")
    headers = frozenset({_SENT_AT})
    linking = MappingProxyType(
        {
            _NETWORK: Words(
                fr="Dans le chat de la chaîne, écrivez « !lier {code} » ; ou écrivez le code dans la case d’une "
                "récompense à points de chaîne.",
                en="In the channel’s chat, type “!link {code}”; or type the code into the box of a channel points "
                "reward.",
            )
        }
    )

    def new_secret(self) -> str:
        return ids.secret()

    def accepts_secret(self, secret: str) -> bool:
        return 10 <= len(secret) <= 100 and secret.isascii() and secret.isprintable()

    def challenge(self, message: Message, secrets: Sequence[str]) -> Answer | None:
        if message.headers.get(_TYPE) != "webhook_callback_verification":
            return None
        self.verify(message, secrets)
        challenge = read_json(message).get("challenge")
        if not isinstance(challenge, str):
            raise Unreadable(because="no challenge")
        return Answer(status=200, body=challenge, content_type="text/plain")

    def verify(self, message: Message, secrets: Sequence[str]) -> None:
        identifier, stamp = message.headers.get(_ID, ""), message.headers.get(_SENT_AT, "")
        signed = (identifier + stamp).encode("utf-8", "replace") + message.body
        expected = ["sha256=" + hmac.new(each.encode(), signed, hashlib.sha256).hexdigest() for each in secrets]
        if not identifier or not one_matches([message.headers.get(_SIGNATURE, "")], expected):
            raise BadSignature
        refuse_stale(_moment(stamp), message, past=timedelta(minutes=10), ahead=timedelta(minutes=5))

    def dedup_key(self, message: Message) -> str:
        return message.headers[_ID]

    def read(self, message: Message, options: Mapping[str, Any]) -> Reading:
        document = load(_Notification(), read_json(message))
        kind, status = document["subscription"]["type"], document["subscription"]["status"]
        event = document["event"]
        if event is None and status not in ("enabled", "webhook_callback_verification_pending"):
            return Reading(stop=f"{kind}: {status}")
        if event is None or kind not in _READERS:
            return Reading(left_out=[NothingToRead(type=kind)])
        schema, reader = _READERS[kind]
        return reader(load(schema(), event), _moment(message.headers[_SENT_AT]))


def _moment(stamp: str) -> datetime:
    try:
        return parse_moment(stamp)  # Twitch writes nanoseconds
    except (ValueError, OverflowError):
        raise BadSignature from None


class _Event(Schema):
    class Meta:
        unknown = EXCLUDE


def _id(**options: Any) -> Text:
    return Text(minimum=1, maximum=255, required=True, **options)


class _Subscription(_Event):
    type = Text(minimum=1, maximum=100, required=True)
    status = Text(minimum=1, maximum=100, required=True)


class _Notification(_Event):
    subscription = fields.Nested(_Subscription, required=True)
    event = fields.Dict(load_default=None)


class _Said(_Event):
    text = fields.String(load_default="")


class _ChatMessage(_Event):
    broadcaster_user_id = _id()
    source_broadcaster_user_id = fields.String(load_default=None)
    chatter_user_id = _id()
    chatter_user_name = fields.String(load_default="")
    message_id = _id()
    message = fields.Nested(_Said, required=True)


class _ChatMessageDeleted(_Event):
    message_id = _id()


class _Follow(_Event):
    broadcaster_user_id = _id()
    user_id = _id()
    user_name = fields.String(load_default="")
    followed_at = Moment(required=True)


class _Reward(_Event):
    id = _id()


class _Redemption(_Event):
    id = _id()
    user_id = _id()
    user_name = fields.String(load_default="")
    user_input = fields.String(load_default=None)
    status = fields.String(load_default="")
    reward = fields.Nested(_Reward, required=True)
    redeemed_at = Moment(required=True)


def _chat_message(event: Mapping[str, Any], sent_at: datetime) -> Reading:
    if event["source_broadcaster_user_id"] not in (None, "", event["broadcaster_user_id"]):
        return Reading(left_out=[SaidElsewhere()])
    said = ActivityFact(
        network=_NETWORK,
        actor=event["chatter_user_id"],
        actor_name=_name(event["chatter_user_name"]),
        kind="live_chat",
        object=event["broadcaster_user_id"],
        external_id=event["message_id"],
        happened_at=sent_at,  # the event itself has no time
        text=storable(event["message"]["text"], _LONGEST_TEXT),
    )
    return Reading(facts=[said])


def _chat_message_deleted(event: Mapping[str, Any], sent_at: datetime) -> Reading:
    return _withdrawal(event["message_id"], sent_at)


def _follow(event: Mapping[str, Any], sent_at: datetime) -> Reading:
    followed = ActivityFact(
        network=_NETWORK,
        actor=event["user_id"],
        actor_name=_name(event["user_name"]),
        kind="follow",
        object=event["broadcaster_user_id"],
        happened_at=event["followed_at"],
    )
    return Reading(facts=[followed])


def _redemption(event: Mapping[str, Any], sent_at: datetime) -> Reading:
    redeemed = ActivityFact(
        network=_NETWORK,
        actor=event["user_id"],
        actor_name=_name(event["user_name"]),
        kind="redeem_external",
        object=event["reward"]["id"],
        external_id=event["id"],
        happened_at=event["redeemed_at"],
        text=storable(event["user_input"], _LONGEST_TEXT) if event["user_input"] else None,
    )
    return Reading(facts=[redeemed])


def _redemption_updated(event: Mapping[str, Any], sent_at: datetime) -> Reading:
    # EventSub writes it small, the rest of Twitch's API in capitals.
    if event["status"].lower() != "canceled":
        return Reading(left_out=[NotCanceled(status=storable(event["status"], 40))])
    return _withdrawal(event["id"], sent_at)


def _withdrawal(external_id: str, sent_at: datetime) -> Reading:
    withdrawn = WithdrawnFact(act_key=numbered_act_key(_NETWORK, external_id), happened_at=sent_at)
    return Reading(withdrawn=[withdrawn])


def _name(name: str) -> str | None:
    return storable(name, _LONGEST_NAME) or None


_Reader = Callable[[Mapping[str, Any], datetime], Reading]
_READERS: Mapping[str, tuple[type[Schema], _Reader]] = MappingProxyType(
    {
        "channel.chat.message": (_ChatMessage, _chat_message),
        "channel.chat.message_delete": (_ChatMessageDeleted, _chat_message_deleted),
        "channel.follow": (_Follow, _follow),
        "channel.channel_points_custom_reward_redemption.add": (_Redemption, _redemption),
        "channel.channel_points_custom_reward_redemption.update": (_Redemption, _redemption_updated),
    }
)

plugin = Twitch()
