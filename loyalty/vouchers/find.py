"""Vouchers and scans, to be looked at."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlmodel import Session, col, select

from loyalty.partners.tables import Device, Place
from loyalty.rewards.tables import Reward
from loyalty.vouchers import states
from loyalty.vouchers.issue import bucket_in
from loyalty.vouchers.refusals import VoucherNotFound
from loyalty.vouchers.tables import Scan, SupersededCode, Voucher
from loyalty.vouchers.verdict import FirstUse

_voucher = Voucher.__table__  # type: ignore[attr-defined]
_OPEN = sa.select(sa.func.count()).where(
    _voucher.c.holder_id == sa.bindparam("fan"),
    _voucher.c.state.in_((states.ISSUED, states.PARTIALLY_USED)),
    _voucher.c.not_after >= sa.bindparam("now"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The voucher a code belongs to; `superseded` says that the code is an old one of it."""

    voucher: Voucher
    reward: Reward
    superseded: bool


def by_token_id(session: Session, token_id: str) -> Found | None:
    """The voucher that has, or had, this code."""
    chosen = select(Voucher, Reward).join(Reward, col(Reward.id) == Voucher.reward_id)
    bucket = bucket_in(token_id)
    row = session.exec(chosen.where(Voucher.token_id == token_id, Voucher.bucket == bucket)).one_or_none()
    superseded = row is None
    if row is None:
        former = sa.and_(
            col(SupersededCode.voucher_id) == Voucher.id, col(SupersededCode.bucket) == col(Voucher.bucket)
        )
        old = chosen.join(SupersededCode, former).where(
            SupersededCode.token_id == token_id, SupersededCode.bucket == bucket
        )
        row = session.exec(old).one_or_none()
    return None if row is None else Found(voucher=row[0], reward=row[1], superseded=superseded)


def by_id(session: Session, voucher_id: int) -> Voucher:
    """One voucher.

    Raises:
        VoucherNotFound
    """
    found = session.exec(select(Voucher).where(Voucher.id == voucher_id)).one_or_none()
    if found is None:
        raise VoucherNotFound
    return found


def by_redemption(session: Session, redemption_id: int, *, fan_id: int | None = None) -> Voucher:
    """The voucher of a redemption.

    Args:
        fan_id: whose it must be; None: anybody's.

    Raises:
        VoucherNotFound: there is none, or it is another fan's: both answer the same.
    """
    chosen = select(Voucher).where(Voucher.redemption_id == redemption_id)
    if fan_id is not None:
        chosen = chosen.where(Voucher.fan_id == fan_id)
    found = session.exec(chosen).one_or_none()
    if found is None:
        raise VoucherNotFound
    return found


def of_fan(
    session: Session, fan_id: int, *, below_id: int | None = None, limit: int = 100
) -> list[tuple[Voucher, Reward]]:
    """A fan's vouchers with their rewards, the latest first, before the voucher `below_id`."""
    chosen = select(Voucher, Reward).join(Reward, col(Reward.id) == Voucher.reward_id)
    chosen = chosen.where(Voucher.holder_id == fan_id)
    if below_id is not None:
        chosen = chosen.where(col(Voucher.id) < below_id)
    return list(session.exec(chosen.order_by(col(Voucher.id).desc()).limit(limit)).all())


def one_of_fan(session: Session, voucher_id: int, *, fan_id: int) -> tuple[Voucher, Reward]:
    """One voucher of a fan, and what it is for.

    Raises:
        VoucherNotFound: there is none, or it is another fan's: both answer the same.
    """
    chosen = select(Voucher, Reward).join(Reward, col(Reward.id) == Voucher.reward_id)
    row = session.exec(chosen.where(Voucher.id == voucher_id, Voucher.fan_id == fan_id)).one_or_none()
    if row is None:
        raise VoucherNotFound
    return row[0], row[1]


def how_many_open(session: Session, fan_id: int, *, now: datetime) -> int:
    """How many vouchers of a fan can be shown now."""
    return int(session.execute(_OPEN, {"fan": fan_id, "now": now}).scalar_one())


def scans_of_fan(session: Session, fan_id: int) -> Sequence[Any]:
    """Where and when a fan's vouchers were read, the earliest first."""
    theirs = _vouchers_where(col(Voucher.fan_id) == fan_id)
    told = (col(each) for each in (Scan.id, Scan.voucher_id, Scan.result, Scan.reason, Scan.recorded_at))
    chosen = (
        sa.select(*told, col(Scan.annulled_at), col(Place.name).label("place"))
        .join(theirs, theirs.c.id == Scan.voucher_id)
        .outerjoin(Place, col(Place.id) == Scan.place_id)
    )
    return session.execute(chosen.order_by(col(Scan.id))).all()


def latest_scans_of_fan(session: Session, fan_id: int, *, limit: int, below_id: int | None = None) -> Sequence[Any]:
    """Where and when a fan's vouchers were read and what they are for, the latest first."""
    theirs = _vouchers_where(col(Voucher.holder_id) == fan_id)
    told = (col(each) for each in (Scan.id, Scan.result, Scan.reason, Scan.recorded_at, Scan.annulled_at))
    names = (col(Reward.name_fr), col(Reward.name_en))
    chosen = (
        sa.select(*told, *names, theirs.c.redemption_id, col(Place.name).label("place"))
        .join(theirs, theirs.c.id == Scan.voucher_id)
        .join(Reward, col(Reward.id) == theirs.c.reward_id)
        .outerjoin(Place, col(Place.id) == Scan.place_id)
        .order_by(col(Scan.id).desc())
        .limit(limit)
    )
    if below_id is not None:
        chosen = chosen.where(col(Scan.id) < below_id)
    return session.execute(chosen).all()


def first_use(session: Session, voucher_id: int, *, zone: ZoneInfo) -> FirstUse | None:
    """When, where and by which device a voucher was first used, if that use still counts.

    Args:
        zone: in which the instant is told.
    """
    row = session.exec(
        select(Scan.recorded_at, Place.name, Device.name)
        .join(Place, col(Place.id) == Scan.place_id)
        .join(Device, col(Device.id) == Scan.device_id)
        .where(Scan.voucher_id == voucher_id, Scan.result == "ok", col(Scan.annulled_at).is_(None))
        .order_by(col(Scan.id))
        .limit(1)
    ).one_or_none()
    if row is None:
        return None
    recorded_at, place, device = row
    return FirstUse(at=recorded_at.astimezone(zone).isoformat(), place=place, device=device)


def _vouchers_where(which: sa.ColumnElement[bool]) -> sa.CTE:
    """Vouchers, read by themselves: on many machines their scans stand elsewhere, with the devices."""
    told = (col(each) for each in (Voucher.id, Voucher.reward_id, Voucher.redemption_id))
    return sa.select(*told).where(which).cte("theirs").prefix_with("MATERIALIZED")
