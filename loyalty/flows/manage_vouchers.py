"""Staff act on one voucher: block it, let it be used again, give it another code."""

from collections.abc import Callable

from sqlmodel import Session

from loyalty import clock
from loyalty.db import Writer
from loyalty.staff import audit
from loyalty.staff.audit import Actor
from loyalty.vouchers import find, issue, states
from loyalty.vouchers.refusals import VoucherEnded
from loyalty.vouchers.tables import Voucher


def block_voucher(db: Writer, *, redemption_id: int, actor: Actor | str, reason: str) -> Voucher:
    """Stop a voucher from being used, for the time being; the second time changes nothing.

    Raises:
        VoucherNotFound
        VoucherEnded: there is nothing left to stop.
    """
    return _change(db, "blocked", states.block, redemption_id, actor, reason, unless=(states.BLOCKED,))


def unblock_voucher(db: Writer, *, redemption_id: int, actor: Actor | str, reason: str) -> Voucher:
    """Let a blocked voucher be used again; one that is not blocked stays as it is.

    Raises:
        VoucherNotFound
        VoucherEnded: it was cancelled, used up or has expired.
    """
    open_states = (states.ISSUED, states.PARTIALLY_USED)
    return _change(db, "unblocked", states.unblock, redemption_id, actor, reason, unless=open_states)


def reissue_voucher(db: Writer, *, redemption_id: int, actor: Actor | str, reason: str) -> Voucher:
    """Give a voucher another code, because others have seen the one it has; that one is refused from now on.

    Raises:
        VoucherNotFound
        VoucherEnded: it was cancelled, used up or has expired, or was re-issued 255 times.
    """

    def another_code(session: Session, voucher: Voucher) -> bool:
        return states.reissue(session, voucher, token_id=issue.new_token_id(voucher.bucket), now=clock.now())

    return _change(db, "reissued", another_code, redemption_id, actor, reason)


def _change(
    db: Writer,
    done: str,
    move: Callable[[Session, Voucher], bool],
    redemption_id: int,
    actor: Actor | str,
    reason: str,
    *,
    unless: tuple[str, ...] = (),
) -> Voucher:
    def steps(session: Session) -> Voucher:
        voucher = find.by_redemption(session, redemption_id)
        if move(session, voucher):
            audit.record(
                session,
                actor=actor,
                action=f"voucher.{done}",
                subject=f"redemption:{redemption_id}",
                reason=reason,
            )
            session.refresh(voucher)
        else:
            session.refresh(voucher)
            if voucher.state not in unless:
                raise VoucherEnded(state=voucher.state)
        return voucher

    return db.write(steps)
