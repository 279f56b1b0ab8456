"""Odile values points, closes a month and hands the journal over, in both languages, on every width."""

import re
from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect

from tests.browser import station
from tests.browser.watch import enter_admin, window

pytestmark = pytest.mark.timeout(300)  # the station is made within the first of them
SAID = {
    "fr": {"saved": "Enregistré", "closed": "Clôturé", "due": "À clôturer", "reconciles": "Les comptes concordent"},
    "en": {"saved": "Saved", "closed": "Closed", "due": "To be closed", "reconciles": "They reconcile"},
}
VALUE = {"fr": ("0,0125", "12,5"), "en": ("0.0125", "12.5")}


@pytest.fixture(scope="module")
def club(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Any]]:
    """A small station of its own, that has lived through the end of a month, and Odile in its admin."""
    folder = tmp_path_factory.mktemp("club")
    with station.served(folder, fans=12, days=35) as url, window(browser, url, width=1280) as watched:
        enter_admin(watched, station.passes(folder))
        yield url, watched.page.context.storage_state()


@pytest.mark.parametrize("language", ["fr", "en"])
def test_odile_values_points_closes_a_month_and_hands_the_journal_over(
    browser: Browser, club: tuple[str, Any], language: str
) -> None:
    url, odile = club
    said = SAID[language]
    with window(browser, url, width=1280, language=language, storage_state=odile) as watched:
        page = watched.page
        watched.open(f"/admin/accounts?lang={language}")
        expect(page.locator("main")).to_contain_text(said["reconciles"])
        for name, value in zip(("point_value", "expected_breakage"), VALUE[language], strict=True):
            page.fill(f"#{name}", value)
        page.fill("#reason", "Coût moyen d’une récompense")
        page.press("#reason", "Enter")
        expect(page.get_by_role("status")).to_contain_text(said["saved"])
        assert page.input_value("#point_value") == VALUE[language][0]
        expect(page.locator(".tile dd").nth(1)).to_contain_text("€")

        due, closed = (page.locator("tbody tr", has_text=said[state]) for state in ("due", "closed"))
        row = (due if due.count() else closed).first
        month = (row.locator("a").first.get_attribute("href") or "").rpartition("/")[2]
        row.locator("a").first.click()
        page.wait_for_url(f"**/accounts/{month}")
        if page.locator("#word").count():  # one month is over: whoever comes first closes it
            page.fill("#reason", "Fin de mois")
            page.fill("#word", month)
            page.press("#word", "Enter")
        expect(page.locator(".page-head .state")).to_have_text(said["closed"])
        expect(page.locator(".hash").first).to_have_text(re.compile("^[0-9a-f]{64}$"))

        watched.open("/admin/accounts")
        page.fill("#first", f"{month}-01")
        with page.expect_download() as download:
            page.locator("form[action$='journal.csv'] .btn-primary").click()
        lines = download.value.path().read_text(encoding="utf-8-sig").splitlines()
        assert lines[0].startswith("accounting_date;entry;leg;")
        assert len(lines) > 5 and lines[1].startswith(month)


@pytest.mark.parametrize(("scheme", "width"), list(product(["light", "dark"], [360, 1280])))
def test_no_page_of_the_accounts_keeps_anybody_out(
    browser: Browser, club: tuple[str, Any], scheme: str, width: int
) -> None:
    url, odile = club
    language = "fr" if scheme == "light" else "en"
    found = {}
    with window(browser, url, width=width, color_scheme=scheme, storage_state=odile) as watched:
        page = watched.page
        watched.open(f"/admin/accounts?lang={language}")
        months = [str(each.get_attribute("href")) for each in page.locator("tbody th a").all()]
        assert len(months) >= 2
        watched.may_fail = True
        for path in ("/admin/accounts", "/admin/accounts/-/journal.csv?first=x", *months):
            watched.open(path)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, path
            found[path] = [each["id"] for each in Axe().run(page).response["violations"]]
        watched.open("/admin/accounts")
        page.fill("#point_value", "un centime")
        page.fill("#reason", "Essai")
        page.press("#reason", "Enter")
        expect(page.locator("#point_value")).to_have_attribute("aria-invalid", "true")
        assert page.input_value("#point_value") == "un centime"
        found["what is wrong"] = [each["id"] for each in Axe().run(page).response["violations"]]
    assert {path: wrong for path, wrong in found.items() if wrong} == {}
