"""Two fans turn out to be one person: points, accounts, vouchers and questions of the one become the other's.

No old entry is touched: the points move lot by lot, by entries of their own, as when an account is linked.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlmodel import Session

from loyalty import clock, ids
from loyalty.access import sessions
from loyalty.animations import parts
from loyalty.db import TryAgain, Writer
from loyalty.errors import NotFound
from loyalty.fans import give_codes, seen
from loyalty.fans.merge import Kept, MergedElsewhere, SameFan, take_over
from loyalty.fans.tables import Fan
from loyalty.ledger import post
from loyalty.rewards import redemptions
from loyalty.rules.tallies import move_tallies
from loyalty.staff import audit
from loyalty.tiers.hand_over import hand_over
from loyalty.vouchers import issue

CAUSE = "merge"


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    """What moved; `is_new` is False when the two were merged before."""

    points: int = 0
    vouchers: int = 0
    is_new: bool = True


def merge_fans(db: Writer, *, source_id: int, target_id: int, kept: Kept, reason: str, actor: str) -> Merged:
    """Merge the source into the target. What an account of the source does from now on is the target's.

    Args:
        kept: which of the source's names replace the target's; what the target has none of is taken over anyway.

    Raises:
        NotFound: one of them does not exist, or was erased.
        SameFan
        MergedElsewhere: one of them was merged into somebody else.
    """
    if source_id == target_id:
        raise SameFan

    def steps(session: Session) -> Merged:
        parts.lock_parts(session, [source_id, target_id])
        states = post.lock(session, [source_id, target_id])  # both at once, so two mergers cannot cross
        source, target = (_fan(session, each) for each in (source_id, target_id))
        if source.merged_into == target_id:
            return Merged(is_new=False)
        for fan in (source, target):
            if fan.merged_into is not None:
                raise MergedElsewhere(fan=str(fan.merged_into))
        if len(states) < 2:
            raise TryAgain
        had = _seen(states[source_id], source), _seen(states[target_id], target)
        now = clock.now()
        points = post.move(
            session,
            states[source_id],
            states[target_id],
            cause=CAUSE,
            cause_id=ids.new(),
            effective_at=now,
        )
        hand_over(session, source_id=source_id, target_id=target_id, now=now)
        move_tallies(session, source_id=source_id, target_id=target_id)
        parts.give_parts(session, source_id=source_id, target_id=target_id)
        redemptions.give_to(session, source_id=source_id, target_id=target_id)
        vouchers = issue.give_to(session, source_id=source_id, target_id=target_id)
        take_over(session, source, target, kept=kept)
        give_codes.forget_fan(session, source_id)
        seen.note_seen(session, [target_id])  # somebody asked for it: that is a sign of life
        sessions.revoke_all(session, kind=sessions.FAN, subject_id=source_id)
        audit.record(
            session,
            actor=actor,
            action="fan.merged",
            subject=f"fan:{target_id}",
            before={"source": had[0], "target": had[1]},
            after={
                "source": {**_seen(states[source_id], source), "merged_into": str(target_id)},
                "target": _seen(states[target_id], target),
                "points_moved": points,
                "vouchers_moved": vouchers,
                "kept_of_source": [name for name in ("email", "reference", "display_name") if getattr(kept, name)],
            },
            reason=reason,
        )
        return Merged(points=points, vouchers=vouchers)

    return db.write(steps)


def _fan(session: Session, fan_id: int) -> Fan:
    fan = session.get(Fan, fan_id)
    if fan is None or fan.erased_at is not None:
        raise NotFound(what="fan")
    return fan


def _seen(state: post.HolderState, fan: Fan) -> dict[str, str | int]:
    """For the audit trail: figures and the number. Names are not kept there, for there they could not be erased."""
    return {"fan": str(fan.id), "points": state.balance, "status": state.status, "debt": state.debt}
