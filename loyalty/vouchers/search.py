"""Vouchers as staff look for them: by state, reward, partner, day and fan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from loyalty.fans.tables import Fan
from loyalty.partners.tables import Device, Partner, Place
from loyalty.rewards.tables import Reward
from loyalty.vouchers import states
from loyalty.vouchers.tables import Scan, SupersededCode, Voucher

_OPEN = (states.ISSUED, states.PARTIALLY_USED, states.BLOCKED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One voucher with what it is for, who hands it out and whose it is."""

    voucher: Voucher
    reward: Reward
    partner: Partner
    fan: Fan | None

    def state(self, now: datetime) -> str:
        """Its state; what is past its date has expired, whether or not the nightly job has come by."""
        return state_of(self.voucher, now)


def state_of(voucher: Voucher, now: datetime) -> str:
    """The state of a voucher now."""
    return states.EXPIRED if voucher.state in _OPEN and voucher.not_after < now else voucher.state


def vouchers(
    session: Session,
    *,
    now: datetime,
    limit: int,
    below_id: int | None = None,
    state: str | None = None,
    reward: str | None = None,
    partner: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    fan_ids: Sequence[int] | None = None,
) -> list[Listed]:
    """Vouchers, the latest first, before the number `below_id`.

    Args:
        reward, partner: slugs.
        since, until: when they were issued, from the one on, before the other.
        fan_ids: whose; None: anybody's.
    """
    wanted: list[Any] = []
    if below_id is not None:
        wanted.append(col(Voucher.id) < below_id)
    if state is not None:
        wanted.append(_is(state, now))
    if reward:
        wanted.append(Reward.slug == reward)
    if partner:
        wanted.append(Partner.slug == partner)
    if since is not None:
        wanted.append(col(Voucher.issued_at) >= since)
    if until is not None:
        wanted.append(col(Voucher.issued_at) < until)
    if fan_ids is not None:
        wanted.append(col(Voucher.holder_id).in_(fan_ids))
    chosen = _joined().where(*wanted).order_by(col(Voucher.id).desc()).limit(limit)
    return [Listed(voucher=row[0], reward=row[1], partner=row[2], fan=row[3]) for row in session.execute(chosen)]


def listed(session: Session, voucher: Voucher) -> Listed:
    """One voucher with what stands around it."""
    row = session.execute(_joined().where(col(Voucher.id) == voucher.id)).one()
    return Listed(voucher=row[0], reward=row[1], partner=row[2], fan=row[3])


def scans_told(session: Session, voucher_id: int) -> list[tuple[Scan, str | None, str | None]]:
    """Every scan of a voucher, refused ones too, with the names of its place and its device, the earliest first."""
    chosen = (
        select(Scan, Place.name, Device.name)
        .outerjoin(Place, col(Place.id) == Scan.place_id)
        .outerjoin(Device, col(Device.id) == Scan.device_id)
        .where(Scan.voucher_id == voucher_id)
        .order_by(col(Scan.id))
    )
    return [(scan, place, device) for scan, place, device in session.exec(chosen)]


def superseded(session: Session, voucher_id: int) -> list[SupersededCode]:
    """The codes a voucher had before, the earliest first."""
    chosen = select(SupersededCode).where(SupersededCode.voucher_id == voucher_id)
    return list(session.exec(chosen.order_by(col(SupersededCode.superseded_at))))


def _joined() -> Any:
    return (
        sa.select(Voucher, Reward, Partner, Fan)
        .join(Reward, col(Reward.id) == Voucher.reward_id)
        .join(Partner, col(Partner.id) == Voucher.partner_id)
        .outerjoin(Fan, col(Fan.id) == Voucher.fan_id)
    )


def _is(state: str, now: datetime) -> sa.ColumnElement[bool]:
    kept, ends = col(Voucher.state), col(Voucher.not_after)
    if state == states.EXPIRED:
        return sa.or_(kept == state, sa.and_(kept.in_(_OPEN), ends < now))
    return sa.and_(kept == state, ends >= now) if state in _OPEN else kept == state
