"""A device takes its own scan back: wrong tap, nothing was handed out."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlmodel import Session, select

from loyalty import clock
from loyalty.partners.devices import DeviceInHand
from loyalty.vouchers import states
from loyalty.vouchers.refusals import ScanNotAUse, ScanNotFound, TooLateToAnnul
from loyalty.vouchers.tables import Scan
from loyalty.vouchers.verdict import RewardShown, from_json

WITHIN = timedelta(minutes=15)

_scan = Scan.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True, kw_only=True)
class Annulled:
    """A scan that no longer counts."""

    scan_id: int
    nonce: str
    reward: RewardShown | None
    annulled_at: datetime
    explanation: str


def annul(session: Session, *, device: DeviceInHand, nonce: str, explanation: str, zone: ZoneInfo) -> Annulled:
    """Give the use of a scan back to its voucher; the second time answers the same and changes nothing.

    Raises:
        ScanNotFound: this device made no such scan.
        ScanNotAUse: it was refused.
        TooLateToAnnul: it is more than 15 minutes old.
    """
    now = clock.now()
    annulled = session.execute(
        sa.update(_scan)
        .where(
            _scan.c.device_id == device.id,
            _scan.c.nonce == nonce,
            _scan.c.result == "ok",
            _scan.c.annulled_at.is_(None),
            _scan.c.recorded_at >= now - WITHIN,
        )
        .values(annulled_at=now, annulled_because=explanation)
        .returning(_scan.c.voucher_id, _scan.c.voucher_bucket)
    ).one_or_none()
    if annulled is not None:
        states.give_use_back(session, annulled.voucher_id, annulled.voucher_bucket)
    scan = session.exec(select(Scan).where(Scan.device_id == device.id, Scan.nonce == nonce)).one_or_none()
    if scan is None:
        raise ScanNotFound
    if scan.result != "ok":
        raise ScanNotAUse
    if scan.annulled_at is None:
        raise TooLateToAnnul(until_at=(scan.recorded_at + WITHIN).astimezone(zone))
    return Annulled(
        scan_id=scan.id,
        nonce=nonce,
        reward=from_json(scan.answer).reward,
        annulled_at=scan.annulled_at.astimezone(zone),
        explanation=scan.annulled_because or "",
    )
