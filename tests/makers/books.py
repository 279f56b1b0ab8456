"""Makes histories of points: grants, spends, expiries and mergers of a few holders, at any time."""

import random
from datetime import datetime
from typing import Any

from sqlmodel import Session

from loyalty import clock, ids
from loyalty.clock import NEVER
from loyalty.db import Database
from loyalty.ids import bucket_of
from loyalty.ledger import post


class Books:
    """The door into the ledger, as a test opens it."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.gone: dict[int, int] = {}  # holders that became another

    def holder(self) -> int:
        """Somebody who has nothing yet."""
        number = ids.new()
        self.db.write(lambda session: post.open_holders(session, [number]))
        return number

    def grant(
        self,
        holder: int,
        amount: int,
        at: datetime,
        expires_at: datetime = NEVER,
        *,
        available_at: datetime | None = None,
        unit: str = "points",
        slides_until: datetime | None = None,
    ) -> int:
        """Give points, recorded when they are earned; returns their cause."""
        cause = ids.new()
        given = post.Award(
            holder_id=holder, unit=unit, amount=amount, cause="activity", cause_id=cause, effective_at=at,
            expires_at=expires_at, available_at=available_at, rule_revision_id=1,
            slides_until=slides_until,
        )  # fmt: skip
        self._at(at, lambda session: post.award(session, post.lock(session, [holder]), [given]))
        return cause

    def spend(self, holder: int, amount: int, at: datetime) -> int | None:
        """Spend points, if there are so many; returns the cause."""
        cause = ids.new()

        def steps(session: Session) -> int | None:
            state = post.lock(session, [holder])[holder]
            if post.spendable(session, state, at=at) < amount:
                return None
            post.spend(session, state, amount=amount, cause="redemption", cause_id=cause, effective_at=at)
            return cause

        return self._at(at, steps)

    def give_back(self, holder: int, cause: int, at: datetime) -> None:
        """Give back what a spend took."""

        def steps(session: Session) -> None:
            state = post.lock(session, [holder])[holder]
            post.give_back(
                session, state, cause="cancellation", cause_id=cause, of_cause="redemption", of_cause_id=cause,
                effective_at=at,
            )  # fmt: skip

        self._at(at, steps)

    def take_back(self, holder: int, cause: int, at: datetime) -> None:
        """Take back what a cause gave."""

        def steps(session: Session) -> None:
            state = post.lock(session, [holder])[holder]
            given = post.recorded(session, cause="activity", cause_id=cause, holder_ids=[holder])
            takes = [(leg, leg.amount - leg.reversed) for leg in given if leg.amount > leg.reversed]
            post.reverse(session, state, takes, cause="withdrawal", cause_id=ids.new(), effective_at=at)

        self._at(at, steps)

    def merge(self, source: int, target: int, at: datetime) -> None:
        """Let one holder turn out to be another."""

        def steps(session: Session) -> None:
            states = post.lock(session, [source, target])
            post.move(session, states[source], states[target], cause="link", cause_id=ids.new(), effective_at=at)

        self._at(at, steps)

    def give(self, sender: int, receiver: int, amount: int, at: datetime) -> None:
        """Let one holder give points to another."""

        def steps(session: Session) -> None:
            states = post.lock(session, [sender, receiver])
            given = {"amount": amount, "cause_id": ids.new(), "effective_at": at}
            post.transfer(session, states[sender], states[receiver], **given)

        self._at(at, steps)

    def sweep(self, holder: int, at: datetime) -> None:
        """Expire and activate what is due."""

        def steps(session: Session) -> None:
            post.lock_buckets(session, [bucket_of(holder)])
            post.activate(session, bucket_of(holder), at=at, limit=100)
            post.expire(session, bucket_of(holder), at=at, cause_id_of=list(ids.many(100)), limit=100)

        self._at(at, steps)

    def live(self, chance: random.Random, times: list[datetime], expiries: list[datetime]) -> list[int]:
        """A random life of three holders, one thing at each time; returns them."""
        holders = [self.holder() for _ in range(3)]
        given: list[tuple[int, int]] = []
        spent: list[tuple[int, int]] = []
        for at in sorted(times):
            living = [each for each in holders if each not in self.gone]
            holder = chance.choice(living)
            does = chance.choice(["grant"] * 5 + ["wait", "status", "spend", "spend", "back", "take", "merge", "sweep"])
            if does in ("grant", "wait"):
                later = at + (expiries[-1] - at) / 7 if does == "wait" else None
                open_until = [each for each in expiries if each > at and (later is None or each > later)] or [NEVER]
                amount = chance.randint(1, 50)
                given.append((holder, self.grant(holder, amount, at, chance.choice(open_until), available_at=later)))
            elif does == "status":
                self.grant(holder, chance.randint(1, 9), at, unit="status")
            elif does == "spend":
                cause = self.spend(holder, chance.randint(1, 40), at)
                spent += [(holder, cause)] if cause else []
            elif does == "back" and spent:
                who, cause = spent.pop(chance.randrange(len(spent)))
                if who in living:
                    self.give_back(who, cause, at)
            elif does == "take" and given:
                who, cause = given.pop(chance.randrange(len(given)))
                if who in living:
                    self.take_back(who, cause, at)
            elif does == "merge" and len(living) > 1:
                other = chance.choice([each for each in living if each != holder])
                self.merge(holder, other, at)
                self.gone[holder] = other
            elif does == "sweep":
                self.sweep(holder, at)
        return holders

    def _at(self, at: datetime, steps: Any) -> Any:
        with clock.running_on(clock.stopped_at(at)):
            return self.db.write(steps)
