"""Participation arrives: it is recorded once, judged by the rules in force when it happened, and posted.

A batch is one transaction a thousand facts: identities first, then the locks of their buckets, then everything is read
set by set, judged in Python and written set by set.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session

from loyalty import clock, ids
from loyalty.activities.fact import ActivityFact, KeyedFact
from loyalty.activities.find import WHOLE, KeptActivity, earlier_acts, kept_activities, waiting_withdrawals
from loyalty.activities.measure import measure
from loyalty.activities.record import Judged, record
from loyalty.db import Writer
from loyalty.errors import Refused
from loyalty.fans.identities import Account, KnownIdentity, meet
from loyalty.flows.reverse import apply_waiting
from loyalty.i18n import Words
from loyalty.ledger.journal import POINTS_UNIT, STATUS_UNIT
from loyalty.ledger.lots import end_of_lot
from loyalty.ledger.post import Award, award, lock, open_holders, refuse_moved
from loyalty.programme.find import TheProgramme, the_programme
from loyalty.rules.evaluate import STATUS_ONLY, Revision, Timeline, Verdict, evaluate, outcome_of
from loyalty.rules.find import current_history
from loyalty.rules.situation import Situation
from loyalty.rules.standing import BatchStanding

BATCH = 1_000
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
        outcomes += db.write(lambda session, batch=batch: _Batch(session, batch, source).run())  # type: ignore[misc]
    return outcomes


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
        history = current_history(self.session)
        acts = self._sift()
        identities = self._resolve(acts)
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
        for act_key, kept in kept_activities(self.session, acts).items():
            act = acts.pop(act_key)
            self._put(act, _on_record(kept, act.fingerprint), again=True)
        return identities

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


class Judge:
    """Judges facts one after the other, each after what the ones before it were awarded.

    It writes nothing: the same judge serves a live batch and a dry run.
    """

    def __init__(
        self, session: Session, programme: TheProgramme, history: dict[int, list[Revision]], *, now: datetime
    ) -> None:
        self.session = session
        self.programme = programme
        self.history = history
        self.now = now
        self.standing = BatchStanding()
        self.awards: list[Award] = []
        self._new_ids: Iterator[int] = iter(())
        self._earlier: dict[tuple[int, int, str | None], int] | None = None  # by holder, day and kind
        self._uncounted: list[tuple[int, int, str]] = []  # judged since, counted when a rule asks
        self._timeline = Timeline(history)
        self._holder_ids: set[int] = set()
        self._days: set[int] = set()

    def read(self, facts: Sequence[ActivityFact], identities: dict[Account, KnownIdentity]) -> None:
        """Read what judging these facts will need."""
        self._new_ids = iter(ids.many(len(facts)))
        self._holder_ids = {each.holder_id for each in identities.values()}
        for fact in facts:
            local = (fact.happened_at or self.now).astimezone(self.programme.zone)
            self._days.add(local.year * 10_000 + local.month * 100 + local.day)
        revisions = [revision for each in self.history.values() for revision in each]
        self.standing.read(self.session, self._holder_ids, self._days, revisions)

    def judge(self, act: KeyedFact, identity: KnownIdentity, *, withdrawn: bool = False) -> Judged:
        """Decide what one fact earns, and count it."""
        fact = act.fact
        happened_at = fact.happened_at or self.now
        words, digest = measure(fact.text) if fact.text is not None else (None, None)
        situation = Situation(
            network=fact.network,
            kind=fact.kind,
            object=fact.object,
            campaign=fact.campaign,
            show=fact.show,
            quantity=fact.quantity,
            words=words,
            text_digest=digest,
            happened_at=happened_at,
            local=happened_at.astimezone(self.programme.zone),
            linked=identity.fan_id is not None,
            earlier_today=lambda kind: self._earlier_today(identity.holder_id, situation.local_day, kind),
        )
        activity_id = next(self._new_ids)
        verdicts: list[Verdict] = []
        outcome, reason = "withdrawn", "withdrawn"
        if not withdrawn:
            standing = self.standing.of(identity.holder_id)
            verdicts = evaluate(situation, self._timeline.at(happened_at), standing)
            outcome, reason = outcome_of(verdicts)
        points = status_points = 0
        for verdict in verdicts:
            if verdict.awarded:
                unit = STATUS_UNIT if verdict.revision.points_class == STATUS_ONLY else POINTS_UNIT
                points += verdict.points if unit == POINTS_UNIT else 0
                status_points += verdict.points if unit == STATUS_UNIT else 0
                self._award(activity_id, identity.holder_id, unit, verdict, happened_at)
                self.standing.note(identity.holder_id, situation, verdict)
        self._uncounted.append((identity.holder_id, situation.local_day, situation.kind))
        return Judged(
            id=activity_id,
            act=act,
            holder_id=identity.holder_id,
            identity_id=identity.id,
            words=words,
            text_digest=digest,
            happened_at=happened_at,
            local_day=situation.local_day,
            outcome=outcome,
            reason=reason,
            points=points,
            status_points=status_points,
            verdicts=verdicts,
        )

    def _award(self, activity_id: int, holder_id: int, unit: str, verdict: Verdict, happened_at: datetime) -> None:
        self.awards.append(
            Award(
                holder_id=holder_id,
                unit=unit,
                amount=verdict.points,
                cause="activity",
                cause_id=activity_id,
                effective_at=happened_at,
                expires_at=end_of_lot(happened_at, self.programme.points_expire_after_months, self.programme.zone),
                rule_revision_id=verdict.revision.id,
            )
        )

    def _earlier_today(self, holder_id: int, day: int, kind: str | None) -> int:
        if self._earlier is None:
            self._earlier = earlier_acts(self.session, self._holder_ids, self._days)
        for judged in self._uncounted:
            for of_kind in (None, judged[2]):
                key = (judged[0], judged[1], of_kind)
                self._earlier[key] = self._earlier.get(key, 0) + 1
        self._uncounted.clear()
        return self._earlier.get((holder_id, day, kind), 0)
