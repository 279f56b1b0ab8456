"""Whatever is done in whatever order, the river and a plain model of it agree, and the books add up."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import text
from sqlmodel import Session

from loyalty import clock
from loyalty.activities.fact import OWN_NETWORK, ActivityFact, WithdrawnFact
from loyalty.db import Database
from loyalty.errors import NotFound, Refused
from loyalty.flows.adjust import adjust_points
from loyalty.flows.cancel import cancel
from loyalty.flows.change_expiry import change_expiry
from loyalty.flows.earn import earn
from loyalty.flows.expire import expire_points
from loyalty.flows.hold import Held, authorise, capture, release, release_holds
from loyalty.flows.link import IdentityTaken, link, register
from loyalty.flows.redeem import Redeemed, redeem
from loyalty.flows.reverse import withdraw
from loyalty.flows.review_tiers import review_tiers
from loyalty.flows.scan import use
from loyalty.flows.transfer import transfer
from loyalty.flows.unlink import unlink
from loyalty.ledger.lots import open_lots
from loyalty.ledger.post import HolderState, lock
from loyalty.programme.expiry import Fixed, Never, Policy, Rolling, Sliding
from loyalty.programme.points_policy import DEBT_POLICIES
from loyalty.programme.tables import Programme
from tests import cast
from tests.laws.model import (
    CHAT_POINTS,
    GIVEN_A_DAY,
    MUG_COST,
    MUG_UNITS,
    QUIZ_A_DAY,
    QUIZ_POINTS,
    SMALLEST_GIFT,
    STATUS_POINTS,
    Expiry,
    Model,
)
from tests.laws.wallet import LADDER
from tests.makers.partners import device
from tests.makers.proof import adds_up
from tests.makers.rewards import coffee
from tests.makers.tiers import ladder, tier_of
from tests.makers.vouchers import KEYS, token_of

PARIS = ZoneInfo("Europe/Paris")
POLICIES = (Rolling(1), Sliding(1), Fixed(12, 31, 1), Sliding(2), Never())
FANS, ACCOUNTS = ("ines", "marc"), ("tw-a", "tw-b", "tw-c")
accounts = st.sampled_from(FANS + ACCOUNTS)
kinds = st.sampled_from(["live_chat", "quiz_answer", "check_in"])
numbers = st.integers(min_value=0, max_value=9)


class River(RuleBasedStateMachine):
    """Earn, withdraw, link, unlink, adjust, redeem, cancel, scan, hold, give, expire, change the policy, let time pass:
    in any order."""

    new_database: Callable[[], object]

    def __init__(self) -> None:
        super().__init__()
        self.resources = ExitStack()
        self.db = Database(self.resources.enter_context(self.new_database()))
        self.resources.callback(self.db.dispose)
        self.now = cast.MORNING
        self.resources.enter_context(clock.running_on(lambda: self.now))
        self.model = Model()
        self.redeemed: list[Redeemed] = []
        self.held: list[Held] = []
        self.scans = self.forms = 0

    @initialize()
    def open_the_station(self) -> None:
        self.policy: Policy = POLICIES[0]
        cast.open_station(self.db, expiry=self.policy)
        self.programme(transfers_allowed=True, transfer_smallest=SMALLEST_GIFT, transfer_most_per_day=GIVEN_A_DAY)
        cast.rule(self.db, "chat", earn={"fixed": CHAT_POINTS})
        quiz = {"kind": {"one_of": ["quiz_answer"]}}
        limits = {"per_day": {"times": QUIZ_A_DAY}}
        cast.rule(self.db, "quiz", when=quiz, earn={"fixed": QUIZ_POINTS}, limits=limits)
        status = {"class": "status_only", "when": {"all": [{"kind": {"one_of": ["check_in"]}}]}}
        cast.rule(self.db, "visit", **status, earn={"fixed": STATUS_POINTS})
        ladder(self.db, **LADDER)
        coffee(self.db, slug="mug", cost_points=MUG_COST, units=MUG_UNITS, valid_days=3660)
        self.device = device(self.db)
        self.fans = {name: register(self.db, reference=name, actor=cast.ODILE).id for name in FANS}
        for name in FANS:
            self.model.wallet(name)

    def programme(self, **said: object) -> None:
        def steps(session: Session) -> None:
            programme = session.get_one(Programme, 1)
            for name, value in said.items():
                setattr(programme, name, value)

        self.db.write(steps)

    @property
    def day(self) -> int:
        return int(self.now.astimezone(PARIS).strftime("%Y%m%d"))

    def answer(self, call: Callable[[], object]) -> str:
        """What a flow says: "ok", or why not."""
        try:
            call()
        except Refused as refusal:
            return refusal.code
        return "ok"

    def fact(self, number: int, account: str, kind: str) -> ActivityFact:
        return ActivityFact(
            network=OWN_NETWORK if account in FANS else "twitch",
            actor=str(self.fans[account]) if account in FANS else account,
            kind=kind,
            object="studio",
            external_id=f"act-{number}-{account}-{kind}",
            scope="laws",
        )

    def account_of(self, account: str, fan: str) -> dict[str, Any]:
        return {"fan_id": self.fans[fan], "network": "twitch", "external_id": account, "actor": cast.ODILE}

    @rule(sent=st.lists(st.tuples(numbers, accounts, kinds), min_size=1, max_size=6))
    def earn(self, sent: list[tuple[int, str, str]]) -> None:
        facts = [self.fact(*each) for each in sent]
        expires_at = self.policy.end_of(self.now, PARIS)
        given = {"now": self.now, "slides": self.policy.slides}
        expected = [
            self.model.earn(f"{n}/{who}/{kind}", who, kind, self.day, expires_at, **given) for n, who, kind in sent
        ]
        assert [each.points for each in earn(self.db, facts, source="laws")] == expected

    @precondition(lambda self: self.model.acts)
    @rule(choice=numbers)
    def withdraw_what_came(self, choice: int) -> None:
        number, account, kind = sorted(self.model.acts)[choice % len(self.model.acts)].split("/")
        self.withdraw(int(number), account, kind)

    @rule(number=numbers, account=accounts, kind=kinds)
    def withdraw(self, number: int, account: str, kind: str) -> None:
        expiry = Expiry(lambda at: self.policy.end_of(at, PARIS), self.policy.slides)
        self.model.withdraw(f"{number}/{account}/{kind}", expiry, self.now)
        fact = WithdrawnFact(act_key=self.fact(number, account, kind).act_key)
        withdraw(self.db, [fact], source="laws")

    @rule(account=st.sampled_from(ACCOUNTS), fan=st.sampled_from(FANS))
    def link(self, account: str, fan: str) -> None:
        expected = "ok" if self.model.link(account, fan) else IdentityTaken.code
        assert self.answer(lambda: link(self.db, **self.account_of(account, fan))) == expected

    @rule(account=st.sampled_from(ACCOUNTS), fan=st.sampled_from(FANS))
    def unlink(self, account: str, fan: str) -> None:
        expected = "ok" if self.model.unlink(account, fan) else NotFound.code
        assert self.answer(lambda: unlink(self.db, **self.account_of(account, fan))) == expected

    @rule(fan=st.sampled_from(FANS))
    def redeem(self, fan: str) -> None:
        expected = self.model.redeem(fan, self.now)
        given = {"fan_id": self.fans[fan], "reward_slug": "mug"}
        assert self.answer(lambda: self.redeemed.append(redeem(self.db, **given))) == expected

    @rule(fan=st.sampled_from(FANS), amount=st.integers(min_value=-40, max_value=25).filter(bool))
    def adjust(self, fan: str, amount: int) -> None:
        expected = self.model.adjust(
            *(fan, amount, self.policy.end_of(self.now, PARIS), self.now), slides=self.policy.slides
        )
        self.forms += 1
        given = {"fan_id": self.fans[fan], "amount": amount, "key": self.forms, "reason": "law", "actor": cast.ODILE}
        for _ in range(2):  # the same form sent twice is done once
            assert self.answer(lambda: adjust_points(self.db, **given)) == expected

    @precondition(lambda self: self.redeemed)
    @rule(choice=numbers)
    def cancel(self, choice: int) -> None:
        number = choice % len(self.redeemed)
        expected = self.model.cancel(number)
        given = {"redemption_id": self.redeemed[number].redemption.id, "actor": cast.ODILE, "reason": "law"}
        assert self.answer(lambda: cancel(self.db, **given)) == expected

    @precondition(lambda self: self.redeemed)
    @rule(choice=numbers)
    def scan(self, choice: int) -> None:
        number = choice % len(self.redeemed)
        self.scans += 1
        token = token_of(self.redeemed[number].voucher)
        verdict = use(self.db, KEYS, device=self.device, text=token, nonce=f"scan-{self.scans}")
        assert verdict.reason == self.model.scan(number)

    @rule(fan=st.sampled_from(FANS), amount=st.integers(min_value=-40, max_value=25).filter(bool))
    def adjust_status(self, fan: str, amount: int) -> None:
        expected = self.model.adjust_status(fan, amount, self.now.astimezone(PARIS).year)
        self.forms += 1
        given = {"fan_id": self.fans[fan], "amount": amount, "key": self.forms, "unit": "status"}
        assert self.answer(lambda: adjust_points(self.db, **given, reason="law", actor=cast.ODILE)) == expected

    @rule(policy=st.sampled_from(DEBT_POLICIES))
    def decide(self, policy: str) -> None:
        self.model.policy = policy
        self.programme(debt_policy=policy)

    @rule(fan=st.sampled_from(FANS), amount=st.integers(min_value=1, max_value=25), days=st.integers(1, 40))
    def set_aside(self, fan: str, amount: int, days: int) -> None:
        until = self.now + timedelta(days=days)
        expected = self.model.set_aside(fan, amount, until, self.now)
        given = {"fan_id": self.fans[fan], "amount": amount, "purpose": "law", "expires_at": until, "actor": cast.ODILE}
        assert self.answer(lambda: self.held.append(authorise(self.db, **given))) == expected

    @precondition(lambda self: self.held)
    @rule(choice=numbers, amount=st.integers(min_value=1, max_value=15), final=st.booleans())
    def capture(self, choice: int, amount: int, final: bool) -> None:
        number = choice % len(self.held)
        expected = self.model.capture(number, amount, final=final, now=self.now)
        hold = self.held[number].hold
        given = {"fan_id": hold.holder_id, "hold_id": hold.id, "amount": amount, "final": final, "actor": cast.ODILE}
        assert self.answer(lambda: capture(self.db, **given)) == expected

    @precondition(lambda self: self.held)
    @rule(choice=numbers)
    def release(self, choice: int) -> None:
        number = choice % len(self.held)
        expected = self.model.release(number)
        hold = self.held[number].hold
        given = {"fan_id": hold.holder_id, "hold_id": hold.id, "actor": cast.ODILE}
        assert self.answer(lambda: release(self.db, **given)) == expected

    @rule()
    def release_due(self) -> None:
        self.model.release_due(self.now)
        release_holds(self.db)

    @rule(fan=st.sampled_from(FANS), amount=st.integers(min_value=1, max_value=25))
    def give(self, fan: str, amount: int) -> None:
        other = next(each for each in FANS if each != fan)
        expected = self.model.give(fan, other, amount, self.day, self.now)
        given = {"sender_id": self.fans[fan], "receiver_id": self.fans[other], "amount": amount}
        assert self.answer(lambda: transfer(self.db, **given)) == expected

    @rule(days=st.sampled_from([1, 5, 12, 40, 200]))
    def let_time_pass(self, days: int) -> None:
        self.now += timedelta(days=days)
        review_tiers(self.db)

    @rule(policy=st.sampled_from(POLICIES))
    def change_the_policy(self, policy: Policy) -> None:
        """For what is earned from now on: no lot there is changes."""
        self.policy = policy
        change_expiry(self.db, policy, applies=False, actor=cast.ODILE, reason="law")

    @rule()
    def expire(self) -> None:
        for wallet in self.model.wallets.values():
            wallet.expire(self.now)
        expire_points(self.db)

    @invariant()
    def everybody_has_what_the_model_says(self) -> None:
        if not hasattr(self, "fans"):
            return
        states = self.db.read(lambda session: lock(session, self.fans.values()))
        lots = self.db.read(lambda session: open_lots(session, self.fans.values()))
        for name, fan_id in self.fans.items():
            wallet = self.model.wallets[name]
            has = states[fan_id]
            assert (has.balance, has.debt, has.held) == (wallet.balance, wallet.debt, self.model.held(name))
            assert has.status == sum(wallet.status.values())
            tier, until = tier_of(self.db, fan_id)
            last_year = until and (until - timedelta(seconds=1)).astimezone(PARIS).year
            assert (tier and (tier, last_year)) == wallet.tier(self.now.astimezone(PARIS).year)
            left = {lot.expires_at: lot.left for lot in lots.get(fan_id, [])}
            assert left == {expires_at: part for expires_at, part in wallet.lots.items() if part}
            slides = {lot.expires_at: lot.slides for lot in lots.get(fan_id, []) if lot.slides}
            assert slides == {
                at: part for at in wallet.lots if (part := min(wallet.lots[at], wallet.sliding.get(at, 0)))
            }
        lone = sum(wallet.balance for name, wallet in self.model.wallets.items() if name not in FANS)
        assert sum(state.balance for state in self.others()) == lone

    def others(self) -> list[HolderState]:
        holders = self.db.read(lambda session: session.execute(text("SELECT id FROM holder")).scalars().all())
        strangers = set(holders) - set(self.fans.values())
        return list(self.db.read(lambda session: lock(session, strangers)).values())

    def teardown(self) -> None:
        try:
            assert adds_up(self.db)
        finally:
            self.resources.close()


@pytest.mark.timeout(400)  # beside other programs
@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_the_river_agrees_with_its_model(engine: str, request: pytest.FixtureRequest) -> None:
    machine = type(
        "RiverOn" + engine.title(), (River,), {"new_database": staticmethod(request.getfixturevalue(f"new_{engine}"))}
    )
    some = settings(max_examples=30, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck))
    run_state_machine_as_test(machine, settings=some)
