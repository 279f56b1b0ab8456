"""A fan gives points to another: the same points, with the same life, within what the programme allows."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial

import pytest
from sqlalchemy import text
from sqlmodel import Session

from loyalty import clock
from loyalty.activities.fact import WithdrawnFact
from loyalty.db import Database, is_sqlite
from loyalty.errors import NotFound
from loyalty.fans import consents
from loyalty.fans.merge import Kept
from loyalty.flows.earn import earn
from loyalty.flows.erase import erase_fan
from loyalty.flows.hold import authorise
from loyalty.flows.link import link, register
from loyalty.flows.merge_fans import merge_fans
from loyalty.flows.redeem import redeem
from loyalty.flows.reverse import withdraw
from loyalty.flows.transfer import (
    CannotGive,
    DailyTransferLimit,
    NobodyByThatCode,
    OwesPoints,
    TransfersNotAllowed,
    TransferTooSmall,
    receiver_of,
    show_give_code,
    transfer,
)
from loyalty.intake.rate import TooManyAttempts
from loyalty.ledger import find
from loyalty.ledger.journal import STATUS_UNIT
from loyalty.ledger.post import NotEnoughPoints
from loyalty.ledger.verify import breaches
from loyalty.programme.tables import Programme
from tests import cast
from tests.cast import MORNING, ODILE, chat
from tests.makers.moment import FIRST, SECOND, give, ines_who_saved, on, station_at
from tests.makers.rewards import coffee
from tests.races.crowd import answers, at_once, refusals

DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def station(db: Database) -> Iterator[None]:
    with station_at(db, MORNING, months=0):
        allow(db)
        yield


@pytest.fixture
def ines(db: Database) -> int:
    return ines_who_saved(db)


@pytest.fixture
def marc(db: Database) -> int:
    return cast.marc(db).id


def allow(db: Database, *, allowed: bool = True, smallest: int = 5, most: int = 60) -> None:
    def steps(session: Session) -> None:
        programme = session.get_one(Programme, 1)
        programme.transfers_allowed, programme.transfer_smallest = allowed, smallest
        programme.transfer_most_per_day = most

    db.write(steps)


def lots(db: Database, fan_id: int) -> dict[datetime, int]:
    found = db.read(lambda session: find.balance(session, fan_id, now=clock.now())).lots
    return {lot.expires_at: lot.points for lot in found if lot.expires_at}


def sent(db: Database, sender_id: int, receiver_id: int, amount: int) -> int:
    return transfer(db, sender_id=sender_id, receiver_id=receiver_id, amount=amount).balance


def test_points_go_soonest_expiry_first_and_gain_no_life(db: Database, ines: int, marc: int) -> None:
    assert sent(db, ines, marc, 45) == 55
    assert lots(db, ines) == {SECOND: 55}
    assert lots(db, marc) == {FIRST: 30, SECOND: 15}


def test_what_waits_or_is_set_aside_and_status_points_stay(db: Database, ines: int, marc: int) -> None:
    give(db, ines, 9, key=3, unit=STATUS_UNIT)
    authorise(db, fan_id=ines, amount=60, purpose="Ticket", actor=ODILE)
    with pytest.raises(NotEnoughPoints):
        sent(db, ines, marc, 41)
    sent(db, ines, marc, 40)
    has = db.read(lambda session: find.balance(session, ines, now=clock.now()))
    assert (has.points, has.held, has.status_points) == (0, 60, 9)


def test_expired_points_cannot_be_given_though_nobody_swept_them(db: Database, ines: int, marc: int) -> None:
    with on(15):
        allow(db, most=1_000)
        with pytest.raises(NotEnoughPoints):
            sent(db, ines, marc, 71)


def test_the_programme_says_whether_how_few_and_how_many_a_day(db: Database, ines: int, marc: int) -> None:
    with pytest.raises(TransferTooSmall):
        sent(db, ines, marc, 4)
    sent(db, ines, marc, 40)
    with pytest.raises(DailyTransferLimit) as beyond:
        sent(db, ines, marc, 21)
    assert beyond.value.holes == {"most": 60, "left": 20}
    with on(0.6):  # 21:24 in Paris: the same day
        sent(db, ines, marc, 20)
    with on(0.72):  # past midnight in Paris
        sent(db, ines, marc, 5)
    allow(db, allowed=False)
    with pytest.raises(TransfersNotAllowed):
        sent(db, ines, marc, 5)
    with pytest.raises(TransfersNotAllowed):
        show_give_code(db, marc)


def test_who_owes_cannot_give_and_who_gets_pays_a_debt_first(db: Database, marc: int) -> None:
    fan_id = cast.ines(db).id
    cast.rule(db, earn={"fixed": 20})
    link(db, fan_id=fan_id, network="twitch", external_id="tw-ines", actor=ODILE)
    earn(db, [chat(1)], source="test")
    coffee(db, cost_points=20)
    redeem(db, fan_id=fan_id, reward_slug="coffee")
    withdraw(db, [WithdrawnFact(act_key=chat(1).act_key)], source="test")
    with pytest.raises(OwesPoints):
        sent(db, fan_id, marc, 5)
    give(db, marc, 50, key=1)
    sent(db, marc, fan_id, 30)
    has = db.read(lambda session: find.balance(session, fan_id, now=clock.now()))
    assert (has.points, has.debt) == (10, 0)


def test_nobody_gives_to_oneself_to_who_left_or_to_a_child(db: Database, ines: int, marc: int) -> None:
    with pytest.raises(CannotGive):
        sent(db, ines, ines, 5)
    with pytest.raises(NotFound):
        sent(db, ines, 7, 5)
    db.write(lambda session: consents.answer(session, fan_id=marc, purpose=consents.AGE, given=False))
    for one, other in ((ines, marc), (marc, ines)):
        with pytest.raises(CannotGive):
            sent(db, one, other, 5)
    gone, merged = (register(db, display_name=name, actor=ODILE).id for name in ("Léa", "Inès bis"))
    erase_fan(db, fan_id=gone, actor=ODILE)
    merge_fans(db, source_id=merged, target_id=ines, kept=Kept(), reason="The same person", actor=ODILE)
    for left in (gone, merged):
        with pytest.raises(NotFound):
            sent(db, ines, left, 5)
        with pytest.raises(NotFound):
            sent(db, left, ines, 5)


def test_a_code_names_its_fan_for_a_quarter_of_an_hour_and_is_replaced(db: Database, ines: int, marc: int) -> None:
    _, first = show_give_code(db, marc)
    found = receiver_of(db, sender_id=ines, typed=f" {first[:4].lower()}-{first[4:].lower()} ")
    assert (found.fan_id, found.name) == (marc, "Marc")
    _, second = show_give_code(db, marc)
    for over in (first, "ABCD-EF2H", "nothing", ""):
        with pytest.raises(NobodyByThatCode):
            receiver_of(db, sender_id=ines, typed=over)
    with on(1 / 96), pytest.raises(NobodyByThatCode):
        receiver_of(db, sender_id=ines, typed=second)
    with pytest.raises(NobodyByThatCode):
        receiver_of(db, sender_id=marc, typed=second)


def test_who_guesses_is_stopped_and_learns_nothing(db: Database, ines: int, marc: int) -> None:
    _, code = show_give_code(db, marc)
    for number in range(10):
        with pytest.raises(NobodyByThatCode):
            receiver_of(db, sender_id=ines, typed=f"ABCD-EF2{'23456789ABCD'[number]}")
    with pytest.raises(TooManyAttempts):
        receiver_of(db, sender_id=ines, typed=code)


def test_the_day_s_limit_holds_in_a_rush_and_no_point_is_made(db: Database, ines: int, marc: int) -> None:
    give(db, marc, 100, key=3)
    there = [partial(sent, db, ines, marc, 10) for _ in range(20)]
    back = [partial(sent, db, marc, ines, 10) for _ in range(20)]
    came = at_once([call for pair in zip(there, back, strict=True) for call in pair])
    assert set(refusals(came)) == {"DailyTransferLimit"}
    assert len(answers(came)) == 12
    assert [sum(lots(db, each).values()) for each in (ines, marc)] == [100, 100]


def test_verify_sees_points_that_arrived_in_another_lot(db: Database, ines: int, marc: int) -> None:
    sent(db, ines, marc, 10)

    def tamper(session: Session) -> None:
        on_table = "" if is_sqlite(session) else " ON lot_use"
        session.execute(text(f"DROP TRIGGER lot_use_no_update{on_table}"))
        session.execute(text("UPDATE lot_use SET amount = amount + 1 WHERE amount = 10"))
        found = [f"{each.where} {each.what}" for each in breaches(session)]
        session.rollback()
        assert any("arrived in another lot" in each for each in found)

    db.write(tamper)
