"""What the person at the counter sees: how to hand a reward out, and what this device has read today."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from loyalty.fans.tables import Fan
from loyalty.vouchers import find
from loyalty.vouchers.annul import WITHIN
from loyalty.vouchers.refusals import ScanNotFound
from loyalty.vouchers.tables import Scan
from loyalty.vouchers.verdict import Verdict, from_json

_scan = Scan.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True, kw_only=True)
class Handover:
    """What helps to hand a reward out.

    Attributes:
        condition: what the catalogue says of it, by language.
        initial: the first letter of the fan's name, to ask whose voucher it is: no more of a fan is shown here.
    """

    condition: dict[str, str]
    initial: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """One scan of this device."""

    id: int
    nonce: str
    at: datetime
    verdict: Verdict
    annulled_at: datetime | None
    annulled_because: str | None

    @property
    def state(self) -> str:
        """One of "handed", "undone" and "refused"."""
        if not self.verdict.ok:
            return "refused"
        return "handed" if self.annulled_at is None else "undone"

    def can_be_undone(self, now: datetime) -> bool:
        """Whether this device may still take it back by itself."""
        return self.state == "handed" and now - self.at <= WITHIN


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How many scans came to what."""

    handed: int = 0
    undone: int = 0
    refused: int = 0


def handover(session: Session, token_id: str) -> Handover | None:
    """How to hand out what the voucher of this code is good for; ask only for a partner who may know."""
    found = find.by_token_id(session, token_id)
    if found is None:
        return None
    fan = session.get(Fan, found.voucher.fan_id)
    name = (fan.display_name or "").strip() if fan is not None and fan.erased_at is None else ""
    reward = found.reward
    return Handover(condition={"fr": reward.description_fr, "en": reward.description_en}, initial=name[:1].upper())


def scans(session: Session, device_id: int, *, since: datetime, limit: int) -> list[Read]:
    """What a device read since an instant, the latest first."""
    chosen = select(Scan).where(Scan.device_id == device_id, col(Scan.recorded_at) >= since)
    return [_read(each) for each in session.exec(chosen.order_by(col(Scan.id).desc()).limit(limit))]


def scan(session: Session, scan_id: int, *, device_id: int) -> Read:
    """One scan of a device.

    Raises:
        ScanNotFound: there is none, or it is another device's: both answer the same.
    """
    found = session.exec(select(Scan).where(Scan.id == scan_id, Scan.device_id == device_id)).one_or_none()
    if found is None:
        raise ScanNotFound
    return _read(found)


def count(session: Session, device_id: int, *, since: datetime) -> Counts:
    """How many scans of a device since an instant came to what."""
    state = sa.case((_scan.c.result != "ok", "refused"), (_scan.c.annulled_at.is_(None), "handed"), else_="undone")
    chosen = (
        sa.select(state, sa.func.count())
        .where(_scan.c.device_id == device_id, _scan.c.recorded_at >= since)
        .group_by(state)
    )
    return Counts(**{row[0]: row[1] for row in session.execute(chosen)})


def by_device(session: Session, partner_id: int, *, since: datetime) -> dict[int, Counts]:
    """How many scans of each device of a partner since an instant came to what."""
    state = sa.case((_scan.c.result != "ok", "refused"), (_scan.c.annulled_at.is_(None), "handed"), else_="undone")
    chosen = (
        sa.select(_scan.c.device_id, state, sa.func.count())
        .where(_scan.c.partner_id == partner_id, _scan.c.recorded_at >= since)
        .group_by(_scan.c.device_id, state)
    )
    counted: dict[int, dict[str, int]] = {}
    for device_id, came_to, count in session.execute(chosen):
        counted.setdefault(device_id, {})[came_to] = int(count)
    return {device_id: Counts(**parts) for device_id, parts in counted.items()}


def undo_until(at: datetime) -> datetime:
    """Until when a scan of this instant can be undone by its device."""
    return at + WITHIN


def _read(scan: Scan) -> Read:
    return Read(
        id=scan.id,
        nonce=scan.nonce,
        at=scan.recorded_at,
        verdict=from_json(scan.answer),
        annulled_at=scan.annulled_at,
        annulled_because=scan.annulled_because,
    )
