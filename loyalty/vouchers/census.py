"""How many vouchers are still good: by reward, by partner."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session

from loyalty.vouchers.states import BLOCKED, ISSUED, PARTIALLY_USED
from loyalty.vouchers.tables import Voucher

_voucher = Voucher.__table__  # type: ignore[attr-defined]
LIVE = (ISSUED, PARTIALLY_USED, BLOCKED)  # a blocked one may be let go again


def live_by_reward(session: Session, *, now: datetime, reward_id: int | None = None) -> dict[int, int]:
    """Vouchers that can be used now or once unblocked, by the number of their reward."""
    return _live(session, _voucher.c.reward_id, now, reward_id)


def live_by_partner(session: Session, *, now: datetime, partner_id: int | None = None) -> dict[int, int]:
    """The same by the number of the partner who hands out."""
    return _live(session, _voucher.c.partner_id, now, partner_id)


def _live(session: Session, of: sa.Column[int], now: datetime, number: int | None) -> dict[int, int]:
    chosen = sa.select(of, sa.func.count()).where(_voucher.c.state.in_(LIVE), _voucher.c.not_after >= now).group_by(of)
    if number is not None:
        chosen = chosen.where(of == number)
    return {each: int(count) for each, count in session.execute(chosen)}
