"""Many fans want the last units: none is sold twice, and nobody pays for nothing (R4, R5, R6, half of R8)."""

from functools import partial
from threading import Barrier, local

import pytest
import sqlalchemy as sa
from sqlmodel import Session, select

from loyalty import ids
from loyalty.db import Database
from loyalty.fans.register import add_fan
from loyalty.flows.cancel import cancel
from loyalty.flows.move_stock import move
from loyalty.flows.redeem import redeem
from loyalty.ledger import post
from loyalty.rewards import stock
from loyalty.rewards.tables import Redemption, StockUnit
from loyalty.rewards.verify import breaches
from tests.cast import MORNING, ODILE, ines, open_station
from tests.makers.rewards import balance, coffee, give_points, left
from tests.makers.vouchers import stock_adds_up
from tests.races.crowd import answers, at_once, refusals


@pytest.fixture(autouse=True)
def station(db: Database) -> None:
    open_station(db)


def crowd(db: Database, fans: int, *, points: int) -> list[int]:
    """The numbers of so many fans with so many points each."""

    def steps(session: Session) -> list[int]:
        numbers = [
            add_fan(session, reference=None, display_name=None, email=None, language="fr", now=MORNING).id
            for _ in range(fans)
        ]
        post.open_holders(session, numbers)
        awards = [
            post.Award(
                holder_id=number,
                unit="points",
                amount=points,
                cause="activity",
                cause_id=ids.new(),
                effective_at=MORNING,
                rule_revision_id=1,
            )
            for number in numbers
        ]
        post.award(session, post.lock(session, numbers), awards)
        return numbers

    return db.write(steps)


def test_four_hundred_calls_for_twenty_units_get_twenty(db: Database) -> None:
    reward = coffee(db, units=20)
    fans = crowd(db, 80, points=500)
    came = at_once([partial(redeem, db, fan_id=fan_id, reward_slug="coffee") for fan_id in fans * 5])
    sold = answers(came)
    assert len(sold) == 20
    assert refusals(came) == ["OutOfStock"] * 380
    assert len({got.redemption.unit_id for got in sold}) == 20
    assert left(db, reward) == 0
    assert sum(balance(db, fan_id) for fan_id in fans) == 80 * 500 - 20 * 100
    assert stock_adds_up(db)


def test_points_for_one_reward_buy_one_of_two_hundred_at_once(db: Database) -> None:
    slugs = [f"prize-{number}" for number in range(20)]
    for slug in slugs:
        coffee(db, slug=slug, units=20)
    (fan_id,) = crowd(db, 1, points=100)
    came = at_once([partial(redeem, db, fan_id=fan_id, reward_slug=slug) for slug in slugs * 10])
    assert len(answers(came)) == 1
    assert refusals(came) == ["NotEnoughPoints"] * 199
    assert balance(db, fan_id) == 0
    assert stock_adds_up(db)


@pytest.mark.parametrize("guarded", [True, False], ids=["guarded", "look-then-write"])
def test_with_the_guard_off_one_unit_is_sold_to_everybody(
    db: Database, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    """The negative control: what the guard prevents does happen without it, so the other tests prove something."""
    reward = coffee(db, units=1)
    seen = local()

    def look() -> None:
        first = select(StockUnit.id).where(StockUnit.reward_id == reward.id, StockUnit.state == "free").limit(1)
        seen.unit_id = db.read(lambda session: session.exec(first).one())

    def take_what_was_seen(session: Session, _reward_id: int, redemption_id: int) -> int:
        unit_id: int = seen.unit_id
        unit = StockUnit.__table__  # type: ignore[attr-defined]
        taken = sa.update(unit).where(unit.c.id == unit_id).values(state="taken", redemption_id=redemption_id)
        session.execute(taken)
        return unit_id

    if not guarded:
        monkeypatch.setattr(stock, "refuse_if_sold_out", lambda session, reward_id: None)
        monkeypatch.setattr(stock, "take_one", take_what_was_seen)
    fans = crowd(db, 8, points=100)
    together = Barrier(len(fans))

    def look_then_redeem(fan_id: int) -> object:
        look()
        together.wait()
        return redeem(db, fan_id=fan_id, reward_slug="coffee")

    came = at_once([partial(look_then_redeem, fan_id) for fan_id in fans], threads=len(fans))
    if guarded:
        assert (len(answers(came)), refusals(came)) == (1, ["OutOfStock"] * 7)
        assert stock_adds_up(db)
    else:
        assert len(answers(came)) == 8
        assert len(db.read(lambda session: list(breaches(session)))) == 7


def test_the_limit_of_one_fan_holds_against_the_fan_in_eight_windows(db: Database) -> None:
    coffee(db, units=20, per_fan_limit=2, per_fan_limit_days=7)
    (fan_id,) = crowd(db, 1, points=5000)
    came = at_once([partial(redeem, db, fan_id=fan_id, reward_slug="coffee") for _ in range(24)], threads=8)
    assert (len(answers(came)), refusals(came)) == (2, ["LimitReached"] * 22)
    assert stock_adds_up(db)


def test_the_last_unit_is_withdrawn_or_redeemed_never_both(db: Database) -> None:
    fan_id, winners = ines(db).id, []
    for number in range(30):
        slug = f"prize-{number}"
        coffee(db, slug=slug, units=1)
        give_points(db, fan_id, 100)
        withdrawn, redeemed = at_once(
            [
                partial(move, db, "withdrawn", reward_slug=slug, quantity=1, actor=ODILE, reason="inventaire"),
                partial(redeem, db, fan_id=fan_id, reward_slug=slug),
            ]
        )
        assert [withdrawn.raised is None, redeemed.raised is None].count(True) == 1
        assert refusals([withdrawn, redeemed]) in (["NotThatMany"], ["OutOfStock"])
        winners.append(redeemed.raised is None)
    assert balance(db, fan_id) == 100 * winners.count(False)
    assert stock_adds_up(db)


def test_a_unit_under_way_that_comes_back_is_not_refused_as_sold_out(db: Database) -> None:
    """Cancelling and redeeming the same unit over and over: it is always somebody's, or free."""
    reward = coffee(db, units=1)
    fans = crowd(db, 4, points=10_000)

    def redeem_and_cancel(fan_id: int) -> int:
        got = redeem(db, fan_id=fan_id, reward_slug="coffee")
        cancel(db, redemption_id=got.redemption.id, actor=ODILE, reason="erreur")
        return fan_id

    came = at_once([partial(redeem_and_cancel, fan_id) for fan_id in fans * 10], threads=4)
    assert set(refusals(came)) <= {"OutOfStock"}
    assert answers(came)
    assert left(db, reward) == 1
    assert sum(balance(db, fan_id) for fan_id in fans) == 40_000
    assert stock_adds_up(db)


def test_a_redemption_cancelled_by_eight_at_once_gives_back_once(db: Database) -> None:
    coffee(db, units=1)
    (fan_id,) = crowd(db, 1, points=100)
    got = redeem(db, fan_id=fan_id, reward_slug="coffee")
    again = partial(cancel, db, redemption_id=got.redemption.id, actor=ODILE, reason="erreur")
    came = at_once([again] * 8)
    assert [each.balance for each in answers(came)] == [100] * 8
    assert db.read(lambda session: session.exec(select(Redemption)).one()).cancelled_at is not None
    assert stock_adds_up(db)
