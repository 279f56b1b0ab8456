"""A fan gives points through the pages: the other one's code, a look at the name, once, and both histories tell it."""

import re

import pytest
from sqlmodel import Session

from loyalty.db import Database
from loyalty.fans.tables import Fan
from loyalty.programme.tables import Programme
from tests import cast
from tests.makers.rewards import balance, give_points
from tests.web.fan.conftest import Browser


@pytest.fixture(autouse=True)
def allowed(app, db: Database) -> None:
    def steps(session: Session) -> None:
        session.get_one(Programme, 1).transfers_allowed = True

    db.write(steps)


@pytest.fixture
def marc(app, db: Database) -> Fan:
    return cast.marc(db)


@pytest.fixture
def marc_at(marc: Fan, new_browser) -> Browser:
    browser = new_browser()
    browser.sign_in("marc@example.org")
    browser.get("/?lang=en")
    return browser


def shown_code(browser: Browser) -> str:
    assert browser.submit("/give/code", on="/give").location == "/give#receive"
    found = re.search(r'class="code-large"[^>]*>([A-Z0-9-]+)<', browser.get("/give").text)
    assert found
    return found[1]


def confirm(browser: Browser, page: str):
    fields = dict(re.findall(r'name="(gift|code|amount)" value="([^"]+)"', page))
    return browser.submit("/give/confirm", on="/profile", **fields)


def test_points_are_given_by_code_after_a_look_at_the_name(ines, ines_at, marc, marc_at, db) -> None:
    give_points(db, ines.id, 100)
    code = shown_code(marc_at)
    page = ines_at.submit("/give", code=code.lower(), amount="40").text
    assert "Marc" in page and "marc@example.org" not in page and str(marc.id) not in page
    assert balance(db, ines.id) == 100, "nothing is given yet"
    assert {confirm(ines_at, page).location for _ in range(3)} == {"/give"}
    assert (balance(db, ines.id), balance(db, marc.id)) == (60, 40)
    assert "You gave them to Marc." in ines_at.get("/history").text
    assert "Inès gave them to you" in marc_at.get("/history").text
    assert "Vous les avez donnés à Marc." in ines_at.get("/history?lang=fr").text


def test_what_is_wrong_is_said_and_the_form_is_kept(ines, ines_at, marc_at, db) -> None:
    give_points(db, ines.id, 100)
    code = shown_code(marc_at)
    for fields, said in (
        ({"code": "ABCD-EF2H", "amount": "40"}, "This code is not valid"),
        ({"code": code, "amount": "9"}, "Nobody gives less than 10 points at once."),
        ({"code": code, "amount": "101"}, "You are 1 point short"),
        ({"code": code, "amount": "many"}, 'aria-invalid="true"'),
        ({"code": "", "amount": "40"}, 'aria-invalid="true"'),
        ({"code": shown_code(ines_at), "amount": "40"}, "This code is not valid"),
    ):
        answer = ines_at.submit("/give", **fields)
        assert answer.status_code in (409, 422), fields
        assert said in answer.text, fields
        assert f'value="{fields["amount"]}"' in answer.text


def test_wrong_codes_on_the_second_form_are_counted_too(ines, ines_at, db) -> None:
    give_points(db, ines.id, 100)
    statuses = [
        ines_at.submit("/give/confirm", on="/profile", gift=f"g{n}", code=f"ABCD-EF2{n}", amount="40").status_code
        for n in "23456789234"
    ]
    assert statuses == [422] * 10 + [429]


def test_where_it_is_not_allowed_there_is_no_such_page(ines_at, db) -> None:
    assert "/give" in ines_at.get("/history").text

    def steps(session: Session) -> None:
        session.get_one(Programme, 1).transfers_allowed = False

    db.write(steps)
    assert ines_at.get("/give").status_code == 404
    assert ines_at.submit("/give", on="/profile", code="ABCD-EF2H", amount="40").status_code == 404
    assert ines_at.submit("/give/code", on="/profile").status_code == 404
    assert "/give" not in ines_at.get("/history").text
