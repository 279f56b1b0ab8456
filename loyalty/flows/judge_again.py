"""An act was withdrawn and made room under a cap: acts that the cap had refused are judged again, the earliest first.

So that nobody loses honest points to a cap that fakes had filled. In the very transaction of the reversal, under its
locks: each act keeps its new verdict, and would be refused by the cap it fills now if it were looked at once more.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from sqlmodel import Session

from loyalty import clock
from loyalty.activities.capped import Row, capped_acts, earlier_that_day
from loyalty.activities.record import JudgedAgain, record_again
from loyalty.fans.identities import former_holders
from loyalty.flows.judge import award_of
from loyalty.ledger.journal import POINTS_UNIT, STATUS_UNIT
from loyalty.ledger.post import Award, HolderState, award, next_legs
from loyalty.programme.find import TheProgramme, the_programme
from loyalty.rules.evaluate import evaluate
from loyalty.rules.find import current_history
from loyalty.rules.second_look import Gain, Room, gains, merged, periods_of, waits_for
from loyalty.rules.situation import Situation
from loyalty.rules.standing import BatchStanding, days_of_week
from loyalty.rules.timeline import Timeline

MOST = 1_000  # acts looked at in one go; those beyond keep their first verdict


@dataclass(slots=True)
class Rooms:
    """Where there is room again, by holder."""

    by_holder: dict[int, set[Room]] = field(default_factory=dict)

    def add(self, holder_id: int, room: Room) -> None:
        """A reversal made room for this holder."""
        self.by_holder.setdefault(holder_id, set()).add(room)


def judge_again(session: Session, states: Mapping[int, HolderState], rooms: Rooms) -> set[int]:
    """Pay what there is room for now. Every holder is locked. Returns those who gained status points."""
    history = current_history(session)
    capped = {rule_id: periods for rule_id, each in history.items() if (periods := periods_of(each))}
    wanted = {
        holder_id: these
        for holder_id, found in rooms.by_holder.items()
        if (these := {room for room in found if room.rule_id in capped})
    }
    if not wanted:
        return set()
    former = former_holders(session, wanted)
    acts = _acts(session, wanted, capped, former)
    slugs = {rule_id: revisions[0].slug for rule_id, revisions in history.items()}
    rule_ids = {slug: rule_id for rule_id, slug in slugs.items()}
    roomy = {holder_id: {slugs[room.rule_id] for room in found} for holder_id, found in wanted.items()}
    now_of = {act.id: former.get(act.holder_id, act.holder_id) for act in acts}
    acts = [act for act in acts if waits_for(act.verdicts, roomy[now_of[act.id]])]
    if not acts:
        return set()
    standing, timeline, programme = BatchStanding(), Timeline(history), the_programme(session)
    revisions = [revision for each in history.values() for revision in each]
    standing.read(session, {(now_of[act.id], act.local_day) for act in acts}, revisions, former=former)
    gained: list[tuple[Row, Situation, list[Gain]]] = []
    for act in acts:
        situation = _situation(session, act, programme)
        gave = {rule_ids[each["rule"]]: each["points"] for each in act.verdicts if each["points"]}
        with standing.without(now_of[act.id], situation, gave):
            verdicts = evaluate(situation, timeline.at(act.happened_at), standing.of(now_of[act.id]))
        found = gains(act.verdicts, verdicts)
        for each in found:
            standing.note(now_of[act.id], situation, each.verdict, had=each.had)
        if found:
            gained.append((act, situation, found))
    if not gained:
        return set()
    awards = _keep(session, states, gained, now_of, programme)
    standing.write(session)
    return {each.holder_id for each in awards if each.unit == STATUS_UNIT}


def _acts(
    session: Session,
    wanted: Mapping[int, set[Room]],
    capped: Mapping[int, Collection[str]],
    former: Mapping[int, int],
) -> list[Row]:
    """The acts that may have been kept from points, of every holder whose history is one of these."""
    everybody = {holder_id: {holder_id} for holder_id in wanted}
    for before, now in former.items():
        everybody[now].add(before)
    days, ever = set(), set()
    for holder_id, rooms in wanted.items():
        for room in rooms:
            periods = capped[room.rule_id]
            if "ever" in periods:
                ever |= everybody[holder_id]
            of_room = days_of_week(room.local_day) if "week" in periods else (room.local_day,)
            days |= {(each, day) for each in everybody[holder_id] for day in of_room}
    return list(capped_acts(session, days=days, ever=ever, limit=MOST))


def _situation(session: Session, act: Row, programme: TheProgramme) -> Situation:
    return Situation(
        network=act.network,
        kind=act.kind,
        object=act.object,
        campaign=act.campaign,
        show=act.show,
        quantity=act.quantity,
        words=act.words,
        text_digest=act.text_digest,
        happened_at=act.happened_at,
        local=act.happened_at.astimezone(programme.zone),
        linked=act.holder_id != act.identity_id,  # as it was then
        earlier_today=lambda kind: earlier_that_day(session, act, kind),
    )


def _keep(
    session: Session,
    states: Mapping[int, HolderState],
    gained: list[tuple[Row, Situation, list[Gain]]],
    now_of: Mapping[int, int],
    programme: TheProgramme,
) -> list[Award]:
    theirs = {each for act, _, _ in gained for each in (act.holder_id, now_of[act.id])}
    legs = next_legs(session, cause="activity", cause_ids=[act.id for act, _, _ in gained], holder_ids=theirs)
    awards: list[Award] = []
    judged = []
    slides_until = programme.expiry.end_of(clock.now(), programme.zone) if programme.expiry.slides else None
    for act, situation, found in gained:
        whose = {"holder_id": now_of[act.id], "cause_id": act.id, "first_leg": legs[act.id]}
        given = [
            award_of(each.verdict, situation, programme, slides_until=slides_until, had=each.had, **whose)
            for each in found
        ]
        awards += given
        points = sum(each.amount for each in given if each.unit == POINTS_UNIT)
        verdicts = merged(act.verdicts, found)
        judged.append(
            JudgedAgain(
                id=act.id,
                bucket=act.bucket,
                outcome="awarded",
                reason="awarded",
                points=act.points + points,
                status_points=act.status_points + sum(each.amount for each in given) - points,
                verdicts=verdicts,
            )
        )
    award(session, states, awards)
    record_again(session, judged)
    return awards
