"""What one holder has, as plain dictionaries: points by expiry, what is owed, status points by year."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

LADDER = {"gold": 40, "silver": 20}  # the highest first


@dataclass
class Wallet:
    """What one holder has: points by expiry, what is owed, and status points by the year they were earned in."""

    lots: dict[datetime, int] = field(default_factory=dict)
    debt: int = 0
    sliding: dict[datetime, int] = field(default_factory=dict)  # of each lot, at most this much slides
    status: dict[int, int] = field(default_factory=dict)

    def tier(self, year: int) -> tuple[str, int] | None:
        """The best tier of this year and the year before, and the last year it holds."""
        for slug, threshold in LADDER.items():
            for earned_in in (year, year - 1):
                if self.status.get(earned_in, 0) >= threshold:
                    return slug, earned_in + 1
        return None

    def take_status(self, amount: int, *, first: int) -> None:
        """Take from one year before the others, then from the oldest, as far as there are any."""
        for year in sorted(self.status, key=lambda each: (each != first, each)):
            part = min(self.status[year], amount)
            self.status[year] -= part
            amount -= part

    @property
    def balance(self) -> int:
        """All points, due ones too until they are swept."""
        return sum(self.lots.values())

    def grant(self, expires_at: datetime, amount: int) -> None:
        """Points join a lot; what is owed is paid from them."""
        paid = min(self.debt, amount)
        self.debt -= paid
        self.lots[expires_at] = self.lots.get(expires_at, 0) + amount - paid

    def gain(self, expires_at: datetime, amount: int, *, now: datetime, slides_until: datetime | None) -> datetime:
        """Points are earned: under a sliding policy what slides goes along. Returns the lot that they are in."""
        if slides_until is None:
            self.grant(expires_at, amount)
            return expires_at
        theirs = [at for at, left in self.lots.items() if at > now and min(left, self.sliding.get(at, 0))]
        end = max([expires_at, *(at for at in theirs if at <= slides_until)])
        for at in theirs:
            if at < end:
                part = min(self.lots[at], self.sliding[at])
                self.lots[at] -= part
                self.sliding[at] -= part
                self.lots[end] = self.lots.get(end, 0) + part
                self.sliding[end] = self.sliding.get(end, 0) + part
        self.sliding[end] = self.sliding.get(end, 0) + amount
        self.grant(end, amount)
        return end

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
