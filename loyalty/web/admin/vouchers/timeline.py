"""Everything that happened to one voucher, in its order: issued, read, refused, taken back, stopped, ended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext
from sqlmodel import Session

from loyalty import clock
from loyalty.staff import audit
from loyalty.vouchers import search, states
from loyalty.vouchers.tables import Scan, Voucher
from loyalty.vouchers.verdict import from_json
from loyalty.web.admin import wording
from loyalty.web.language import spoken

_MOST = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """One line.

    Attributes:
        look: "good", "bad" or "plain".
        scan_id: of a use that still counts, and can be taken back.
    """

    at: datetime
    title: str
    look: str = "plain"
    who: str = ""
    why: str = ""
    scan_id: int | None = None


def timeline(session: Session, voucher: Voucher) -> list[Happening]:
    """What happened to a voucher, the latest first."""
    happened = [Happening(at=voucher.issued_at, title=gettext("Issued"), look="good")]
    for scan, place, device in search.scans_told(session, voucher.id):
        happened += _of_scan(scan, ", ".join(each for each in (place, device) if each))
    for record in audit.find(session, limit=_MOST, subject=f"redemption:{voucher.redemption_id}"):
        if record.action != "scan.annulled":  # the scan says it
            title, who = wording.action(record.action), wording.actor(record.actor)
            happened.append(Happening(at=record.at, title=title, who=who, why=record.reason or ""))
    if search.state_of(voucher, clock.now()) == states.EXPIRED:
        happened.append(Happening(at=voucher.not_after, title=gettext("Expired"), look="bad"))
    return sorted(happened, key=lambda each: each.at, reverse=True)


def _of_scan(scan: Scan, where: str) -> list[Happening]:
    if scan.result != "ok":
        words = from_json(scan.answer).words[spoken()]
        return [Happening(at=scan.recorded_at, title=gettext("Refused"), look="bad", who=where, why=words)]
    counts = scan.annulled_at is None
    title = gettext("Used") if counts else gettext("Used, then taken back")
    used = Happening(
        at=scan.recorded_at, title=title, look="good" if counts else "plain", who=where,
        scan_id=scan.id if counts else None,
    )  # fmt: skip
    if scan.annulled_at is None:
        return [used]
    why = scan.annulled_because or ""
    return [used, Happening(at=scan.annulled_at, title=gettext("Use taken back"), look="bad", who=where, why=why)]
