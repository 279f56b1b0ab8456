"""The accounts in the admin: what fans are owed, the value of a point, months closed for good, the files."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from loyalty import clock
from loyalty.flows.close_month import close_month
from loyalty.ledger import closing
from loyalty.ledger.months import Month
from loyalty.programme.find import Valuation, valuation
from loyalty.staff import audit
from tests.cast import MORNING, ODILE
from tests.makers.books import Books

OCTOBER = datetime(2026, 10, 5, 8, tzinfo=UTC)
VALUE = {"point_value": "0,0125", "expected_breakage": "12,5", "reason": "Coût moyen d’une récompense"}


@pytest.fixture(autouse=True)
def nothing_is_remembered(monkeypatch):
    """What a page counted is counted anew each time."""
    for module in ("accounts.page", "overview.page"):
        monkeypatch.setattr(f"loyalty.web.admin.{module}.once_in", lambda age, db, name, steps: db.read(steps))


@pytest.fixture
def books(app, db):
    """Points of October and of November, some spent, some that wait."""
    made = Books(db)
    ines = made.holder()
    made.grant(ines, 1_000, OCTOBER)
    made.spend(ines, 200, OCTOBER + timedelta(days=3))
    made.grant(ines, 50, MORNING - timedelta(days=1), available_at=MORNING + timedelta(days=1))
    return made


def page(browser, path="/admin/accounts"):
    shown = browser.get(path)
    assert shown.status_code == 200
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", shown.text.replace("\N{NO-BREAK SPACE}", " ")))


def cells(file):
    return [line.split(";") for line in file.text.lstrip("\ufeff").splitlines()]


def test_it_says_what_fans_are_owed_and_that_it_reconciles(books, odile_at):
    said = page(odile_at)
    assert "850 not spendable yet : 50, in fans’ wallets : 800" in said
    assert "points are not valued yet" in said
    assert (
        "They reconcile Sum of the entries: 850 points. Lots, awards that wait and points set aside: 850 points."
        in said
    )
    assert "under 3 months 800 –" in said and "not spendable yet 50 –" in said and "never 850 –" in said
    assert "As the station declared none, nothing is counted on." in said


def test_valued_it_says_euro_and_what_is_expected(books, db, odile_at):
    assert odile_at.submit("/admin/accounts/value", on="/admin/accounts", **VALUE).status_code == 303
    said = page(odile_at)
    assert "Liability, if all were spent €10.62" in said or "€10.63" in said
    assert "a point at €0.0125" in said and "Expected breakage: 12.5 %" in said
    assert "Liability expected €9.30" in said
    assert db.read(valuation) == Valuation(12_500, 1_250)
    (record,) = db.read(lambda session: audit.find(session, limit=1, action="programme.changed"))
    assert record.after == {"point_value": 12_500, "expected_breakage": 1_250}
    assert record.reason == VALUE["reason"]
    assert 'value="0.0125"' in odile_at.get("/admin/accounts").text
    odile_at.submit("/admin/accounts/value", on="/admin/accounts", reason="Plus de valeur")
    assert db.read(valuation) == Valuation(None, None)


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("point_value", "un centime", "A number, such as 0.01."),
        ("point_value", "0.0000001", "A number, such as 0.01."),
        ("point_value", "-1", "From 0 to 1,000."),
        ("point_value", "1001", "From 0 to 1,000."),
        ("point_value", "NaN", "A number, such as 0.01."),
        ("point_value", "1e2", None),
        ("expected_breakage", "101", "From 0 to 100."),
        ("expected_breakage", "Infinity", "A number, such as 0.01."),
        ("reason", " ", "Please fill this in."),
    ],
)
def test_what_is_wrong_with_a_value_stands_at_its_field_and_the_form_stays(books, db, odile_at, field, value, told):
    answer = odile_at.submit("/admin/accounts/value", on="/admin/accounts", **{**VALUE, field: value})
    if told is None:
        assert answer.status_code == 303
        return
    assert answer.status_code == 422
    assert told in answer.text
    assert field == "reason" or 'value="Coût' in answer.text
    assert db.read(valuation) == Valuation(None, None)


def test_a_month_is_closed_when_its_name_is_typed(books, db, odile_at):
    assert "To be closed" in page(odile_at, "/admin/accounts/2026-10")
    wrong = odile_at.submit("/admin/accounts/2026-10/close", on="/admin/accounts/2026-10", reason="Fin", word="2026-11")
    assert wrong.status_code == 422 and 'value="Fin"' in wrong.text and db.read(closing.every) == []
    done = odile_at.submit("/admin/accounts/2026-10/close", on="/admin/accounts/2026-10", reason="Fin", word="2026-10")
    assert done.status_code == 303
    (made,) = db.read(closing.every)
    said = page(odile_at, "/admin/accounts/2026-10")
    assert made.hash in said and "The first month that was closed." in said and "odile@lumiere.example" in said
    assert "in fans’ wallets wallet 0 200 1,000 800" in said
    assert "October 2026 Closed 2 1,000 200 0 800" in page(odile_at)
    assert "November 2026 Open 1 50 0 0 850" in page(odile_at)
    assert "Month closed" in odile_at.get("/admin/audit").text


def test_a_month_that_cannot_be_closed_is_refused_in_words(books, db, odile_at):
    token_page = "/admin/accounts"
    for month, told in (("2026-11", "2026-10 comes next"), ("2026-10", None), ("2026-10", "closed already"),
                        ("2026-11", "not over")):  # fmt: skip
        answer = odile_at.submit(f"/admin/accounts/{month}/close", on=token_page, reason="Fin", word=month)
        assert answer.status_code == (303 if told is None else 409)
        assert told is None or told in answer.text


@pytest.mark.parametrize("path", ["2026-13", "x", "2020-01", "2027-01", "9999-12"])
def test_there_is_no_such_month(books, odile_at, path):
    assert odile_at.get(f"/admin/accounts/{path}").status_code == 404


def test_administrators_close_others_only_see(books, db, staff_at):
    for role in ("manager", "editor", "reader"):
        browser = staff_at(role)
        text = browser.get("/admin/accounts").text
        assert "They reconcile" in text and "Value of a point, in euro" not in text
        assert "an administrator can close it" in browser.get("/admin/accounts/2026-10").text
    helper = staff_at("support")
    assert helper.get("/admin/accounts").status_code == 403
    assert "What fans are owed" not in helper.get("/admin/").text


def test_the_files_have_every_leg_and_every_account_and_no_name(books, db, odile_at):
    rows = cells(odile_at.get("/admin/accounts/-/journal.csv?first=2026-10-01&last=2026-10-31&account="))
    assert rows[0][:8] == ["accounting_date", "entry", "leg", "unit", "debit", "credit", "amount", "eur"]
    assert [row[4:8] for row in rows[1:]] == [["issued", "wallet", "1000", ""], ["wallet", "spent", "200", ""]]
    assert rows[1][0] == "2026-10-05T10:00:00+02:00"
    balances = cells(odile_at.get("/admin/accounts/-/balance.csv?first=2026-10-01&last=2026-10-31"))
    assert ["points", "wallet", "0", "200", "1000", "800", ""] in balances
    odile_at.submit("/admin/accounts/value", on="/admin/accounts", **VALUE)
    balances = cells(odile_at.get("/admin/accounts/-/balance.csv?first=2026-10-01&last=2026-10-31"))
    assert ["points", "issued", "0", "1000", "0", "-1000", "-12,50"] in balances, "a number, not a formula"


def test_a_cause_that_looks_like_a_formula_is_a_text(books, db, odile_at, monkeypatch):
    monkeypatch.setattr("loyalty.flows.extract_journal.journal", lambda *_, **__: iter([("=1+1", -5)]))
    assert cells(odile_at.get("/admin/accounts/-/journal.csv?first=2026-10-01&last=2026-10-31"))[1] == ["'=1+1", "-5"]


@pytest.mark.parametrize("query", ["", "?first=2026-10-01", "?first=2026-10-31&last=2026-10-01", "?first=x&last=y",
                                   "?first=0001-01-01&last=9999-12-31"])  # fmt: skip
def test_a_period_that_is_none_is_said_at_its_field(books, odile_at, query):
    for name in ("journal", "balance"):
        answer = odile_at.get(f"/admin/accounts/-/{name}.csv{query}")
        assert answer.status_code == 422
        assert "No file was made" in answer.text and 'aria-invalid="true"' in answer.text


def test_an_empty_station_has_accounts_too(app, odile_at):
    assert "There is no entry yet" in page(odile_at)
    assert "They reconcile" in page(odile_at)


def test_the_overview_says_what_fans_are_owed(books, odile_at):
    odile_at.submit("/admin/accounts/value", on="/admin/accounts", **VALUE)
    assert re.search(r"What fans are owed 850 points · €10\.6[23]", page(odile_at, "/admin/"))


def test_months_before_the_first_closing_are_told_as_after_it(books, db, odile_at):
    before = page(odile_at, "/admin/accounts/2026-10")
    with clock.running_on(clock.stopped_at(MORNING)):
        close_month(db, Month(2026, 10), actor=ODILE)
    after = page(odile_at, "/admin/accounts/2026-10")
    cut = slice(before.index("Balance"), before.index("Movements"))
    assert before[cut] in after
