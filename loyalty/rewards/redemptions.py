"""A redemption is written down, and struck out."""

from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from loyalty import bulk, clock
from loyalty.ids import bucket_of
from loyalty.rewards.tables import Redemption, Reward

_redemption = Redemption.__table__  # type: ignore[attr-defined]
_INSERT = sa.insert(_redemption)


def record(session: Session, *, redemption_id: int, fan_id: int, reward: Reward, unit_id: int) -> Redemption:
    """Write down that a fan spent the points a reward costs now and got one unit of it."""
    row: dict[str, Any] = {
        "id": redemption_id,
        "bucket": bucket_of(fan_id),
        "holder_id": fan_id,
        "fan_id": fan_id,
        "reward_id": reward.id,
        "unit_id": unit_id,
        "cost_points": reward.cost_points,
        "created_at": clock.now(),
    }
    session.execute(_INSERT, row)
    return Redemption(**row)


def of_fan(session: Session, fan_id: int) -> list[Redemption]:
    """Every redemption of a fan, the earliest first."""
    return list(session.exec(select(Redemption).where(Redemption.fan_id == fan_id).order_by(col(Redemption.id))))


def strike_out(session: Session, redemption: Redemption, *, actor: str, reason: str) -> Redemption:
    """Mark a live redemption as cancelled; who and why stay on record."""
    struck = session.execute(
        sa.update(_redemption)
        .where(
            _redemption.c.id == redemption.id,
            _redemption.c.bucket == redemption.bucket,
            _redemption.c.cancelled_at.is_(None),
        )
        .values(cancelled_at=clock.now(), cancelled_by=actor, cancelled_because=reason)
    )
    assert struck.rowcount == 1, "only a live redemption is cancelled"  # type: ignore[attr-defined]
    session.refresh(redemption)
    return redemption


def give_to(session: Session, *, source_id: int, target_id: int) -> int:
    """Show one fan's redemptions as another's; the journal remembers who paid. Returns how many."""
    theirs = (_redemption.c.holder_id == source_id, _redemption.c.bucket == bucket_of(source_id))
    return bulk.move(session, _redemption, theirs, fan_id=target_id, holder_id=target_id, bucket=bucket_of(target_id))
