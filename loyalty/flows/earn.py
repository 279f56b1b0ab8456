"""Participation arrives: it is recorded once, judged by the rules in force when it happened, and posted.

A batch is one transaction a thousand facts: identities first, then the locks of their buckets, then everything is read
set by set, judged in Python and written set by set.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from sqlmodel import Session

from loyalty import clock
from loyalty.activities.fact import ActivityFact, KeyedFact
from loyalty.activities.find import WHOLE, KeptActivity, kept_activities, waiting_withdrawals
from loyalty.activities.record import Judged, record
from loyalty.db import Database, Writer, is_distributed
from loyalty.errors import Refused
from loyalty.fans.identities import Account, KnownIdentity, holders_before, meet
from loyalty.fans.unlink import holders_given_up
from loyalty.flows.judge import Judge
from loyalty.flows.reverse import apply_waiting
from loyalty.gather import Gatherers
from loyalty.i18n import Words
from loyalty.ids import bucket_of
from loyalty.ledger.journal import STATUS_UNIT
from loyalty.ledger.post import award, lock, open_holders, refuse_moved
from loyalty.programme.find import the_programme
from loyalty.rules.find import current_history
from loyalty.tiers.review import review

BATCH = 1_000
_GATHERED = 200  # single acts of one transaction
FUTURE_TOLERANCE = timedelta(minutes=5)  # clocks of senders differ; beyond, an act has not happened yet


class InTheFuture(Refused):
    """The act is said to happen later than now."""

    code = "in_the_future"
    words = Words(
        fr="Cette activité est datée du {at:moment}, dans le futur.",
        en="This activity is dated {at:moment}, ahead of now.",
    )


class UnknownFan(Refused):
    """The station's own network names a fan who does not exist."""

    code = "unknown_fan"
    words = Words(fr="Aucun fan ne porte le numéro {fan}.", en="No fan has the number {fan}.")


class ActivityConflict(Refused):
    """The natural key is on record with another content."""

    code = "activity_conflict"
    status = 409
    words = Words(
        fr="Cette activité est déjà enregistrée avec un autre contenu.",
        en="This activity is on record with another content.",
    )


@dataclass(slots=True)
class Outcome:
    """What became of one fact.

    Attributes:
        status: "recorded" now, "duplicate" of what is on record, "conflict" with it, or "refused" unrecorded.
        problem: why, for a conflict or a refusal.
        outcome: "awarded", "refused", "measured" or "withdrawn": what is on record.
    """

    status: str
    activity_id: int | None = None
    outcome: str | None = None
    reason: str | None = None
    points: int = 0
    status_points: int = 0
    verdicts: list[Any] = field(default_factory=list)
    problem: Refused | None = None


def earn(db: Writer, facts: Sequence[ActivityFact], *, source: str) -> list[Outcome]:
    """Record and judge what happened.

    Args:
        facts: in any number; every thousand is one transaction.
        source: who told us, kept with each activity.

    Returns:
        one outcome for each fact, in their order. The same fact again gets the same answer and changes nothing.

    Raises:
        NotFound: the programme is not set up.
        Busy: nothing of the current thousand was written; the ones before are.
    """
    outcomes: list[Outcome] = []
    for start in range(0, len(facts), BATCH):
        batch = facts[start : start + BATCH]
        if db.is_distributed:
            outcomes += _bucket_by_bucket(db, batch, source)
        else:
            outcomes += db.write(lambda session, batch=batch: _Batch(session, batch, source).run())  # type: ignore[misc]
    return outcomes


def _bucket_by_bucket(db: Writer, facts: Sequence[ActivityFact], source: str) -> list[Outcome]:
    """The same over many machines, where a transaction is about one bucket, and so about one machine.

    Whose act it is decides where it is recorded; that one act is not recorded for two people is the sender's to see to.
    """

    def resolve(session: Session) -> dict[Account, KnownIdentity]:
        names: dict[Account, str | None] = {(fact.network, fact.actor): fact.actor_name for fact in facts}
        identities, opened = meet(session, names, now=clock.now())
        open_holders(session, opened)
        return identities

    identities = db.write(resolve)
    places: dict[int, list[int]] = {}
    for place, fact in enumerate(facts):
        identity = identities.get((fact.network, fact.actor))
        places.setdefault(bucket_of(identity.holder_id) if identity else 0, []).append(place)
    outcomes: dict[int, Outcome] = {}
    for _, these in sorted(places.items()):
        of_bucket = [facts[place] for place in these]
        done = db.write(lambda session, of_bucket=of_bucket: _Batch(session, of_bucket, source).run())  # type: ignore[misc]
        outcomes.update(zip(these, done, strict=True))
    return [outcomes[place] for place in range(len(facts))]


def earn_one(db: Database, fact: ActivityFact, *, source: str) -> Outcome:
    """Record and judge one act, together with those that arrive at the same time from the same source.

    Raises:
        NotFound, Busy: see `earn`.
    """
    return _gatherers.of(db, source).do(fact)


