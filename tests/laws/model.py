"""The river as a plain model: a few dictionaries, no database, no locks, no batches."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from tests.laws.wallet import Wallet

CHAT_POINTS, QUIZ_POINTS, QUIZ_A_DAY = 10, 7, 2
MUG_COST, MUG_UNITS = 15, 6
STATUS_POINTS = 10
SMALLEST_GIFT, GIVEN_A_DAY = 3, 30


@dataclass(frozen=True)
class Expiry:
    """When what is earned at an instant expires, under the policy in force."""

    end_of: Callable[[datetime], datetime]
    slides: bool

    def __call__(self, at: datetime) -> datetime:
        """The end of points earned then."""
        return self.end_of(at)


@dataclass
class Act:
    """One act on record: whose it was, what it gave, and whether it still stands."""

    account: str
    kind: str
    day: int
    at: datetime
    expires_at: datetime
    points: int
    stands: bool = True
    capped: bool = False


@dataclass
class Redemption:
    """One mug: whose, drawn from where, and how often it was used."""

    fan: str
    drawn: dict[datetime, int]
    state: str = "issued"


@dataclass
class Hold:
    """Points set aside: whose, from which lots, until when."""

    fan: str
    parts: dict[datetime, int]
    expires_at: datetime
    is_open: bool = True

    @property
    def left(self) -> int:
        """What is neither used nor back."""
        return sum(self.parts.values())


class Model:
    """Everything, in memory."""

    def __init__(self) -> None:
        self.owner: dict[str, str] = {}  # account to fan; an account of nobody owns itself
        self.wallets: dict[str, Wallet] = {}
        self.acts: dict[str, Act] = {}
        self.withdrawn: set[str] = set()
        self.quizzes: dict[tuple[str, int], int] = {}
        self.redemptions: list[Redemption] = []
        self.mugs = MUG_UNITS
        self.policy = "debt"
        self.holds: list[Hold] = []
        self.given: dict[tuple[str, int], int] = {}

    def wallet(self, account: str) -> Wallet:
        """The wallet that an account's points are in."""
        return self.wallets.setdefault(self.owner.get(account, account), Wallet())

    def earn(
        self, key: str, account: str, kind: str, day: int, expires_at: datetime, *, now: datetime, slides: bool
    ) -> int:
        """What an act gives; the second time it gives what the first gave, and nothing more."""
        if key in self.acts:
            return self.acts[key].points
        points = 0 if kind == "check_in" else CHAT_POINTS
        holder = self.owner.get(account, account)
        if kind == "quiz_answer":
            points = QUIZ_POINTS if self.quizzes.get((holder, day), 0) < QUIZ_A_DAY else 0
        if key in self.withdrawn:
            self.acts[key] = Act(account, kind, day, now, expires_at, 0, stands=False)
            return 0
        self.acts[key] = Act(account, kind, day, now, expires_at, points, capped=kind == "quiz_answer" and not points)
        self.wallet(account)
        if kind == "check_in":
            status = self.wallet(account).status
            status[day // 10_000] = status.get(day // 10_000, 0) + STATUS_POINTS
        if points:
            until = expires_at if slides else None
            end = self.wallet(account).gain(expires_at, points, now=now, slides_until=until)
            self.acts[key].expires_at = end
            if kind == "quiz_answer":
                self.quizzes[holder, day] = self.quizzes.get((holder, day), 0) + 1
        return points

    def withdraw(self, key: str, expiry: Expiry, now: datetime) -> None:
        """The act is no more: its points go back, from its own lot first; what is spent is owed, or forgiven.

        What is not forgiven makes room under the cap of that day, for acts that it had refused.
        """
        self.withdrawn.add(key)
        act = self.acts.get(key)
        if act is None or not act.stands:
            return
        act.stands = False
        wallet = self.wallet(act.account)
        there = 0 if self.policy == "none" else min(act.points, wallet.balance)
        missing = act.points - sum(wallet.draw(there, first=act.expires_at).values())
        if self.policy == "debt":
            wallet.debt += missing
            missing = 0
        if act.kind == "check_in":
            wallet.take_status(STATUS_POINTS, first=act.day // 10_000)
        if act.kind == "quiz_answer" and act.points and not missing:
            holder = self.owner.get(act.account, act.account)
            self.quizzes[holder, act.day] -= 1
            self._judge_again(holder, act.day, expiry, now)

    def _judge_again(self, holder: str, day: int, expiry: Expiry, now: datetime) -> None:
        for key, act in self.acts.items():
            theirs = self.owner.get(act.account, act.account) == holder and act.day == day
            if theirs and act.capped and act.stands and key not in self.withdrawn:
                if self.quizzes[holder, day] >= QUIZ_A_DAY:
                    return
                act.points, act.capped = QUIZ_POINTS, False
                self.quizzes[holder, day] += 1
                until = expiry(now) if expiry.slides else None
                end = expiry(act.at)
                act.expires_at = self.wallets[holder].gain(end, QUIZ_POINTS, now=now, slides_until=until)

    def link(self, account: str, fan: str) -> bool:
        """Everything the account has and owes becomes the fan's; False when it is somebody else's."""
        if account in self.owner:
            return self.owner[account] == fan
        source, target = self.wallets.pop(account, Wallet()), self.wallets.setdefault(fan, Wallet())
        self.owner[account] = fan
        for expires_at, left in source.lots.items():
            if left:
                slid = min(left, source.sliding.get(expires_at, 0))
                target.lots[expires_at] = target.lots.get(expires_at, 0) + left
                target.sliding[expires_at] = target.sliding.get(expires_at, 0) + slid
        for year, points in source.status.items():
            target.status[year] = target.status.get(year, 0) + points
        target.debt += source.debt
        target.debt -= sum(target.draw(min(target.debt, target.balance)).values())
        for (holder, day), times in list(self.quizzes.items()):
            if holder == account:
                self.quizzes[fan, day] = self.quizzes.get((fan, day), 0) + times
                del self.quizzes[account, day]
        return True

    def unlink(self, account: str, fan: str) -> bool:
        """What the account did is the fan's for good; what it does next is its own. False when it is not the fan's."""
        if self.owner.get(account) != fan:
            return False
        del self.owner[account]
        for act in self.acts.values():
            if act.account == account:
                act.account = fan
        return True

    def redeem(self, fan: str, now: datetime) -> str:
        """A mug for points, or the reason why not."""
        if not self.mugs:
            return "out_of_stock"
        wallet = self.wallets[fan]
        if wallet.spendable(now) < MUG_COST:
            return "not_enough_points"
        self.mugs -= 1
        self.redemptions.append(Redemption(fan, wallet.spend(MUG_COST, now)))
        return "ok"

    def set_aside(self, fan: str, amount: int, until: datetime, now: datetime) -> str:
        """Points that come back unless they are used."""
        wallet = self.wallets[fan]
        if wallet.spendable(now) < amount:
            return "not_enough_points"
        self.holds.append(Hold(fan, wallet.spend(amount, now), until))
        return "ok"

    def capture(self, number: int, amount: int, *, final: bool, now: datetime) -> str:
        """Use some of them, soonest expiry first."""
        hold = self.holds[number]
        if not hold.is_open or hold.expires_at <= now:
            return "hold_closed"
        if hold.left < amount:
            return "more_than_held"
        for expires_at in sorted(hold.parts):
            used = min(hold.parts[expires_at], amount)
            hold.parts[expires_at] -= used
            amount -= used
        if final or not hold.left:
            self._give_back(hold)
        return "ok"

    def release(self, number: int) -> str:
        """They come back."""
        if not self.holds[number].is_open:
            return "hold_closed"
        self._give_back(self.holds[number])
        return "ok"

    def release_due(self, now: datetime) -> None:
        """Those whose time is over come back."""
        for hold in sorted(self.holds, key=lambda each: each.expires_at):
            if hold.is_open and hold.expires_at <= now:
                self._give_back(hold)

    def held(self, fan: str) -> int:
        """All that is set aside."""
        return sum(hold.left for hold in self.holds if hold.fan == fan)

    def _give_back(self, hold: Hold) -> None:
        hold.is_open = False
        for expires_at, part in sorted(hold.parts.items()):
            self.wallets[hold.fan].grant(expires_at, part)
        hold.parts = {}

    def give(self, fan: str, other: str, amount: int, day: int, now: datetime) -> str:
        """Points for somebody else, with the dates they have."""
        wallet = self.wallets[fan]
        if amount < SMALLEST_GIFT:
            return "transfer_too_small"
        if wallet.debt:
            return "owes_points"
        if self.given.get((fan, day), 0) + amount > GIVEN_A_DAY:
            return "daily_transfer_limit"
        if wallet.spendable(now) < amount:
            return "not_enough_points"
        self.given[fan, day] = self.given.get((fan, day), 0) + amount
        for expires_at, part in sorted(wallet.spend(amount, now).items()):
            self.wallets[other].grant(expires_at, part)
        return "ok"

    def adjust(self, fan: str, amount: int, expires_at: datetime, now: datetime, *, slides: bool) -> str:
        """Points given by hand, or taken: soonest first, never more than there is."""
        wallet = self.wallets[fan]
        if amount > 0:
            wallet.gain(expires_at, amount, now=now, slides_until=expires_at if slides else None)
        elif wallet.spendable(now) < -amount:
            return "not_that_many_points"
        else:
            wallet.spend(-amount, now)
        return "ok"

    def adjust_status(self, fan: str, amount: int, year: int) -> str:
        """Status points given by hand, or taken: of the latest year first, never more than there are."""
        status = self.wallets[fan].status
        if sum(status.values()) < -amount:
            return "not_that_many_points"
        if amount > 0:
            status[year] = status.get(year, 0) + amount
        else:
            self.wallets[fan].take_status(-amount, first=max(each for each, points in status.items() if points))
        return "ok"

    def cancel(self, number: int) -> str:
        """Points and unit go back, unless the voucher was used."""
        redemption = self.redemptions[number]
        if redemption.state == "used":
            return "voucher_already_used"
        if redemption.state == "issued":
            redemption.state = "cancelled"
            self.mugs += 1
            wallet = self.wallets[redemption.fan]
            for expires_at, part in sorted(redemption.drawn.items()):
                wallet.grant(expires_at, part)
        return "ok"

    def scan(self, number: int) -> str:
        """A use, or the reason why not."""
        redemption = self.redemptions[number]
        if redemption.state == "issued":
            redemption.state = "used"
            return "ok"
        return {"used": "already_used", "cancelled": "cancelled"}[redemption.state]
