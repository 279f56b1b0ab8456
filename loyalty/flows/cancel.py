"""A redemption is cancelled: the points go back to their lots, the unit to the stock, the voucher ends."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from sqlmodel import Session

from loyalty import clock, ids
from loyalty.db import TryAgain, Writer
from loyalty.errors import Refused
from loyalty.flows import redeem
from loyalty.flows.merge_fans import CAUSE as MERGED
from loyalty.ledger import post
from loyalty.programme.find import the_programme
from loyalty.rewards import find, redemptions, stock
from loyalty.rewards.tables import Redemption
from loyalty.staff import audit
from loyalty.staff.audit import Actor
from loyalty.vouchers import find as vouchers
from loyalty.vouchers import states
from loyalty.vouchers.refusals import VoucherAlreadyUsed, VoucherEnded
from loyalty.vouchers.tables import Voucher

CAUSE = "cancellation"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancelled:
    """A cancelled redemption, and the fan's points now."""

    redemption: Redemption
    voucher: Voucher
    balance: int


def cancel(db: Writer, *, redemption_id: int, actor: Actor | str, reason: str, fan_id: int | None = None) -> Cancelled:
    """Cancel a redemption whose voucher was never used; the second time answers the same and changes nothing.

    Args:
        fan_id: whose it must be; None: anybody's.

    Raises:
        RedemptionNotFound
        VoucherAlreadyUsed: with where and when; also when a scan is a hair faster.
        VoucherEnded: the voucher has expired.
    """

    def steps(session: Session) -> Cancelled:
        now = clock.now()
        redemption = find.redemption(session, redemption_id, fan_id=fan_id)
        payer_id = post.spender(session, cause=redeem.CAUSE, cause_id=redemption_id)
        locked = post.lock(session, {redemption.holder_id, payer_id})
        state, payer = locked[redemption.holder_id], locked[payer_id]
        post.refuse_moved({state.id: state})
        voucher = vouchers.by_redemption(session, redemption_id)
        if states.cancel(session, voucher, now=now):
            redemptions.strike_out(session, redemption, actor=str(actor), reason=reason)
            post.give_back(
                session,
                payer,
                cause=CAUSE,
                cause_id=redemption_id,
                of_cause=redeem.CAUSE,
                of_cause_id=redemption_id,
                effective_at=now,
            )
            if payer is not state:  # two fans turned out to be one since then
                post.move(session, payer, state, cause=MERGED, cause_id=ids.new(), effective_at=now)
            stock.put_back(session, redemption.reward_id, redemption_id)
            audit.record(
                session,
                actor=actor,
                action="redemption.cancelled",
                subject=f"redemption:{redemption_id}",
                after={"points_given_back": redemption.cost_points},
                reason=reason,
            )
        session.refresh(voucher)
        if voucher.state != states.CANCELLED:
            raise _why_not(session, voucher, the_programme(session).zone)
        session.refresh(redemption)
        return Cancelled(redemption=redemption, voucher=voucher, balance=state.balance)

    return db.write(steps)


def _why_not(session: Session, voucher: Voucher, zone: ZoneInfo) -> Refused | TryAgain:
    first_use = vouchers.first_use(session, voucher.id, zone=zone)
    if first_use is not None:
        return VoucherAlreadyUsed(**first_use)
    if voucher.state == states.EXPIRED:
        return VoucherEnded(state=voucher.state)
    return TryAgain()  # a use was given back between our two looks
