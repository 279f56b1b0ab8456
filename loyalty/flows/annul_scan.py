"""Staff take a scan back that its device no longer can: the use goes back to the voucher."""

from __future__ import annotations

from typing import Any

from sqlmodel import Session

from loyalty.db import Writer
from loyalty.staff import audit
from loyalty.vouchers import find
from loyalty.vouchers.tables import Voucher
from loyalty.vouchers.take_back import take_back


def annul_scan(db: Writer, *, redemption_id: int, scan_id: int, actor: str, reason: str) -> None:
    """Give the use of a scan back to its voucher; the second time changes nothing.

    Raises:
        VoucherNotFound
        ScanNotFound: there is none, or it is of another voucher.
        ScanNotAUse: it was refused.
    """

    def steps(session: Session) -> None:
        voucher = find.by_redemption(session, redemption_id)
        before = _described(voucher, scan_id)
        if take_back(session, scan_id, voucher=voucher, explanation=reason):
            audit.record(
                session,
                actor=actor,
                action="scan.annulled",
                subject=f"redemption:{redemption_id}",
                before=before,
                after=_described(voucher, scan_id),
                reason=reason,
            )

    db.write(steps)


def _described(voucher: Voucher, scan_id: int) -> dict[str, Any]:
    return {"scan": str(scan_id), "uses": voucher.uses, "state": voucher.state}
