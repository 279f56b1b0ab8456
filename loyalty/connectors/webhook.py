"""Any program that signs like Standard Webhooks: a shop, a quiz, a ticket office.

https://www.standardwebhooks.com says how: three headers, `webhook-id` (the same when it is sent again),
`webhook-timestamp` (seconds since 1970, within five minutes of ours) and `webhook-signature`: `v1,` and
the base64 of HMAC-SHA256 over `id.timestamp.body`, several with spaces between them while a secret is
rotated. The secret is `whsec_` and the base64 of 24 to 64 random bytes.

The body is JSON: one activity in the words of the API (`loyalty/activities/schema.py`), or as a CloudEvent,

    {"network": "discord", "actor": "80351110224678912", "kind": "vote", "object": "song-12", "id": "v-981"}

or the same as an event, recorded or withdrawn,

    {"type": "activity.recorded", "data": {"network": "discord", "actor": "80351110224678912", ...}}
    {"type": "activity.withdrawn", "data": {"network": "discord", "id": "v-981"}}

or many at once, where a bad one spoils only itself:

    {"activities": [{...}, {...}], "withdrawals": [{...}]}
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets as randomness
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any

from marshmallow import Schema, ValidationError, fields

from loyalty.activities.fact import ActivityFact, WithdrawnFact
from loyalty.activities.schema import activity_fact, is_cloudevent, withdrawn_fact
from loyalty.connector import (
    ANYWHERE,
    BadSignature,
    Connector,
    Message,
    NothingToRead,
    Reading,
    Unreadable,
    one_matches,
    read_json,
    refuse_stale,
    summary,
)
from loyalty.errors import Refused
from loyalty.fields import Text, storable
from loyalty.i18n import Words

_PREFIX = "whsec_"
_TOLERANCE = timedelta(minutes=5)


class BadItem(Refused):
    """One of many could not be read; the others were."""

    code = "bad_item"
    words = Words(fr="Élément {position} de « {list} » : {because}", en="Item {position} of “{list}”: {because}")


class OtherNetwork(Refused):
    """The source speaks for a network it was not made for."""

    code = "other_network"
    words = Words(
        fr="Cette source ne parle pas pour le réseau « {network} ».",
        en="This source does not speak for the network “{network}”.",
    )


class WebhookOptions(Schema):
    """What a source may choose."""

    networks = fields.List(
        Text(minimum=1, maximum=60),
        load_default=list,
        metadata={"description": "The networks whose acts this sender may tell of; empty: any."},
    )


class StandardWebhook(Connector):
    """See the module's docstring."""

    linking = MappingProxyType(
        {
            ANYWHERE: Words(
                fr="Écrivez le code, tel quel, là où vous participez d’habitude : dans un message, un commentaire ou "
                "une réponse.",
                en="Type the code, as it is, where you usually take part: in a message, a comment or an answer.",
            )
        }
    )
    name = "webhook"
    title = Words(fr="Webhook signé (Standard Webhooks)", en="Signed webhook (Standard Webhooks)")
    secret_form = Words(fr="whsec_ suivi de 24 à 64 octets en base64", en="whsec_ followed by 24 to 64 bytes in base64")
    options = WebhookOptions

    def new_secret(self) -> str:
        return _PREFIX + base64.b64encode(randomness.token_bytes(32)).decode()

    def accepts_secret(self, secret: str) -> bool:
        return secret.startswith(_PREFIX) and 24 <= len(_key(secret)) <= 64

    def verify(self, message: Message, secrets: Sequence[str]) -> None:
        identifier = message.headers.get("webhook-id", "")
        stamp = message.headers.get("webhook-timestamp", "")
        given = [
            signature
            for version, _, signature in (
                each.partition(",") for each in message.headers.get("webhook-signature", "").split()
            )
            if version == "v1"
        ]
        signed = f"{identifier}.{stamp}.".encode("utf-8", "replace") + message.body
        keys = [_key(each) for each in secrets if self.accepts_secret(each)]
        digests = [hmac.new(key, signed, hashlib.sha256).digest() for key in keys]
        # A dot in the identifier could pass for the one that ends it, and part of a body for the time.
        plain = identifier and "." not in identifier
        if not plain or not one_matches(given, [base64.b64encode(each).decode() for each in digests]):
            raise BadSignature
        refuse_stale(_instant(stamp), message, past=_TOLERANCE, ahead=_TOLERANCE)

    def dedup_key(self, message: Message) -> str:
        return message.headers["webhook-id"]

    def read(self, message: Message, options: Mapping[str, Any]) -> Reading:
        document = read_json(message)
        if is_cloudevent(document):
            return _one(_recorded, document, options)
        if "activities" in document or "withdrawals" in document:
            return _many(document, options)
        kind = document.get("type")
        if kind is None:
            return _one(_recorded, document, options)
        if kind == "activity.recorded":
            return _one(_recorded, document.get("data"), options)
        if kind == "activity.withdrawn":
            return _one(_withdrawn, document.get("data"), options)
        return Reading(left_out=[NothingToRead(type=storable(str(kind), 100))])


def _key(secret: str) -> bytes:
    try:
        return base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        return b""


def _instant(stamp: str) -> datetime:
    if not (stamp.isascii() and stamp.isdigit() and len(stamp) <= 11):
        raise BadSignature
    return datetime.fromtimestamp(int(stamp), UTC)


def _recorded(document: Any, options: Mapping[str, Any]) -> ActivityFact:
    fact = activity_fact(document)
    _refuse_other_networks(fact.network, options)
    return fact


def _withdrawn(document: Any, options: Mapping[str, Any]) -> WithdrawnFact:
    fact = withdrawn_fact(document)
    _refuse_other_networks(document["network"], options)
    return fact


def _refuse_other_networks(network: str, options: Mapping[str, Any]) -> None:
    if options["networks"] and network not in options["networks"]:
        raise OtherNetwork(network=network)


Make = Callable[[Any, Mapping[str, Any]], ActivityFact | WithdrawnFact]


def _one(make: Make, document: Any, options: Mapping[str, Any]) -> Reading:
    try:
        return _reading([make(document, options)], [])
    except ValidationError as problem:
        raise Unreadable(because=summary(problem)) from None
    except OtherNetwork as problem:
        return Reading(left_out=[problem])


def _many(document: Mapping[str, Any], options: Mapping[str, Any]) -> Reading:
    read: list[ActivityFact | WithdrawnFact] = []
    left_out: list[Refused] = []
    for name, make in (("activities", _recorded), ("withdrawals", _withdrawn)):
        items = document.get(name, [])
        if not isinstance(items, list):
            raise Unreadable(because=f"“{name}” is not a list")
        for position, item in enumerate(items, start=1):
            try:
                read.append(make(item, options))
            except ValidationError as problem:
                left_out.append(BadItem(list=name, position=position, because=summary(problem)))
            except OtherNetwork as problem:
                left_out.append(problem)
    return _reading(read, left_out)


def _reading(read: Sequence[ActivityFact | WithdrawnFact], left_out: Sequence[Refused]) -> Reading:
    return Reading(
        facts=[each for each in read if isinstance(each, ActivityFact)],
        withdrawn=[each for each in read if isinstance(each, WithdrawnFact)],
        left_out=left_out,
    )


plugin = StandardWebhook()
