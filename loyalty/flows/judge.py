"""Judges facts one after the other, each after what the ones before it were awarded; writes nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from sqlmodel import Session

from loyalty import ids
from loyalty.activities.fact import ActivityFact, KeyedFact
from loyalty.activities.find import earlier_acts
from loyalty.activities.measure import measure
from loyalty.activities.record import Judged
from loyalty.day import day_number
from loyalty.fans.identities import Account, KnownIdentity
from loyalty.ledger.journal import POINTS_UNIT, STATUS_UNIT
from loyalty.ledger.post import Award
from loyalty.programme.find import TheProgramme
from loyalty.programme.years import end_of_year
from loyalty.rules.evaluate import STATUS_ONLY, Revision, Verdict, evaluate
from loyalty.rules.outcome import outcome_of
from loyalty.rules.situation import Situation
from loyalty.rules.standing import BatchStanding
from loyalty.rules.timeline import Timeline


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
        self.slides_until = programme.expiry.end_of(now, programme.zone) if programme.expiry.slides else None
        self.standing = BatchStanding()
        self.awards: list[Award] = []
        self._new_ids: Iterator[int] = iter(())
        self._earlier: dict[tuple[int, int, str | None], int] | None = None  # by holder, day and kind
        self._uncounted: list[tuple[int, int, str]] = []  # judged since, counted when a rule asks
        self._timeline = Timeline(history)
        self._acts: set[tuple[int, int]] = set()  # holder and local day
        self._local: dict[datetime, datetime] = {}  # an instant in the programme's zone, which takes long to find
        self._former: dict[int, int] = {}  # what an account held before it was linked, with its fan

    def read(self, facts: Sequence[ActivityFact], identities: dict[Account, KnownIdentity]) -> None:
        """Read what judging these facts will need."""
        self._new_ids = iter(ids.many(len(facts)))
        for fact in facts:
            identity = identities.get((fact.network, fact.actor))
            if identity is not None:
                happened_at = fact.happened_at or self.now
                local = self._local[happened_at] = happened_at.astimezone(self.programme.zone)
                self._acts.add((identity.holder_id, day_number(local)))
                if identity.id != identity.holder_id:
                    self._former[identity.id] = identity.holder_id
        revisions = [revision for each in self.history.values() for revision in each]
        self.standing.read(self.session, self._acts, revisions, former=self._former)

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
            local=self._local.get(happened_at) or happened_at.astimezone(self.programme.zone),
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
                whose = {"holder_id": identity.holder_id, "cause_id": activity_id}
                award = award_of(verdict, situation, self.programme, slides_until=self.slides_until, **whose)
                points += verdict.points if award.unit == POINTS_UNIT else 0
                status_points += verdict.points if award.unit == STATUS_UNIT else 0
                self.awards.append(award)
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

    def _earlier_today(self, holder_id: int, day: int, kind: str | None) -> int:
        if self._earlier is None:
            self._earlier = earlier_acts(self.session, self._acts)
        for judged in self._uncounted:
            for of_kind in (None, judged[2]):
                key = (judged[0], judged[1], of_kind)
                self._earlier[key] = self._earlier.get(key, 0) + 1
        self._uncounted.clear()
        return self._earlier.get((holder_id, day, kind), 0)


def award_of(
    verdict: Verdict,
    situation: Situation,
    programme: TheProgramme,
    *,
    holder_id: int,
    cause_id: int,
    slides_until: datetime | None,
    had: int = 0,
    first_leg: int = 0,
) -> Award:
    """What a verdict has the ledger grant: how much of what, spendable from when, until when.

    Args:
        had: what of it was granted before.
        slides_until, first_leg: see `Award`.
    """
    happened_at, hours = situation.happened_at, verdict.revision.pending_hours
    is_status = verdict.revision.points_class == STATUS_ONLY
    if hours is None:
        hours = programme.hours_pending(kind=situation.kind, network=situation.network)
    return Award(
        holder_id=holder_id,
        unit=STATUS_UNIT if is_status else POINTS_UNIT,
        amount=verdict.points - had,
        cause="activity",
        cause_id=cause_id,
        effective_at=happened_at,
        expires_at=end_of_year(situation.local, programme.tier_year_starts, programme.zone)
        if is_status
        else programme.expiry.end_of(situation.local, programme.zone),
        slides_until=None if is_status else slides_until,
        available_at=happened_at + timedelta(hours=hours) if hours else None,
        rule_revision_id=verdict.revision.id,
        first_leg=first_leg,
    )
