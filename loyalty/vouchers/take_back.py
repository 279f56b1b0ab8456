"""Staff take a scan back that its device no longer can: nothing was handed out for it."""

from __future__ import annotations

import sqlalchemy as sa
from sqlmodel import Session

from loyalty import clock
from loyalty.vouchers import states
from loyalty.vouchers.refusals import ScanNotAUse, ScanNotFound
from loyalty.vouchers.tables import Scan, Voucher

_scan = Scan.__table__  # type: ignore[attr-defined]


def take_back(session: Session, scan_id: int, *, voucher: Voucher, explanation: str) -> bool:
    """Give the use of a scan back to its voucher, however old it is; says whether it counted until now.

    Raises:
        ScanNotFound: the voucher has no such scan.
        ScanNotAUse: it was refused.
    """
    of_voucher = sa.and_(_scan.c.id == scan_id, _scan.c.voucher_id == voucher.id)
    result = session.execute(sa.select(_scan.c.result).where(of_voucher)).scalar_one_or_none()
    if result is None:
        raise ScanNotFound
    if result != "ok":
        raise ScanNotAUse
    taken = session.execute(
        sa.update(_scan)
        .where(of_voucher, _scan.c.annulled_at.is_(None))
        .values(annulled_at=clock.now(), annulled_because=explanation)
    )
    if taken.rowcount != 1:  # type: ignore[attr-defined]
        return False
    states.give_use_back(session, voucher.id, voucher.bucket)
    session.refresh(voucher)
    return True
