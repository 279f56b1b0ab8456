"""A redemption becomes a voucher."""

import secrets
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlmodel import Session

from loyalty import ids
from loyalty.rewards.tables import Redemption, Reward
from loyalty.vouchers.states import ISSUED
from loyalty.vouchers.tables import Voucher
from loyalty.vouchers.token import Body

_voucher = Voucher.__table__  # type: ignore[attr-defined]
_INSERT = sa.insert(_voucher)


def issue(session: Session, redemption: Redemption, reward: Reward, *, zone: ZoneInfo) -> Voucher:
    """Make the voucher of a redemption, under the terms the reward has now.

    Args:
        zone: the programme's; a voucher is good until the end of its last day there.
    """
    row: dict[str, Any] = {
        "id": ids.new(),
        "bucket": redemption.bucket,
        "token_id": new_token_id(redemption.bucket),
        "redemption_id": redemption.id,
        "holder_id": redemption.holder_id,
        "fan_id": redemption.fan_id,
        "reward_id": reward.id,
        "partner_id": reward.partner_id,
        "state": ISSUED,
        "uses": 0,
        "max_uses": reward.max_uses,
        "generation": 0,
        "not_before": redemption.created_at,
        "not_after": last_instant(redemption.created_at, reward.valid_days, zone),
        "issued_at": redemption.created_at,
    }
    session.execute(_INSERT, row)
    return Voucher(**row)


def last_instant(issued_at: datetime, valid_days: int, zone: ZoneInfo) -> datetime:
    """The last second of the day that comes `valid_days` after the day of issue.

    A whole second, because the code says it in seconds; the end of a day, because that is how people read it.
    """
    day_after = issued_at.astimezone(zone).date() + timedelta(days=valid_days + 1)
    return datetime.combine(day_after, time(), zone).astimezone(issued_at.tzinfo) - timedelta(seconds=1)


def new_token_id(bucket: int) -> str:
    """A byte that names the bucket and 7 random ones, as 16 hexadecimal digits."""
    return f"{bucket:02x}{secrets.token_hex(7)}"


def bucket_in(token_id: str) -> int:
    """The bucket of the voucher that has, or had, this code, if any does."""
    return int(token_id[:2], 16)


def body_of(voucher: Voucher) -> Body:
    """What the code of a voucher says now."""
    return Body(
        token_id=voucher.token_id,
        scope=voucher.partner_id,
        reward=voucher.reward_id,
        not_after=voucher.not_after,
        max_uses=voucher.max_uses,
        generation=voucher.generation,
    )


def give_to(session: Session, *, source_id: int, target_id: int) -> int:
    """Give one fan's vouchers to another; codes, states and the bucket that the codes name stay. Returns how many."""
    given: Any = session.execute(
        sa.update(_voucher).where(_voucher.c.holder_id == source_id).values(fan_id=target_id, holder_id=target_id)
    )
    return int(given.rowcount)