_gatherers: Gatherers[Database, ActivityFact, Outcome] = Gatherers(
    lambda db, source, facts: earn(db, facts, source=source), most=_GATHERED
)


class _Batch:
    def __init__(self, session: Session, facts: Sequence[ActivityFact], source: str) -> None:
        self.session = session
        self.facts = facts
        self.source = source
        self.now = clock.now()
        self.outcomes: list[Outcome | None] = [None] * len(facts)
        self.places: dict[str, list[int]] = {}

    def run(self) -> list[Outcome]:
        programme = the_programme(self.session)
        acts = self._sift()
        identities = self._resolve(acts)
        history = current_history(self.session)  # once the buckets are ours: see rules/issued.py
        judge = Judge(self.session, programme, history, now=self.now)
        judge.read([act.fact for act in acts.values()], identities)
        withdrawn = waiting_withdrawals(self.session, acts)
        judged = []
        for act in acts.values():
            identity = identities.get((act.fact.network, act.fact.actor))
            if identity is None:
                self._put(act, Outcome("refused", problem=UnknownFan(fan=act.fact.actor)))
                continue
            each = judge.judge(act, identity, withdrawn=withdrawn.get(act.act_key) == WHOLE)
            judged.append(each)
            self._put(act, _recorded(each))
        record(self.session, judged, source=self.source, recorded_at=self.now)
        award(self.session, self.states, judge.awards)
        ranked = {each.holder_id for each in judge.awards if each.unit == STATUS_UNIT}
        review(self.session, ranked, programme=programme, now=self.now)
        judge.standing.write(self.session)
        if withdrawn:
            apply_waiting(self.session, withdrawn, now=self.now)
        assert None not in self.outcomes, "every fact has exactly one outcome"
        return self.outcomes  # type: ignore[return-value]

    def _sift(self) -> dict[str, KeyedFact]:
        """Set apart what cannot be, and the same act twice in one batch; the rest by act key."""
        acts: dict[str, KeyedFact] = {}
        latest = self.now + FUTURE_TOLERANCE
        for place, fact in enumerate(self.facts):
            if fact.happened_at is not None and fact.happened_at > latest:
                self.outcomes[place] = Outcome("refused", problem=InTheFuture(at=fact.happened_at))
                continue
            act = KeyedFact.of(fact)
            twin = acts.setdefault(act.act_key, act)
            if twin.fingerprint == act.fingerprint:
                self.places.setdefault(act.act_key, []).append(place)
            else:
                self.outcomes[place] = Outcome("conflict", problem=ActivityConflict())
        return acts

    def _resolve(self, acts: dict[str, KeyedFact]) -> dict[Account, KnownIdentity]:
        """Find whose points these are, lock them, and set apart the acts that are on record."""
        names: dict[Account, str | None] = {
            (act.fact.network, act.fact.actor): act.fact.actor_name for act in acts.values()
        }
        identities, opened = meet(self.session, names, now=self.now)
        open_holders(self.session, opened)
        self.states = lock(self.session, {each.holder_id for each in identities.values()})
        refuse_moved(self.states)
        for act_key, kept in self._on_record(acts, identities).items():
            act = acts.pop(act_key)
            self._put(act, _on_record(kept, act.fingerprint), again=True)
        return identities

    def _on_record(
        self, acts: dict[str, KeyedFact], identities: dict[Account, KnownIdentity]
    ) -> dict[str, KeptActivity]:
        if not is_distributed(self.session):
            return kept_activities(self.session, acts)
        holder_ids = {each.holder_id for each in identities.values()} | {each.id for each in identities.values()}
        fan_ids = {each.fan_id for each in identities.values() if each.fan_id is not None}
        holder_ids |= holders_before(self.session, fan_ids) | holders_given_up(self.session, identities)
        return kept_activities(self.session, acts, holder_ids=holder_ids)

    def _put(self, act: KeyedFact, outcome: Outcome, *, again: bool = False) -> None:
        """Answer every place the act was sent from: the first as it is, unless it is there `again`, then as a twin."""
        first, *others = self.places[act.act_key]
        self.outcomes[first] = outcome
        if (others or again) and outcome.status == "recorded":
            twin = replace(outcome, status="duplicate")
            others = [first, *others] if again else others
        else:
            twin = outcome
        for place in others:
            self.outcomes[place] = twin


def _on_record(kept: KeptActivity, fingerprint: str) -> Outcome:
    if kept.fingerprint != fingerprint:
        return Outcome("conflict", kept.id, problem=ActivityConflict())
    return Outcome("recorded", kept.id, kept.outcome, kept.reason, kept.points, kept.status_points, kept.verdicts)


def _recorded(each: Judged) -> Outcome:
    kept = [verdict.kept for verdict in each.verdicts]
    return Outcome("recorded", each.id, each.outcome, each.reason, each.points, each.status_points, kept)
