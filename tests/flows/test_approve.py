"""Two people: the decision and the deed share one transaction."""

import pytest

from loyalty.flows import approve
from loyalty.flows.move_stock import move
from loyalty.flows.propose_movement import propose
from loyalty.rewards.find import movements
from loyalty.rewards.refusals import NotThatMany
from loyalty.staff import approvals
from loyalty.staff.approvals import AlreadyDecided, OwnApproval
from tests.cast import ODILE, open_station
from tests.makers.rewards import coffee, left
from tests.makers.vouchers import stock_adds_up

LEA = "staff:lea@lumiere.example"


@pytest.fixture
def reward(db):
    open_station(db)
    return coffee(db, units=600)


@pytest.fixture
def asked(db, reward):
    said = {"quantity": 501, "lot_id": None}
    assert propose(db, kind="lost", reward_slug="coffee", said=said, actor=ODILE, reason="Flood").waits
    return db.read(approvals.waiting)[0]


def test_nothing_moves_until_another_person_agrees(db, reward, asked):
    assert left(db, reward) == 600
    with pytest.raises(OwnApproval):
        approve.approve(db, approval_id=asked.id, actor=ODILE)
    assert left(db, reward) == 600
    approve.approve(db, approval_id=asked.id, actor=LEA)
    assert left(db, reward) == 99
    latest = db.read(lambda session: movements(session, reward.id, limit=1))[0]
    assert (latest.kind, latest.actor, latest.reason) == ("lost", ODILE, "Flood")
    assert stock_adds_up(db)


def test_it_is_done_once(db, reward, asked):
    approve.approve(db, approval_id=asked.id, actor=LEA)
    for decide in (approve.approve, approve.refuse):
        with pytest.raises(AlreadyDecided):
            decide(db, approval_id=asked.id, actor=LEA, because="Again")
    assert left(db, reward) == 99


def test_a_refusal_moves_nothing(db, reward, asked):
    approve.refuse(db, approval_id=asked.id, actor=LEA, because="They were found")
    assert left(db, reward) == 600


def test_what_cannot_be_done_any_more_is_not_decided_either(db, reward, asked):
    move(db, "withdrawn", reward_slug="coffee", quantity=200, actor=ODILE, reason="Sold")
    with pytest.raises(NotThatMany):
        approve.approve(db, approval_id=asked.id, actor=LEA)
    assert [each.id for each in db.read(approvals.waiting)] == [asked.id]


def test_one_lot_is_remembered_with_all_its_digits(db, reward):
    lot_id = db.read(lambda session: movements(session, reward.id, limit=1))[0].lot_id
    said = {"quantity": 550, "lot_id": lot_id}
    propose(db, kind="withdrawn", reward_slug="coffee", said=said, actor=ODILE, reason="Sold")
    (asked,) = db.read(approvals.waiting)
    approve.approve(db, approval_id=asked.id, actor=LEA)
    assert left(db, reward) == 50


def test_every_action_that_waits_has_a_doer():
    assert {"points.adjusted", "stock.moved"} <= approve.DOERS.keys()
