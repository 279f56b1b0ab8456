"""An act is withdrawn: what it earned is taken back once, as it was recorded, also when the withdrawal came first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from loyalty import clock
from loyalty.activities.fact import WithdrawnFact
from loyalty.activities.find import WHOLE, KeptActivity, kept_activities
from loyalty.activities.record import mark_withdrawn
from loyalty.activities.withdrawals import WaitingWithdrawal, keep_withdrawals, mark_applied, overdue, waiting
from loyalty.db import Writer, is_distributed
from loyalty.fans.identities import holders_before, holders_of
from loyalty.flows.judge_again import Rooms, judge_again
from loyalty.ledger.journal import POINTS_UNIT
from loyalty.ledger.post import HolderState, Recorded, lock, recorded, refuse_moved, reverse
from loyalty.programme.find import the_programme
from loyalty.programme.points_policy import NONE, WITHIN_BALANCE, debt_policy
from loyalty.rules.second_look import Room
from loyalty.rules.tallies import take_off
from loyalty.tiers.review import review


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """What became of one withdrawal: "reversed" now, "waiting" for its act, or a "duplicate" of one known.

    `points` were taken, or are owed; what the programme forgives does not count.
    """

    status: str
    points: int = 0


def withdraw(db: Writer, facts: Sequence[WithdrawnFact], *, source: str) -> list[Withdrawn]:
    """Take back what these acts earned.

    Args:
        facts: withdrawals, whole or in part; the same again changes nothing.
        source: who told us.

    Returns:
        one answer for each, in their order.
    """

    def steps(session: Session) -> list[Withdrawn]:
        now = clock.now()
        new = keep_withdrawals(session, facts, source=source, now=now)
        act_keys = {fact.act_key for fact, is_new in zip(facts, new, strict=True) if is_new}
        reversed_points = apply_waiting(session, act_keys, now=now)
        answers = []
        for fact, is_new in zip(facts, new, strict=True):
            points = reversed_points.get((fact.act_key, fact.withdrawn_quantity or WHOLE))
            if not is_new:
                answers.append(Withdrawn("duplicate"))
            else:
                answers.append(Withdrawn("waiting") if points is None else Withdrawn("reversed", points))
        return answers

    return db.write(steps)


def settle_withdrawals(db: Writer, *, limit: int = 500) -> int:
    """Apply withdrawals that crossed their act in flight. Returns how many acts were settled."""
    act_keys = db.read(lambda session: overdue(session, limit))
    if not act_keys:
        return 0
    return len(db.write(lambda session: apply_waiting(session, act_keys, now=clock.now())))


def apply_waiting(session: Session, act_keys: Iterable[str], *, now: datetime) -> dict[tuple[str, int], int]:
    """Apply the waiting withdrawals of those acts that are on record.

    Returns:
        the points taken back, by act key and withdrawn quantity; an act not on record is missing.
    """
    acts = kept_activities(session, act_keys)
    if not acts:
        return {}
    holders = holders_of(session, {act.identity_id for act in acts.values()})
    states = lock(session, holders.values())
    refuse_moved(states)
    applied, ranked, rooms, policy = {}, set(), Rooms(), debt_policy(session)
    for each in waiting(session, acts):
        act = acts[each.act_key]
        state = states[holders[act.identity_id]]
        had = state.status
        points = _apply(session, act, each, state, policy, rooms)
        mark_applied(session, each.id, points=points, now=now)
        applied[each.act_key, each.withdrawn_quantity] = points
        if state.status != had:
            ranked.add(state.id)
    ranked |= judge_again(session, states, rooms)
    if ranked:
        review(session, ranked, programme=the_programme(session), now=now)
    return applied


def _apply(
    session: Session, act: KeptActivity, withdrawal: WaitingWithdrawal, state: HolderState, policy: str, rooms: Rooms
) -> int:
    whole = withdrawal.withdrawn_quantity == WHOLE or withdrawal.withdrawn_quantity >= act.quantity
    takes: list[tuple[Recorded, int]] = []
    holder_ids = {act.holder_id, state.id}
    if is_distributed(session):
        holder_ids |= holders_before(session, [state.id])
    legs = recorded(session, cause="activity", cause_id=act.id, holder_ids=holder_ids)
    for leg in legs:
        target = leg.amount if whole else leg.amount * withdrawal.withdrawn_quantity // act.quantity
        if target > leg.reversed:
            takes.append((leg, target - leg.reversed))
    forgiven = reverse(
        session,
        state,
        takes,
        cause="withdrawal",
        cause_id=withdrawal.id,
        effective_at=withdrawal.happened_at,
        spare=policy == NONE,
        forgive=policy == WITHIN_BALANCE,
    )
    taken = [(leg, amount - left) for (leg, amount), left in zip(takes, forgiven, strict=True)]
    for revision_id, points in _by_rule((leg, amount) for leg, amount in taken if amount).items():
        # What was forgiven stays with the fan, and goes on filling the caps.
        before = sum(leg.kept for leg in legs if leg.rule_revision_id == revision_id)
        rule_id = take_off(
            session,
            holder_id=state.id,
            rule_revision_id=revision_id,
            local_day=act.local_day,
            points=points,
            times=1 if points == before else 0,
        )
        rooms.add(state.id, Room(rule_id, act.local_day))
    if whole:
        mark_withdrawn(session, act.id, act.bucket)
    return sum(amount for leg, amount in taken if leg.unit == POINTS_UNIT)


def _by_rule(taken: Iterable[tuple[Recorded, int]]) -> dict[int, int]:
    points: dict[int, int] = {}
    for leg, amount in taken:
        assert leg.rule_revision_id is not None, "an activity earns by a rule"
        points[leg.rule_revision_id] = points.get(leg.rule_revision_id, 0) + amount
    return points
