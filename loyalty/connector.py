"""The contract of a connector: how the messages of one network are trusted, and what they say happened.

One new file makes a connector:

1. `loyalty/connectors/<name>.py`: a class that derives from `Connector` and answers its methods, its
   docstring naming the vendor's documentation it follows; at the end of the file, `plugin = ThatClass()`.
2. `tests/samples/<name>/sender.py`: how the network signs, and messages as it really sends them.
   `tests/walks/test_connectors.py` finds them and walks the connector: challenge, good and bad signatures,
   rotated secrets, what is read, what is withdrawn.

Nothing is registered anywhere. A source is then made with `loyalty source add <name> <slug>`, and the
network is told the address `/hooks/<name>/<slug>`. A connector touches neither the database nor the
network, and takes the time from the message: the same message is always read the same way, today or when
it is replayed.
"""

from __future__ import annotations

import hmac
import json
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, ClassVar

from marshmallow import Schema, ValidationError

from loyalty.activities.fact import ActivityFact, WithdrawnFact
from loyalty.errors import Invalid, Refused
from loyalty.fields import storable
from loyalty.i18n import Words


class BadSignature(Refused):
    """The message does not prove that it comes from whom it says."""

    code = "bad_signature"
    status = 401
    challenge: ClassVar[str] = "Signature"  # for the header WWW-Authenticate, which goes with every 401
    words = Words(fr="La signature manque ou est fausse.", en="The signature is missing or wrong.")


class StaleMessage(BadSignature):
    """Well signed, but too long ago or in the future: it may be a recording played again."""

    code = "stale_message"
    words = Words(
        fr="Ce message est daté du {sent_at:moment} (UTC) : trop loin de l’heure d’ici.",
        en="This message is dated {sent_at:moment} (UTC): too far from the time here.",
    )


class Unreadable(Refused):
    """Well signed, but not what the network's documentation says: a person has to look."""

    code = "unreadable"
    words = Words(fr="Message illisible : {because}", en="Unreadable message: {because}")


class NothingToRead(Refused):
    """Well signed and well formed, but of a type that tells of no act of a fan."""

    code = "nothing_to_read"
    words = Words(fr="Rien à lire dans un message « {type} ».", en="Nothing to read in a message “{type}”.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One HTTP request of a network, as it came.

    Attributes:
        headers: by name in lower case; when a kept message is read again, only those of `Connector.headers`.
        body: the very bytes, never parsed and written again: signatures are over them.
        received_at: when it came, aware; also the time its freshness is measured at.
    """

    headers: Mapping[str, str]
    body: bytes
    received_at: datetime
    method: str = "POST"
    query: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the network is answered."""

    status: int
    body: str = ""
    content_type: str = "text/plain; charset=utf-8"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a message says.

    Attributes:
        facts: what fans did.
        withdrawn: what they, or a moderator, or a refund, took back.
        left_out: what it also said and why that does not count; kept with the message for people to see.
        stop: why the network will send no more of this, when it says so.
    """

    facts: Sequence[ActivityFact] = ()
    withdrawn: Sequence[WithdrawnFact] = ()
    left_out: Sequence[Refused] = ()
    stop: str | None = None


ANYWHERE = ""  # in `Connector.linking`: on whatever network a message names


class NoOptions(Schema):
    """A connector that has nothing to choose."""


class Connector(ABC):
    """One network. See the module's docstring for how to add one.

    Attributes:
        name: in addresses and data, for ever.
        title: for people.
        secret_form: what a secret of this network looks like, for people.
        headers: those kept with the message because `read` needs them, in lower case; never a credential.
        options: the marshmallow schema of what a source may choose; each field has a default.
        accepted: the answer once a message is kept.
        linking: the networks whose people can type a text that `read` hands on, each with how they type a `{code}`
            there that links their account to a fan.
    """

    name: ClassVar[str]
    title: ClassVar[Words]
    secret_form: ClassVar[Words]
    headers: ClassVar[frozenset[str]] = frozenset()
    options: ClassVar[type[Schema]] = NoOptions
    accepted: ClassVar[Answer] = Answer(status=204)
    linking: ClassVar[Mapping[str, Words]] = MappingProxyType({})

    def new_secret(self) -> str | None:
        """A new random secret, or None when it is the network that makes it."""
        return None

    @abstractmethod
    def accepts_secret(self, secret: str) -> bool:
        """Whether `secret` has the form this network uses."""

    def challenge(self, message: Message, secrets: Sequence[str]) -> Answer | None:
        """The answer to a network that checks whether this address listens; None when it does not ask that.

        Raises:
            BadSignature: it asks, and does not prove who it is.
            Unreadable: it asks in a way its documentation does not tell of.
        """
        return None

    @abstractmethod
    def verify(self, message: Message, secrets: Sequence[str]) -> None:
        """Return only if one of `secrets` (several while one replaces another) signed this message, just now.

        Nothing of the body may be parsed before that.

        Raises:
            BadSignature: and nothing else, whatever the message holds.
        """

    @abstractmethod
    def dedup_key(self, message: Message) -> str:
        """What stays the same when the network sends a verified message again. Raises nothing."""

    @abstractmethod
    def read(self, message: Message, options: Mapping[str, Any]) -> Reading:
        """What a verified message says. `options` is loaded by the schema `options`.

        Raises:
            Unreadable: it is set aside with this problem, to be read again when the connector has learnt to.
        """


def read_json(message: Message) -> dict[str, Any]:
    """The JSON object in the body.

    Raises:
        Unreadable: there is none.
    """
    try:
        document = json.loads(message.body, parse_constant=_no_constant)
    except (
        ValueError,
        RecursionError,
    ) as problem:  # not UTF-8 and too many digits are ValueErrors, too deep the other
        raise Unreadable(because=storable(f"not JSON: {problem}", 1000)) from None
    if not isinstance(document, dict):
        raise Unreadable(because="not a JSON object")
    return document


def load(schema: Schema, document: Any) -> Any:
    """What `schema` makes of `document`.

    Raises:
        Unreadable: it does not fit.
    """
    try:
        return schema.load(document)
    except ValidationError as problem:
        raise Unreadable(because=summary(problem)) from None


def summary(problem: ValidationError) -> str:
    """What is wrong, on one line that can be kept."""
    return storable(str(Invalid(problem.messages).holes["summary"]), 1000)


def one_matches(given: Iterable[str], expected: Iterable[str]) -> bool:
    """Whether any signature given is one of those expected, in a time that does not tell how nearly."""
    wanted = [signature.encode() for signature in expected]
    return any(hmac.compare_digest(each.encode("utf-8", "replace"), one) for each in given for one in wanted)


def refuse_stale(sent_at: datetime, message: Message, *, past: timedelta, ahead: timedelta) -> None:
    """Refuse a message signed longer ago than `past`, or by a clock further `ahead` of ours.

    Raises:
        StaleMessage.
    """
    if not message.received_at - past <= sent_at <= message.received_at + ahead:
        raise StaleMessage(sent_at=sent_at)


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not a number in JSON")
