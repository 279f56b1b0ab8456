"""The stock of a reward in the admin; what is much takes two people."""

import re

import pytest

from loyalty.staff import approvals, audit
from tests.makers.rewards import coffee, left
from tests.makers.vouchers import stock_adds_up

STOCK = "/admin/rewards/coffee/stock"
RECEIVED = {"quantity": "500", "unit_cost_cents": "1,20", "donor": "Torréfaction", "reason": "Delivery"}


@pytest.fixture
def reward(db):
    return coffee(db)


def fresh(browser):
    """The number the page gives its forms."""
    return re.search(r'name="form" value="([^"]+)"', browser.get(STOCK).text)[1]


def receive(browser, form=None, **said):
    return browser.submit(f"{STOCK}/receive", on=STOCK, form=form or fresh(browser), **(RECEIVED | said))


def move(browser, kind, quantity, **said):
    whole = {"kind": kind, "quantity": quantity, "lot": "", "reason": "Inventory", "form": fresh(browser)}
    return browser.submit(f"{STOCK}/move", on=STOCK, **(whole | said))


def test_what_one_person_may_is_done_at_once_with_its_cost(db, app, odile_at, reward):
    assert receive(odile_at).status_code == 303
    assert left(db, reward) == 510
    page = odile_at.get(STOCK).text
    assert "€600.00" in page, "500 that cost 1.20 each"
    assert "Delivery" in page
    assert stock_adds_up(db)


def test_the_same_form_twice_moves_once(db, odile_at, reward):
    form = fresh(odile_at)
    assert receive(odile_at, form).status_code == receive(odile_at, form).status_code == 303
    assert left(db, reward) == 510
    assert receive(odile_at, form, quantity="20").status_code == 422, "the same form with another content"
    assert left(db, reward) == 510


def test_units_leave_and_come_back_each_with_its_reason(db, odile_at, reward):
    for kind, quantity in (("withdrawn", "4"), ("lost", "2"), ("returned", "3")):
        assert move(odile_at, kind, quantity).status_code == 303
    assert left(db, reward) == 7
    page = odile_at.get(STOCK).text
    assert "−4" in page and "−2" in page and "+3" in page and page.count("Inventory") == 3
    assert stock_adds_up(db)


def test_more_than_there_is_is_refused_beside_its_field(db, odile_at, reward):
    page = move(odile_at, "withdrawn", "11")
    assert page.status_code == 409 and "there are only 10" in page.text and 'value="11"' in page.text
    assert move(odile_at, "lost", "many").status_code == 422
    assert move(odile_at, "lost", "1", reason=" ").status_code == 422
    assert move(odile_at, "lost", "1", lot="7").status_code == 404
    assert left(db, reward) == 10


def test_43_a_large_movement_waits_until_another_person_agrees(db, odile_at, staff_at, reward):
    assert receive(odile_at, quantity="501").status_code == 303
    assert left(db, reward) == 10, "nothing has moved yet"
    assert "it waits for somebody else to agree" in odile_at.get(STOCK).text
    (asked,) = db.read(approvals.waiting)
    own = odile_at.submit(f"/admin/approvals/{asked.id}/approve", on="/admin/account", because="")
    assert own.status_code == 409 and left(db, reward) == 10
    manager = staff_at("manager")
    assert "Receive 501 units from Torréfaction" in manager.get("/admin/approvals").text
    assert manager.submit(f"/admin/approvals/{asked.id}/approve", on="/admin/approvals", because="").status_code == 303
    assert left(db, reward) == 511
    records = {each.action: each for each in reversed(db.read(lambda session: audit.find(session, limit=5)))}
    assert records["stock.received"].after == {"quantity": 501, "asked_by": "staff:odile@lumiere.example"}
    assert records["approval.approved"].actor == "staff:manager@lumiere.example"
    assert stock_adds_up(db)


def test_43_what_cannot_be_is_put_before_nobody(db, odile_at, reward):
    assert move(odile_at, "withdrawn", "600").status_code == 409
    assert db.read(approvals.waiting) == []
