"""The river as a plain model: a few dictionaries, no database, no locks, no batches."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

CHAT_POINTS, QUIZ_POINTS, QUIZ_A_DAY = 10, 7, 2
MUG_COST, MUG_UNITS = 15, 6


@dataclass
class Wallet:
    """What one holder has: points by expiry, and what is owed."""

    lots: dict[datetime, int] = field(default_factory=dict)
    debt: int = 0

    @property
    def balance(self) -> int:
        """All points, due ones too until they are swept."""
        return sum(self.lots.values())

    def grant(self, expires_at: datetime, amount: int) -> None:
        """Points join a lot; what is owed is paid from them."""
        paid = min(self.debt, amount)
        self.debt -= paid
        self.lots[expires_at] = self.lots.get(expires_at, 0) + amount - paid

    def draw(self, amount: int, *, first: datetime | None = None) -> dict[datetime, int]:
        """Take up to an amount, one lot before the others, then soonest expiry first."""
        drawn = {}
        for expires_at in sorted(self.lots, key=lambda each: (each != first, each)):
            part = min(self.lots[expires_at], amount)
            if part:
                self.lots[expires_at] -= part
                amount -= part
                drawn[expires_at] = part
        return drawn

    def spendable(self, now: datetime) -> int:
        """What is not due yet."""
        return sum(left for expires_at, left in self.lots.items() if expires_at > now)

    def spend(self, amount: int, now: datetime) -> dict[datetime, int]:
        """Draw from what is not due, soonest first."""
        due = {expires_at: left for expires_at, left in self.lots.items() if expires_at <= now}
        for expires_at in due:
            del self.lots[expires_at]
        drawn = self.draw(amount)
        self.lots.update(due)
        return drawn

    def expire(self, now: datetime) -> None:
        """What is due is gone."""
        self.lots = {expires_at: left for expires_at, left in self.lots.items() if expires_at > now}


@dataclass
class Act:
    """One act on record: whose it was, what it gave, and whether it still stands."""

    account: str
    kind: str
    day: int
    expires_at: datetime
    points: int
    stands: bool = True


@dataclass
class Redemption:
    """One mug: whose, drawn from where, and how often it was used."""

    fan: str
    drawn: dict[datetime, int]
    state: str = "issued"


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

    def wallet(self, account: str) -> Wallet:
        """The wallet that an account's points are in."""
        return self.wallets.setdefault(self.owner.get(account, account), Wallet())

    def earn(self, key: str, account: str, kind: str, day: int, expires_at: datetime) -> int:
        """What an act gives; the second time it gives what the first gave, and nothing more."""
        if key in self.acts:
            return self.acts[key].points
        points = CHAT_POINTS
        holder = self.owner.get(account, account)
        if kind == "quiz_answer":
            points = QUIZ_POINTS if self.quizzes.get((holder, day), 0) < QUIZ_A_DAY else 0
        if key in self.withdrawn:
            self.acts[key] = Act(account, kind, day, expires_at, 0, stands=False)
            return 0
        self.acts[key] = Act(account, kind, day, expires_at, points)
        self.wallet(account)
        if points:
            self.wallet(account).grant(expires_at, points)
            if kind == "quiz_answer":
                self.quizzes[holder, day] = self.quizzes.get((holder, day), 0) + 1
        return points

    def withdraw(self, key: str) -> None:
        """The act is no more: its points go back, from its own lot first, and what is spent is owed."""
        self.withdrawn.add(key)
        act = self.acts.get(key)
        if act is None or not act.stands:
            return
        act.stands = False
        wallet = self.wallet(act.account)
        taken = sum(wallet.draw(min(act.points, wallet.balance), first=act.expires_at).values())
        wallet.debt += act.points - taken
        if act.kind == "quiz_answer" and act.points:
            self.quizzes[self.owner.get(act.account, act.account), act.day] -= 1

    def link(self, account: str, fan: str) -> bool:
        """Everything the account has and owes becomes the fan's; False when it is somebody else's."""
        if account in self.owner:
            return self.owner[account] == fan
        source, target = self.wallets.pop(account, Wallet()), self.wallets.setdefault(fan, Wallet())
        self.owner[account] = fan
        for expires_at, left in source.lots.items():
            if left:
                target.lots[expires_at] = target.lots.get(expires_at, 0) + left
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

    def adjust(self, fan: str, amount: int, expires_at: datetime, now: datetime) -> str:
        """Points given by hand, or taken: soonest first, never more than there is."""
        wallet = self.wallets[fan]
        if amount > 0:
            wallet.grant(expires_at, amount)
        elif wallet.spendable(now) < -amount:
            return "not_that_many_points"
        else:
            wallet.spend(-amount, now)
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
