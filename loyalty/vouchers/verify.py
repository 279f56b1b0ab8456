"""I6: a voucher is in a legal state, its uses are its scans that count, each redemption has one voucher."""

from collections.abc import Iterator

import sqlalchemy as sa
from sqlmodel import Session

from loyalty.breach import Breach
from loyalty.rewards.tables import Redemption
from loyalty.vouchers import states
from loyalty.vouchers.tables import Scan, Voucher

_voucher = Voucher.__table__  # type: ignore[attr-defined]
_scan = Scan.__table__  # type: ignore[attr-defined]
_redemption = Redemption.__table__  # type: ignore[attr-defined]

# In each state, what must hold of the uses.
_USES_IN = {
    states.ISSUED: _voucher.c.uses == 0,
    states.PARTIALLY_USED: sa.and_(_voucher.c.uses > 0, _voucher.c.uses < _voucher.c.max_uses),
    states.USED: _voucher.c.uses == _voucher.c.max_uses,
    states.CANCELLED: _voucher.c.uses == 0,
    states.EXPIRED: _voucher.c.uses < _voucher.c.max_uses,
    states.BLOCKED: _voucher.c.uses < _voucher.c.max_uses,
}


def breaches(session: Session) -> Iterator[Breach]:
    """Every voucher, scan and redemption in breach."""
    yield from _uses_against_scans(session)
    yield from _illegal_states(session)
    yield from _vouchers_against_redemptions(session)


def _uses_against_scans(session: Session) -> Iterator[Breach]:
    counted = (
        sa.select(_scan.c.voucher_id, sa.func.count().label("uses"))
        .where(_scan.c.result == "ok", _scan.c.annulled_at.is_(None))
        .group_by(_scan.c.voucher_id)
        .subquery("counted")
    )
    scans = sa.func.coalesce(counted.c.uses, 0)
    rows = session.execute(
        sa.select(_voucher.c.id, _voucher.c.uses, scans)
        .select_from(_voucher)
        .outerjoin(counted, counted.c.voucher_id == _voucher.c.id)
        .where(_voucher.c.uses != scans)
        .order_by(_voucher.c.id)
    )
    for voucher_id, uses, of_scans in rows:
        yield Breach("I6", f"voucher {voucher_id}", f"{uses} uses, but {of_scans} scans that count")
    strays = session.execute(
        sa.select(_scan.c.id)
        .select_from(_scan)
        .outerjoin(_voucher, _voucher.c.id == _scan.c.voucher_id)
        .where(
            _scan.c.result == "ok",
            sa.or_(_voucher.c.id.is_(None), _voucher.c.partner_id != _scan.c.partner_id),
        )
        .order_by(_scan.c.id)
    )
    for (scan_id,) in strays:
        yield Breach("I6", f"scan {scan_id}", "ok, but of no voucher of this partner")


def _illegal_states(session: Session) -> Iterator[Breach]:
    legal = sa.or_(*(sa.and_(_voucher.c.state == state, uses) for state, uses in _USES_IN.items()))
    ended = _voucher.c.state.in_(states.ENDED)
    rows = session.execute(
        sa.select(_voucher.c.id, _voucher.c.state, _voucher.c.uses, _voucher.c.max_uses, _voucher.c.ended_at)
        .where(sa.or_(sa.not_(legal), ended != _voucher.c.ended_at.is_not(None)))
        .order_by(_voucher.c.id)
    )
    for voucher_id, state, uses, max_uses, ended_at in rows:
        ending = f"ended at {ended_at}" if ended_at else "without an end"
        yield Breach("I6", f"voucher {voucher_id}", f"{state} with {uses} of {max_uses} uses, {ending}")


def _vouchers_against_redemptions(session: Session) -> Iterator[Breach]:
    # One query each way: SQLite knew no FULL JOIN for long.
    orphans = session.execute(
        sa.select(_voucher.c.id, _voucher.c.redemption_id)
        .select_from(_voucher)
        .outerjoin(_redemption, _redemption.c.id == _voucher.c.redemption_id)
        .where(_redemption.c.id.is_(None))
        .order_by(_voucher.c.id)
    )
    for voucher_id, redemption_id in orphans:
        yield Breach("I6", f"voucher {voucher_id}", f"there is no redemption {redemption_id}")
    cancelled = sa.and_(_voucher.c.state == states.CANCELLED, _voucher.c.id.is_not(None))
    rows = session.execute(
        sa.select(_redemption.c.id, _voucher.c.id, _voucher.c.state, _redemption.c.cancelled_at)
        .select_from(_redemption)
        .outerjoin(_voucher, _voucher.c.redemption_id == _redemption.c.id)
        .where(
            sa.or_(_voucher.c.id.is_(None), cancelled != _redemption.c.cancelled_at.is_not(None)),
        )
        .order_by(_redemption.c.id)
    )
    for redemption_id, voucher_id, state, cancelled_at in rows:
        redeemed = f"cancelled at {cancelled_at}" if cancelled_at else "live"
        found = f"voucher {voucher_id} is {state}" if voucher_id else "there is no voucher"
        yield Breach("I6", f"redemption {redemption_id}", f"{redeemed}, but {found}")
