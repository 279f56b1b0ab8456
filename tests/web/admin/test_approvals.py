"""What takes two people: asked for by one, decided by another, once."""

import pytest

from loyalty.flows.adjust import adjust_points
from loyalty.flows.move_stock import move
from loyalty.flows.propose_movement import propose
from loyalty.rewards import find
from loyalty.staff import approvals
from tests.cast import ines
from tests.makers.rewards import balance, coffee, left, receive

ODILE = "staff:odile@lumiere.example"


@pytest.fixture
def asked(db, app):
    coffee(db, units=600)
    said = {"quantity": 550, "lot_id": None}
    propose(db, kind="withdrawn", reward_slug="coffee", said=said, actor=ODILE, reason="Sold elsewhere")
    return db.read(approvals.waiting)[0]


def decide(browser, asked, how, because=""):
    return browser.submit(f"/admin/approvals/{asked.id}/{how}", on="/admin/account", because=because)


def test_a_refusal_needs_words_and_nothing_is_done(db, staff_at, asked):
    manager = staff_at("manager")
    page = decide(manager, asked, "refuse")
    assert page.status_code == 422 and "Please fill this in." in page.text
    assert decide(manager, asked, "refuse", "We need them").status_code == 303
    page = manager.get("/admin/approvals").text
    assert "Nothing waits for a second person." in page and "We need them" in page
    assert db.read(approvals.waiting) == []


def test_who_asked_is_shown_no_button(odile_at, asked):
    page = odile_at.get("/admin/approvals").text
    assert "Withdraw 550 units" in page and "Sold elsewhere" in page
    assert "/approve" not in page and "You asked for this" in page


def test_what_is_decided_stays_decided(staff_at, asked):
    manager, other = staff_at("manager"), staff_at("manager", email="lea@lumiere.example")
    assert decide(manager, asked, "refuse", "No").status_code == 303
    late = decide(other, asked, "approve")
    assert late.status_code == 409 and "manager@lumiere.example" in late.text


def test_what_is_no_longer_possible_waits_on_undecided(db, staff_at, asked):
    move(db, "lost", reward_slug="coffee", quantity=100, actor=ODILE, reason="Fire")
    page = decide(staff_at("manager"), asked, "approve")
    assert page.status_code == 409 and "there are only 500" in page.text
    assert [each.id for each in db.read(approvals.waiting)] == [asked.id]
    receive(db, 50)
    assert decide(staff_at("administrator", "lea@lumiere.example"), asked, "approve").status_code == 303
    assert left(db, coffee_of(db)) == 0


def coffee_of(db):
    return db.read(lambda session: find.reward(session, "coffee"))


def test_a_large_adjustment_is_posted_when_another_agrees(db, app, staff_at):
    fan = ines(db)
    adjust_points(db, fan_id=fan.id, amount=5_000, reason="Prize", actor=ODILE, key=1)
    (asked,) = db.read(approvals.waiting)
    manager = staff_at("manager")
    assert "Give 5,000 points" in manager.get("/admin/approvals").text
    assert decide(manager, asked, "approve").status_code == 303
    assert balance(db, fan.id) == 5_000


def test_support_and_readers_decide_nothing(staff_at, asked):
    for role in ("support", "reader", "editor"):
        assert decide(staff_at(role), asked, "approve").status_code == 403
