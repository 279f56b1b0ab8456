"""Expiry in the admin: the rule in words, what another one would do, and when fans are told."""

import pytest

from loyalty.flows.adjust import adjust_points
from loyalty.flows.change_expiry import apply_expiry
from loyalty.flows.change_programme import change_programme
from loyalty.programme.expiry import Fixed, Never, Rolling, Sliding
from loyalty.programme.find import the_programme
from loyalty.staff import approvals, audit
from tests.cast import ODILE, ines, marc
from tests.makers.proof import adds_up

PAGE = "/admin/programme/expiry"
SLIDING = {"kind": "sliding", "rolling_months": "", "sliding_months": "6", "fixed_month": "", "fixed_day": ""}
WHY = {"applies": "existing", "reason": "New season", "word": "apply"}


def preview(browser, **said):
    return browser.get(PAGE + "?" + "&".join(f"{name}={value}" for name, value in said.items()))


def change(browser, **said):
    return browser.submit(PAGE, on=PAGE, **said)


@pytest.fixture
def rich(db):
    """Inès with 900 points, Marc with 300, all until the end of a month in two years."""
    for fan, points in ((ines(db), 900), (marc(db), 300)):
        adjust_points(db, fan_id=fan.id, amount=points, reason="Gift", actor=ODILE, key=fan.id)


def test_the_rule_is_told_as_fans_read_it(odile_at):
    page = odile_at.get(PAGE).text
    assert "Your points expire 24 months after you earned them, at the end of the month." in page
    assert 'value="rolling" required checked' in page and 'value="24"' in page


def test_what_another_rule_would_do_is_seen_before_anything_changes(db, odile_at, rich):
    page = preview(odile_at, **SLIDING).text
    assert "6 months after you last earned any" in page
    assert "1,200\N{NO-BREAK SPACE}points of 2 fans" in page and "<svg" in page
    assert "Of 1,200 points, 1,200 would expire sooner and 0 later." in page
    assert db.read(the_programme).expiry == Rolling(24)


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"kind": "soon"}, "kind"),
        ({"kind": "rolling"}, "rolling_months"),
        ({"kind": "rolling", "rolling_months": "1.5"}, "rolling_months"),
        ({"kind": "sliding", "sliding_months": "0"}, "sliding_months"),
        ({"kind": "fixed", "fixed_month": "2", "fixed_day": "30"}, "fixed_day"),
        ({"kind": "fixed", "fixed_day": "30"}, "fixed_month"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_the_form_kept(db, odile_at, said, field):
    for answer in (preview(odile_at, **said), change(odile_at, **WHY, **said)):
        assert answer.status_code == 422
        assert 'class="wrong"' in answer.text
        if field != "kind":
            assert f'id="{field}-help" class="wrong"' in answer.text
        for value in set(said.values()) - {"soon"}:
            assert f'value="{value}"' in answer.text
    assert db.read(the_programme).expiry == Rolling(24)


def test_only_what_is_earned_from_now_on(db, odile_at, rich):
    assert change(odile_at, **SLIDING, applies="new", reason="New season").status_code == 303
    assert db.read(the_programme).expiry == Sliding(6)
    assert apply_expiry(db) == 0
    assert "6 months after you last earned any" in odile_at.get(PAGE).text


def test_existing_points_ask_for_the_word(db, odile_at, rich):
    answer = change(odile_at, **SLIDING, **(WHY | {"word": ""}))
    assert answer.status_code == 422 and "This is not the word." in answer.text
    assert 'value="New season"' in answer.text
    assert db.read(the_programme).expiry == Rolling(24)


def test_many_points_that_would_expire_sooner_wait_for_somebody_else(db, odile_at, rich, staff_at):
    answer = change(odile_at, **SLIDING, **WHY)
    assert answer.status_code == 303 and answer.headers["Location"].endswith("/admin/approvals")
    page = odile_at.get("/admin/approvals").text
    assert "for what exists too: 1,200 points would expire sooner" in page
    assert db.read(the_programme).expiry == Rolling(24)
    again = change(odile_at, **SLIDING, **WHY)
    assert again.status_code == 409 and "waits for somebody else" in again.text
    lea = staff_at("manager")
    asked = db.read(approvals.waiting)[0]
    assert lea.submit(f"/admin/approvals/{asked.id}/approve", on="/admin/approvals").status_code == 303
    assert db.read(the_programme).expiry == Sliding(6)
    assert "are being given their new dates" in odile_at.get(PAGE).text
    assert apply_expiry(db) == 2
    assert "Last applied to existing points" in odile_at.get(PAGE).text
    assert adds_up(db)
    trail = odile_at.get("/admin/audit").text
    assert "New expiry applied to existing points" in trail and "Change of expiry asked for" in trail


def test_making_points_last_takes_one_person(db, odile_at, rich):
    assert change(odile_at, kind="never", **WHY).status_code == 303
    assert db.read(the_programme).expiry == Never()
    assert apply_expiry(db) == 2
    assert "Your points never expire." in odile_at.get(PAGE).text


def test_a_day_of_the_year(db, odile_at):
    fixed = {"kind": "fixed", "fixed_month": "12", "fixed_day": "31", "at_least_months": "3"}
    assert change(odile_at, **fixed, applies="new", reason="Calendar").status_code == 303
    assert db.read(the_programme).expiry == Fixed(12, 31, 3)
    page = odile_at.get(PAGE).text
    assert "on 31 December, and never less than 3 months" in page


def test_when_fans_are_told(db, odile_at):
    said = {"first_days": "45", "last_days": "", "least_points": "50"}
    assert odile_at.submit(f"{PAGE}/notices", on=PAGE, **said).status_code == 303
    programme = db.read(the_programme)
    assert (programme.expiry_notice_days, programme.expiry_notice_points) == ([45], 50)
    record = db.read(lambda session: audit.find(session, limit=1))[0]
    assert record.before == {"expiry_notice_days": [30, 7], "expiry_notice_points": 10}
    wrong = odile_at.submit(f"{PAGE}/notices", on=PAGE, **(said | {"first_days": "soon"}))
    assert wrong.status_code == 422 and 'value="soon"' in wrong.text and 'value="50"' in wrong.text


def test_who_only_reads_sees_no_button(odile_at, staff_at):
    page = preview(staff_at("editor"), **SLIDING).text
    assert "Change the rule" not in page and "See what it would do" in page


def test_one_person_may_change_it_below_the_threshold(db, odile_at, rich):
    change_programme(db, {"approval_points": 5_000}, actor=ODILE)
    assert change(odile_at, **SLIDING, **WHY).headers["Location"].endswith(PAGE)
    assert apply_expiry(db) == 2
