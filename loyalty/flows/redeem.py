"""A fan spends points on a reward, and gets a voucher for one unit of it: all of that, or nothing."""

from dataclasses import dataclass

from sqlmodel import Session

from loyalty import clock, ids
from loyalty.db import Writer
from loyalty.fans.register import get_fan
from loyalty.ledger import post
from loyalty.programme.find import the_programme
from loyalty.rewards import admission, find, redemptions, stock
from loyalty.rewards.tables import Redemption, Reward
from loyalty.vouchers.issue import issue
from loyalty.vouchers.tables import Voucher

CAUSE = "redemption"


@dataclass(frozen=True, slots=True, kw_only=True)
class Redeemed:
    """What the fan got, and the points left."""

    redemption: Redemption
    reward: Reward
    voucher: Voucher
    balance: int


def redeem(db: Writer, *, fan_id: int, reward_slug: str) -> Redeemed:
    """Redeem one unit of a reward.

    Raises:
        NotFound: there is no such fan.
        RewardNotFound: there is no such reward, or it is not in the catalogue.
        NotRedeemableYet, NoLongerRedeemable: with the date.
        OutOfStock: no point was taken.
        TierNeeded: it is for a tier that the fan does not have.
        LimitReached: with the instant the next is possible, if it ever is.
        NotEnoughPoints: with how many are missing.
    """

    def steps(session: Session) -> Redeemed:
        now = clock.now()
        zone = the_programme(session).zone
        get_fan(session, fan_id)
        reward = find.reward(session, reward_slug)
        assert reward.id is not None
        admission.refuse_outside_windows(reward, now=now, zone=zone)
        stock.refuse_if_sold_out(session, reward.id)
        # Locks from here on: the holder's bucket first, the stock, where strangers meet, last.
        states = post.lock(session, [fan_id])
        post.refuse_moved(states)
        admission.refuse_below_tier(session, reward, holder_id=fan_id, now=now)
        admission.refuse_beyond_limit(session, reward, holder_id=fan_id, now=now, zone=zone)
        state = states.get(fan_id)
        if state is None:
            raise post.NotEnoughPoints(balance=0, cost=reward.cost_points, missing=reward.cost_points)
        redemption_id = ids.new()
        post.spend(
            session,
            state,
            amount=reward.cost_points,
            cause=CAUSE,
            cause_id=redemption_id,
            effective_at=now,
        )
        unit_id = stock.take_one(session, reward.id, redemption_id)
        redemption = redemptions.record(
            session, redemption_id=redemption_id, fan_id=fan_id, reward=reward, unit_id=unit_id
        )
        voucher = issue(session, redemption, reward, zone=zone)
        return Redeemed(redemption=redemption, reward=reward, voucher=voucher, balance=state.balance)

    return db.write(steps)
