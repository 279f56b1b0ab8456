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


# Two sides are counted against each other and not joined: where there are many machines, a voucher stands on another
# than its scans, and after a merger on another than its redemption.
_ZERO, _ONE = (sa.literal_column(each, sa.Integer) for each in ("0", "1"))


def _uses_against_scans(session: Session) -> Iterator[Breach]:
    scanned = sa.and_(_scan.c.result == "ok", _scan.c.annulled_at.is_(None))
    vouchers = sa.select(_voucher.c.id.label("voucher_id"), _voucher.c.uses.label("uses"), _ZERO.label("scans"))
    both = sa.union_all(vouchers, sa.select(_scan.c.voucher_id, _ZERO, _ONE).where(scanned)).subquery("both_sides")
    uses, scans = sa.func.sum(both.c.uses), sa.func.sum(both.c.scans)
    differ = sa.select(both.c.voucher_id, uses, scans).group_by(both.c.voucher_id).having(uses != scans)
    for voucher_id, used, counted in session.execute(differ.order_by(both.c.voucher_id)):
        yield Breach("I6", f"voucher {voucher_id}", f"{used} uses, but {counted} scans that count")
    yield from _strays(session)


def _strays(session: Session) -> Iterator[Breach]:
    """Scans that said yes to no voucher of their partner."""
    sides = sa.union_all(
        sa.select(
            _scan.c.voucher_id.label("voucher_id"),
            _scan.c.partner_id.label("partner_id"),
            _scan.c.id.label("scan_id"),
            _ZERO.label("vouchers"),
        ).where(_scan.c.result == "ok"),
        sa.select(_voucher.c.id, _voucher.c.partner_id, sa.null(), _ONE),
    ).subquery("both_sides")
    pair = (sides.c.voucher_id, sides.c.partner_id)
    strays = sa.select(sa.func.min(sides.c.scan_id)).group_by(*pair).having(sa.func.sum(sides.c.vouchers) == 0)
    for scan_id in sorted(session.execute(strays).scalars()):
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
    vouchers = sa.select(
        _voucher.c.redemption_id.label("redemption_id"),
        _voucher.c.id.label("voucher_id"),
        sa.case((_voucher.c.state == states.CANCELLED, 1), else_=0).label("void"),
        _ZERO.label("redemptions"),
        _ZERO.label("cancelled"),
    )
    cancelled = sa.case((_redemption.c.cancelled_at.is_(None), 0), else_=1)
    redemptions = sa.select(_redemption.c.id, sa.null(), _ZERO, _ONE, cancelled)
    both = sa.union_all(vouchers, redemptions).subquery("both_sides")
    count, voucher_id = sa.func.count(both.c.voucher_id), sa.func.max(both.c.voucher_id)
    void, there, gone = (sa.func.sum(column) for column in (both.c.void, both.c.redemptions, both.c.cancelled))
    rows = session.execute(
        sa.select(both.c.redemption_id, count, voucher_id, there, gone)
        .group_by(both.c.redemption_id)
        .having(sa.or_(there == 0, count != 1, void != gone))
        .order_by(both.c.redemption_id)
    )
    for redemption_id, vouchers_of_it, one_of_them, is_there, is_cancelled in rows:
        where = f"redemption {redemption_id}"
        if not is_there:
            yield Breach("I6", f"voucher {one_of_them}", f"there is no {where}")
        elif vouchers_of_it != 1:
            yield Breach("I6", where, f"has {vouchers_of_it} vouchers")
        elif is_cancelled:
            yield Breach("I6", where, f"cancelled, but voucher {one_of_them} is not")
        else:
            yield Breach("I6", where, f"live, but voucher {one_of_them} is cancelled")
