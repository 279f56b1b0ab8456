"""What fans do with their points: they redeem, cancel, show their vouchers at the counter, or forget them."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial
from random import Random

import sqlalchemy as sa
from sqlmodel import Session, col, select

from loyalty.db import Database
from loyalty.errors import Refused
from loyalty.fans.tables import Fan
from loyalty.flows.cancel import cancel
from loyalty.flows.redeem import Redeemed, redeem
from loyalty.flows.scan import annul, use
from loyalty.ledger.tables import Holder
from loyalty.partners.devices import DeviceInHand
from loyalty.seed.agenda import Agenda
from loyalty.seed.catalogue import DROP, Article
from loyalty.seed.chance import about, code
from loyalty.seed.grid import ZONE, moment
from loyalty.vouchers.issue import body_of
from loyalty.vouchers.token import VoucherKeys

_PAGE = "page:mes-bons"  # who acts, for the audit trail: the fans themselves
_OPEN, _CLOSED = 9, 20  # hours of the counters


@dataclass(frozen=True, slots=True, kw_only=True)
class Spending:
    """The counters and those who come to them.

    Attributes:
        left_alone: references of fans who do not leave it to chance.
        devices: of each partner, by its number.
    """

    db: Database
    chance: Random
    agenda: Agenda
    keys: VoucherKeys
    articles: Sequence[Article]
    left_alone: frozenset[str]
    devices: dict[int, list[DeviceInHand]] = field(default_factory=dict)

    def plan(self, day: date, count: float) -> None:
        """Put about `count` redemptions of a day on the agenda: who has more comes sooner."""
        balances = [(fan_id, balance) for fan_id, balance in self._balances() if balance >= self._cheapest()]
        if not balances:
            return
        weights = [balance for _, balance in balances]
        for fan_id, balance in self.chance.choices(balances, weights, k=about(self.chance, count)):
            at = moment(day, self.chance.choice((self.chance.gauss(765, 50), self.chance.gauss(1140, 80))))
            self.agenda.at(at, partial(self.redeem, fan_id, self._choose(balance)))

    def drop(self, count: int) -> None:
        """Everybody wants the same thing at once; what there is goes to those who come first."""
        richest = sorted(self._balances(), key=lambda each: -each[1])[:count]
        for fan_id, _ in self.chance.sample(richest, len(richest)):
            at = self.agenda() + timedelta(seconds=self.chance.expovariate(1 / 240))
            self.agenda.at(at, partial(self.redeem, fan_id, DROP))

    def redeem(self, fan_id: int, slug: str) -> None:
        """A fan redeems, if it can be; what becomes of the voucher then is up to chance."""
        redeemed = self.try_to_redeem(fan_id, slug)
        if redeemed is None:
            return
        fate = self.chance.random()
        if fate < 0.05:
            after = timedelta(hours=self.chance.expovariate(1 / 9))
            self.agenda.at(self.agenda() + after, partial(self._cancel, redeemed))
        elif fate < 0.83:
            self.agenda.at(self._opening(self.chance.expovariate(1 / 4)), partial(self.show, redeemed))

    def try_to_redeem(self, fan_id: int, slug: str) -> Redeemed | None:
        """A fan redeems; None if it is refused: all gone, too few points, the fan's limit, not yet."""
        with suppress(Refused):
            return redeem(self.db, fan_id=fan_id, reward_slug=slug)
        return None

    def show(self, redeemed: Redeemed) -> None:
        """A fan shows the voucher at a counter: now and then at the wrong one, or once too often."""
        voucher, slip = redeemed.voucher, self.chance.random()
        if slip < 0.03:
            others = [number for number in self.devices if number != voucher.partner_id]
            self._scan(redeemed, self.devices[self.chance.choice(others)])
        device, nonce = self._scan(redeemed, self.devices[voucher.partner_id])
        if 0.03 <= slip < 0.05:
            at = self.agenda() + timedelta(minutes=self.chance.uniform(1, 12))
            self.agenda.at(at, partial(self._annul, redeemed, device, nonce))
        elif 0.05 <= slip < 0.09:
            at = self.agenda() + timedelta(minutes=self.chance.uniform(1, 90))
            self.agenda.at(at, partial(self._scan, redeemed, self.devices[voucher.partner_id]))
        elif voucher.max_uses > 1 and self.chance.random() < 0.7:
            self.agenda.at(self._opening(self.chance.expovariate(1 / 6)), partial(self.show, redeemed))

    def _scan(self, redeemed: Redeemed, devices: Sequence[DeviceInHand]) -> tuple[DeviceInHand, str]:
        device, nonce = self.chance.choice(devices), code(self.chance, 32)
        token = self.keys.write(body_of(redeemed.voucher))
        use(self.db, self.keys, device=device, text=token, nonce=nonce)
        return device, nonce

    def _annul(self, redeemed: Redeemed, device: DeviceInHand, nonce: str) -> None:
        with suppress(Refused):  # that scan was none that counted
            annul(self.db, device=device, nonce=nonce, explanation="Commande annulée au comptoir")
            self.agenda.at(self._opening(self.chance.uniform(0.5, 3)), partial(self.show, redeemed))

    def _cancel(self, redeemed: Redeemed) -> None:
        why = self.chance.choice(("Je ne suis plus disponible", "Erreur de ma part", "J’ai changé d’avis"))
        with suppress(Refused):  # its time is over
            cancel(self.db, redemption_id=redeemed.redemption.id, actor=_PAGE, reason=why)

    def _opening(self, days: float) -> datetime:
        """A time some days from now when the counters are open."""
        at = (self.agenda() + timedelta(days=days)).astimezone(ZONE)
        hour = at.hour + at.minute / 60
        if not _OPEN <= hour < _CLOSED:
            hour = self.chance.uniform(_OPEN, _CLOSED)
        return max(self.agenda() + timedelta(minutes=5), moment(at.date(), hour * 60))

    def _choose(self, balance: int) -> str:
        """Something within reach, mostly; a few look higher than they can."""
        reach = balance * (2.5 if self.chance.random() < 0.05 else 1)
        within = [each for each in self.articles if each.cost <= reach]
        return self.chance.choices(within, [each.appeal for each in within])[0].slug

    def _cheapest(self) -> int:
        return min(each.cost for each in self.articles)

    def _balances(self) -> list[tuple[int, int]]:
        """What each fan has, in the order of their references: their numbers are never the same twice."""

        def steps(session: Session) -> list[tuple[int, int]]:
            chosen = select(Fan.id, Holder.balance).join(Holder, col(Holder.id) == Fan.id)
            chosen = chosen.where(col(Holder.balance) > 0, col(Fan.reference).not_in(self.left_alone))
            rows = session.execute(chosen.order_by(sa.asc(col(Fan.reference))))
            return [(row[0], row[1]) for row in rows]

        return self.db.read(steps)
