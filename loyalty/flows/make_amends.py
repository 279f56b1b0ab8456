"""A question is answered, and points are given with the answer: both or neither."""

from __future__ import annotations

from dataclasses import dataclass

from sqlmodel import Session

from loyalty.db import Joined, Writer
from loyalty.fans import disputes
from loyalty.flows.adjust import Adjusted, adjust_points
from loyalty.flows.contest import answer_dispute


@dataclass(frozen=True, slots=True, kw_only=True)
class Amends:
    """Points to give with an answer; `key` is the form's, see `adjust_points`."""

    amount: int
    reason: str
    key: int


def answer_with_amends(
    db: Writer, dispute_id: int, *, answer: str, amends: Amends | None, actor: str
) -> Adjusted | None:
    """Answer a question.

    Returns:
        what became of the points: a large amount waits for a second person, the answer does not.

    Raises:
        NotFound
        AlreadyAnsweredDispute: nothing was given.
    """

    def steps(session: Session) -> Adjusted | None:
        here, adjusted = Joined(session), None
        asked = disputes.get(session, dispute_id)
        if amends is not None:  # first: the fan's points are locked before anything else of the fan
            adjusted = adjust_points(
                here,
                fan_id=asked.fan_id,
                amount=amends.amount,
                reason=amends.reason,
                key=amends.key,
                actor=actor,
            )
        answer_dispute(here, dispute_id, answer=answer, actor=actor)
        return adjusted

    return db.write(steps)
