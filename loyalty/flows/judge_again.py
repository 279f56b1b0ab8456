"""An act was withdrawn and made room under a cap: acts that the cap had refused are judged again, the earliest first.

So that nobody loses honest points to a cap that fakes had filled. In the very transaction of the reversal, under its
locks: each act keeps its new verdict, and would be refused by the cap it fills now if it were looked at once more.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

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
from loyalty.rules.find import History, current_history
from loyalty.rules.periods import days_of_week
from loyalty.rules.second_look import Gain, Room, gains, merged, periods_of, waits_for
from loyalty.rules.situation import Situation, situation_of
from loyalty.rules.standing import BatchStanding
from loyalty.rules.timeline import Timeline

MOST = 1_000  # acts looked at in one go; those beyond keep their first verdict


@dataclass(slots=True)
class Rooms:
    """Where there is room again, by holder."""

    by_holder: dict[int, set[Room]] = field(default_factory=dict)

    def add(self, holder_id: int, room: Room) -> None:
        """A reversal made room for this holder."""
        self.by_holder.setdefault(holder_id, set()).add(room)


@dataclass(frozen=True, slots=True)
class _Act:
    """An act on record, and whose it is by now."""

    row: Row
    holder_id: int


@dataclass(frozen=True, slots=True)
class _Gained:
    """What the rules give for an act beyond what they gave."""

    act: _Act
    situation: Situation
    gains: list[Gain]


def judge_again(session: Session, states: Mapping[int, HolderState], rooms: Rooms) -> set[int]:
    """Pay what there is room for now. Every holder is locked. Returns those who gained status points."""
    history = current_history(session)
    wanted = _under_a_cap(rooms, history)
    if not wanted:
        return set()
    former = former_holders(session, wanted)
    acts = _waiting(session, wanted, history, former)
    if not acts:
        return set()
    standing, programme = BatchStanding(), the_programme(session)
    days = {(act.holder_id, act.row.local_day) for act in acts}
    standing.read(session, days, [revision for each in history.values() for revision in each], former=former)
    gained = _judge(session, acts, history, standing, programme)
    if not gained:
        return set()
    awards = _keep(session, states, gained, programme)
    standing.write(session)
    return {each.holder_id for each in awards if each.unit == STATUS_UNIT}


def _under_a_cap(rooms: Rooms, history: History) -> dict[int, set[Room]]:
    """Where the room is one under a cap that a rule still has."""
    capped = {rule_id for rule_id, revisions in history.items() if periods_of(revisions)}
    found = {
        holder_id: {room for room in made if room.rule_id in capped} for holder_id, made in rooms.by_holder.items()
    }
    return {holder_id: made for holder_id, made in found.items() if made}


def _waiting(
    session: Session, wanted: Mapping[int, set[Room]], history: History, former: Mapping[int, int]
) -> list[_Act]:
    """The acts that a cap kept from points where there is room now, the earliest first."""
    everybody = {holder_id: {holder_id} for holder_id in wanted}
    for before, now in former.items():
        everybody[now].add(before)
    days, ever = set(), set()
    for holder_id, rooms in wanted.items():
        for room in rooms:
            periods = periods_of(history[room.rule_id])
            if "ever" in periods:
                ever |= everybody[holder_id]
            of_room = days_of_week(room.local_day) if "week" in periods else (room.local_day,)
            days |= {(each, day) for each in everybody[holder_id] for day in of_room}
    rows = capped_acts(session, days=days, ever=ever, limit=MOST)
    acts = [_Act(row, former.get(row.holder_id, row.holder_id)) for row in rows]
    roomy = {holder_id: {history[room.rule_id][0].slug for room in rooms} for holder_id, rooms in wanted.items()}
    return [act for act in acts if waits_for(act.row.verdicts, roomy[act.holder_id])]


def _judge(
    session: Session, acts: Iterable[_Act], history: History, standing: BatchStanding, programme: TheProgramme
) -> list[_Gained]:
    """Judge each act after what the ones before it gained; those that gain nothing are left out."""
    timeline = Timeline(history)
    rule_ids = {revisions[0].slug: rule_id for rule_id, revisions in history.items()}
    gained = []
    for act in acts:
        row, holder_id = act.row, act.holder_id
        situation = situation_of(row, zone=programme.zone, earlier_today=partial(earlier_that_day, session, row))
        gave = {rule_ids[each["rule"]]: each["points"] for each in row.verdicts if each["points"]}
        with standing.without(holder_id, situation, gave):
            verdicts = evaluate(situation, timeline.at(row.happened_at), standing.of(holder_id))
        found = gains(row.verdicts, verdicts)
        for each in found:
            standing.note(holder_id, situation, each.verdict, had=each.had)
        if found:
            gained.append(_Gained(act, situation, found))
    return gained


def _keep(
    session: Session, states: Mapping[int, HolderState], gained: Sequence[_Gained], programme: TheProgramme
) -> list[Award]:
    """Post what was gained, and keep the new verdicts."""
    theirs = {each for one in gained for each in (one.act.row.holder_id, one.act.holder_id)}
    legs = next_legs(session, cause="activity", cause_ids=[each.act.row.id for each in gained], holder_ids=theirs)
    slides_until = programme.expiry.end_of(clock.now(), programme.zone) if programme.expiry.slides else None
    awards: list[Award] = []
    judged = []
    for one in gained:
        row = one.act.row
        whose = {"holder_id": one.act.holder_id, "cause_id": row.id, "first_leg": legs[row.id]}
        given = [
            award_of(each.verdict, one.situation, programme, slides_until=slides_until, had=each.had, **whose)
            for each in one.gains
        ]
        awards += given
        points = sum(each.amount for each in given if each.unit == POINTS_UNIT)
        judged.append(
            JudgedAgain(
                id=row.id,
                bucket=row.bucket,
                outcome="awarded",
                reason="awarded",
                points=row.points + points,
                status_points=row.status_points + sum(each.amount for each in given) - points,
                verdicts=merged(row.verdicts, one.gains),
            )
        )
    award(session, states, awards)
    record_again(session, judged)
    return awards
