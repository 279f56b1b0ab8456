"""A fan spends points on a reward."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlmodel import select

from loyalty import clock, ids
from loyalty.db import Database, Joined
from loyalty.errors import NotFound
from loyalty.flows.cancel import cancel
from loyalty.flows.redeem import Redeemed, redeem
from loyalty.ledger.post import NotEnoughPoints
from loyalty.rewards import stock
from loyalty.rewards.refusals import (
    LimitReached,
    NoLongerRedeemable,
    NotRedeemableYet,
    OutOfStock,
    RewardNotFound,
)
from loyalty.rewards.tables import Redemption
from loyalty.vouchers.tables import Voucher
from tests.cast import MORNING, ODILE, ines
from tests.makers.moment import station_at
from tests.makers.rewards import balance, coffee, give_points, left
from tests.makers.vouchers import redeemed, stock_adds_up

DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def monday_morning(db: Database) -> Iterator[None]:
    with station_at(db, MORNING, proof=stock_adds_up):
        yield


@pytest.fixture
def fan_id(db: Database) -> int:
    return ines(db).id


def count(db: Database, table: type) -> int:
    return len(db.read(lambda session: session.exec(select(table)).all()))


def at(db: Database, instant: datetime, fan_id: int) -> Redeemed:
    with clock.running_on(clock.stopped_at(instant)):
        return redeemed(db, fan_id)


def test_points_become_a_voucher_for_one_unit(db: Database, fan_id: int) -> None:
    reward = coffee(db, units=3, max_uses=2)
    give_points(db, fan_id, 250)
    got = redeem(db, fan_id=fan_id, reward_slug="coffee")
    assert got.balance == balance(db, fan_id) == 150
    assert left(db, reward) == 2
    assert (got.voucher.state, got.voucher.max_uses, got.voucher.partner_id) == ("issued", 2, reward.partner_id)
    assert got.voucher.redemption_id == got.redemption.id
    kept = db.read(lambda session: session.exec(select(Voucher)).one())
    assert kept == got.voucher


def test_a_voucher_is_good_until_the_end_of_its_last_day_in_the_programmes_zone(db: Database, fan_id: int) -> None:
    coffee(db, valid_days=1)
    assert redeemed(db, fan_id).voucher.not_after == datetime(2026, 11, 24, 22, 59, 59, tzinfo=UTC)
    # Just before midnight in Paris, on the eve of the day of 23 hours.
    eve = datetime(2027, 3, 27, 22, 59, tzinfo=UTC)
    assert at(db, eve, fan_id).voucher.not_after == datetime(2027, 3, 28, 21, 59, 59, tzinfo=UTC)


def test_too_few_points_are_refused_with_what_is_missing(db: Database, fan_id: int) -> None:
    reward = coffee(db)
    for points, missing in ((0, 100), (99, 1)):
        if points:
            give_points(db, fan_id, points)
        with pytest.raises(NotEnoughPoints) as refused:
            redeem(db, fan_id=fan_id, reward_slug="coffee")
        assert refused.value.holes == {"balance": points, "cost": 100, "missing": missing}
    assert (left(db, reward), count(db, Redemption), count(db, Voucher)) == (10, 0, 0)


def test_an_empty_shelf_costs_nothing(db: Database, fan_id: int) -> None:
    coffee(db, units=1)
    redeemed(db, fan_id)
    with pytest.raises(OutOfStock):
        redeemed(db, fan_id)
    assert balance(db, fan_id) == 100
    assert count(db, Redemption) == 1


def test_when_the_last_unit_goes_between_the_look_and_the_taking_nothing_is_spent(
    db: Database, fan_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    coffee(db, units=0)
    give_points(db, fan_id, 100)
    monkeypatch.setattr(stock, "refuse_if_sold_out", lambda session, reward_id: None)
    with pytest.raises(OutOfStock):
        redeem(db, fan_id=fan_id, reward_slug="coffee")
    assert balance(db, fan_id) == 100
    assert count(db, Redemption) == 0


def test_a_fan_may_have_so_many_within_the_sliding_days(db: Database, fan_id: int) -> None:
    coffee(db, per_fan_limit=2, per_fan_limit_days=7)
    at(db, MORNING, fan_id)
    at(db, MORNING + DAY, fan_id)
    with pytest.raises(LimitReached) as refused:
        at(db, MORNING + 2 * DAY, fan_id)
    assert refused.value.holes["next_at"] == MORNING + 7 * DAY
    assert "30 novembre 2026 à 08:00" in refused.value.say("fr")
    with pytest.raises(LimitReached):
        at(db, MORNING + 7 * DAY - timedelta(seconds=1), fan_id)
    at(db, MORNING + 7 * DAY, fan_id)


def test_a_limit_without_days_is_for_good(db: Database, fan_id: int) -> None:
    coffee(db, per_fan_limit=1)
    redeemed(db, fan_id)
    with pytest.raises(LimitReached) as refused:
        at(db, MORNING + 900 * DAY, fan_id)
    assert refused.value.code == "limit_reached"
    assert refused.value.say("en") == "You have had this reward 1 time, the most for one person."


def test_a_cancelled_redemption_does_not_count(db: Database, fan_id: int) -> None:
    coffee(db, per_fan_limit=1)
    cancel(db, redemption_id=redeemed(db, fan_id).redemption.id, actor=ODILE, reason="erreur")
    redeem(db, fan_id=fan_id, reward_slug="coffee")


def test_the_limit_of_one_fan_is_not_anothers(db: Database, fan_id: int) -> None:
    coffee(db, per_fan_limit=1)
    redeemed(db, fan_id)
    from tests.cast import marc

    redeemed(db, marc(db).id)


def test_a_reward_is_had_within_its_window(db: Database, fan_id: int) -> None:
    opens, closes = MORNING + DAY, MORNING + 2 * DAY
    coffee(db, redeemable_from=opens.isoformat(), redeemable_to=closes.isoformat())
    with pytest.raises(NotRedeemableYet) as early:
        at(db, MORNING, fan_id)
    assert early.value.say("fr").endswith("à partir du 24 novembre 2026 à 08:00.")
    with pytest.raises(NoLongerRedeemable) as late:
        at(db, closes, fan_id)
    assert late.value.holes["until_at"] == closes
    at(db, opens, fan_id)


def test_what_is_not_to_be_seen_cannot_be_had(db: Database, fan_id: int) -> None:
    coffee(db, visible_from=(MORNING + DAY).isoformat())
    for slug in ("coffee", "nothing"):
        with pytest.raises(RewardNotFound):
            redeem(db, fan_id=fan_id, reward_slug=slug)
    with pytest.raises(NotFound):
        redeem(db, fan_id=ids.new(), reward_slug="coffee")


def test_it_is_all_or_nothing_inside_another_transaction_too(db: Database, fan_id: int) -> None:
    reward = coffee(db)
    give_points(db, fan_id, 100)

    class Stumbled(Exception):
        pass

    def steps(session: sa.orm.Session) -> None:
        redeem(Joined(session), fan_id=fan_id, reward_slug="coffee")  # type: ignore[arg-type]
        raise Stumbled

    with pytest.raises(Stumbled):
        db.write(steps)
    assert (balance(db, fan_id), left(db, reward), count(db, Voucher)) == (100, 10, 0)
