"""What is written in a live chat may be an answer: the code of the show, typed by somebody whose account is linked.

The chat message stays the activity it is; the answer is an activity of the fan's own, the same one as on the station's
page, so it counts once wherever it was typed first. An account nobody linked has no part: its owner could answer again
as a fan.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlmodel import Session

from loyalty import clock
from loyalty.activities.fact import ActivityFact
from loyalty.animation import Accepted, Standing
from loyalty.animations import find, parts
from loyalty.animations.kinds import kind_named
from loyalty.animations.tables import Animation
from loyalty.fans.identities import find_identities
from loyalty.flows.animate import activity, id_of
from loyalty.flows.earn import Outcome
from loyalty.flows.watch import freeze_if_strange

CHAT = "live_chat"


@dataclass(slots=True)
class Heard:
    """The answers in a batch of facts, claimed for their fans but not recorded yet.

    Attributes:
        facts: to be earned in the same transaction; then `note` is told what became of them, in their order.
    """

    session: Session
    facts: list[ActivityFact] = field(default_factory=list)
    _claims: list[tuple[parts.Attempt, Accepted, ActivityFact]] = field(default_factory=list)

    def claim(self, tried: parts.Attempt, accepted: Accepted, fact: ActivityFact) -> None:
        """Remember whose answer this is."""
        self.facts.append(fact)
        self._claims.append((tried, accepted, fact))

    def note(self, outcomes: Iterable[Outcome]) -> None:
        """Keep each answer with the activity it became; one that is on record by other means stays an attempt."""
        kept = []
        for (tried, accepted, fact), outcome in zip(self._claims, outcomes, strict=True):
            if outcome.problem is None and outcome.activity_id is not None and fact.happened_at is not None:
                kept.append(parts.Answer(tried, accepted, fact.happened_at, outcome.activity_id))
        parts.keep_recorded(self.session, kept)


@dataclass(frozen=True, slots=True)
class _Message:
    fact: ActivityFact
    at: datetime
    animation: Animation
    accepted: Accepted


def hear(session: Session, facts: Sequence[ActivityFact]) -> Heard:
    """Find the answers among what was written in chats, and claim them.

    Args:
        facts: of any kind; only chat messages with a text and a time are listened to.
    """
    heard = Heard(session)
    right = _right_answers(session, facts)
    if not right:
        return heard
    accounts = {(each.fact.network, each.fact.actor) for each in right}
    fans = {account: known.fan_id for account, known in find_identities(session, accounts).items()}
    first: dict[tuple[int, str], _Message] = {}  # of each fan in each animation
    for each in sorted(right, key=lambda each: each.at):
        fan_id = fans.get((each.fact.network, each.fact.actor))
        if fan_id is not None:
            first.setdefault((fan_id, each.animation.slug), each)
    for (fan_id, _), each in sorted(first.items()):  # fans' parts are locked in one order
        _claim(heard, each, fan_id)
    return heard


def _right_answers(session: Session, facts: Sequence[ActivityFact]) -> list[_Message]:
    spoken = [fact for fact in facts if fact.kind == CHAT and fact.text and fact.happened_at]
    times = [fact.happened_at for fact in spoken if fact.happened_at]
    if not times:
        return []
    found = []
    for animation in find.listening(session, min(times), max(times)):
        kind, opened = kind_named(animation.kind), find.opened(animation)
        for fact in spoken:
            said = kind.heard(fact.text or "")
            at = min(fact.happened_at or clock.now(), clock.now())  # another clock may be ahead of ours
            is_open = at >= animation.starts_at or (kind.listens_early and at >= animation.starts_at - find.EARLY)
            if said is None or not is_open or at >= find.ended_at(animation):
                continue
            accepted = kind.check(opened, said, Standing(), at)
            if isinstance(accepted, Accepted):
                found.append(_Message(fact, at, animation, accepted))
    return found


def _claim(heard: Heard, each: _Message, fan_id: int) -> None:
    animation, accepted, at = each.animation, each.accepted, each.at
    kind = kind_named(animation.kind)
    tried = parts.attempt(heard.session, id_of(animation), fan_id, most=kind.attempts(animation.settings))
    if tried is None:
        return
    if accepted.hidden or animation.frozen_at or kind.settled_later:
        parts.keep_for_review(heard.session, [parts.Answer(tried, accepted, at)])
        freeze_if_strange(heard.session, animation)
        return
    fact = activity(animation, kind.activity_kind, fan_id=fan_id, quantity=accepted.quantity, happened_at=at)
    heard.claim(tried, accepted, fact)
