"""What a connector, an animation or an API client says happened: the vocabulary of participation."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

# Kinds of act, each with its ActivityStreams 2.0 verb (https://www.w3.org/TR/activitystreams-vocabulary/).
# A sender may use another kind: this is the shared vocabulary, not a fence.
KINDS = MappingProxyType(
    {
        "comment": "Create",
        "live_chat": "Create",
        "post": "Create",
        "mention": "Create",
        "share": "Announce",
        "like": "Like",
        "follow": "Follow",
        "join": "Join",
        "subscription": "Join",
        "gift": "Offer",
        "tip": "Offer",
        "vote": "Create",
        "quiz_answer": "Create",
        "prediction": "Create",
        "answer": "Create",
        "onair_code": "Listen",
        "redeem_external": "Offer",
        "check_in": "Arrive",
        "purchase": "Offer",
        "referral": "Invite",
        "challenge": "Create",
    }
)

OWN_NETWORK = "station"  # acts on the station's own pages: the actor is the fan's number


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityFact:
    """One act of one network account.

    Attributes:
        network: "twitch", "stripe" ..., or "station" when the actor is a fan's number.
        actor: the account's identifier on that network.
        kind: what was done, a word of `KINDS` or the sender's own.
        object: what it was done to: a post, a video, a code, a product.
        external_id: the sender's identifier of this very act. Without it the act itself is the key, and the same
            actor doing the same kind to the same object is the same act for ever.
        scope: who numbers `external_id`; the network unless said otherwise (a CloudEvents `source`).
        happened_at: in the world, aware; None when the sender did not say: then it is when we record it.
        quantity: units for "points per unit": cents of a purchase, minutes, a score; 1 for a plain act.
        text: what was written; measured, then forgotten.
        actor_name: the account's name as the network shows it.
    """

    network: str
    actor: str
    kind: str
    object: str
    external_id: str | None = None
    scope: str | None = None
    happened_at: datetime | None = None
    quantity: int = 1
    campaign: str | None = None
    show: str | None = None
    text: str | None = None
    actor_name: str | None = None

    @property
    def act_key(self) -> str:
        """The natural key of the act, digested: 32 hexadecimal digits, unique for ever."""
        if self.external_id is not None:
            return numbered_act_key(self.scope or self.network, self.external_id)
        return _digest("act", self.network, self.actor, self.kind, self.object)

    @property
    def fingerprint(self) -> str:
        """A digest of the content: the same key with another fingerprint is another act, and refused."""
        when = self.happened_at.isoformat() if self.happened_at else ""
        return _digest(
            self.network,
            self.actor,
            self.kind,
            self.object,
            when,
            str(self.quantity),
            self.campaign or "",
            self.show or "",
            self.text or "",
        )


@dataclass(slots=True)
class KeyedFact:
    """A fact with its digests, made once."""

    fact: ActivityFact
    act_key: str
    fingerprint: str

    @classmethod
    def of(cls, fact: ActivityFact) -> KeyedFact:
        """The fact, digested."""
        return cls(fact, fact.act_key, fact.fingerprint)


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawnFact:
    """The network says that an act is no more: deleted, unliked, refunded.

    Attributes:
        act_key: of the act, as `ActivityFact.act_key` made it or will make it.
        withdrawn_quantity: how many units of it in all so far (a cumulative refund in cents); None: the whole act.
    """

    act_key: str
    happened_at: datetime | None = None
    withdrawn_quantity: int | None = None


def numbered_act_key(scope: str, external_id: str) -> str:
    """The natural key of an act its sender numbers: a deletion often names nothing more."""
    return _digest("id", scope, external_id)


def _digest(*parts: str) -> str:
    return hashlib.sha256("\x1f".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:32]
