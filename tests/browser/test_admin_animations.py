"""Staff open a code with a press or two, a fan types it and earns; by keyboard, in both languages, for every eye."""

from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect

from tests.browser.test_fan import tab_to
from tests.browser.watch import Watched, window

MOST_INTERACTIONS = 8
PAGES = ("/admin/", "/admin/figures", "/admin/animations", "/admin/animations/new", "/admin/activities",
         "/admin/activities?network=nowhere")  # fmt: skip
SAID = {
    "fr": {"open": "Ouvrir maintenant", "on": "En ce moment", "send": "Envoyer", "earned": "Vous gagnez"},
    "en": {"open": "Open it now", "on": "On now", "send": "Send", "earned": "You earn"},
}


class Hands:
    """A keyboard whose every press that matters is counted; to tab on is to look, as a mouse would move."""

    def __init__(self, watched: Watched) -> None:
        self.watched, self.count = watched, 0

    def press_on(self, label: str) -> None:
        tab_to(self.watched, label)
        self.watched.page.keyboard.press("Enter")
        self.count += 1


@pytest.mark.parametrize(("language", "show"), [("fr", "la-matinale"), ("en", "")])
def test_from_the_first_page_to_a_code_on_air_that_earns(
    browser: Browser, url: str, odile: Any, ines: Any, served_in: tuple[str, Path], language: str, show: str
) -> None:
    said = SAID[language]
    with window(browser, url, width=1280, language=language, storage_state=odile) as watched:
        page = watched.page
        watched.open(f"/admin/?lang={language}")
        page.locator("#show").select_option(show)
        hands = Hands(watched)
        hands.count += 2  # to the list and down it
        code = page.locator("[name=solution-code]").input_value()
        hands.press_on(said["open"])
        page.wait_for_url("**/admin/animations/*")
        assert hands.count <= MOST_INTERACTIONS
        expect(page.locator(".say")).to_have_text(code)
        expect(page.locator(".state").first).to_contain_text(said["on"])
        slug = page.url.rpartition("/")[2].partition("?")[0]
        with window(browser, url, language=language, storage_state=ines) as fan:
            fan.open(f"/play/{slug}?lang={language}")
            fan.page.locator("#code").press_sequentially(code.upper())
            fan.page.keyboard.press("Enter")
            expect(fan.page.get_by_role("status")).to_contain_text(said["earned"])
        expect(page.locator(".tile dd").first).to_contain_text("1", timeout=15_000)  # it comes by itself
        assert Axe().run(page).violations_count == 0


def test_what_it_is_worth_follows_the_keys(browser: Browser, url: str, odile: Any) -> None:
    with window(browser, url, width=1280, language="en", storage_state=odile) as watched:
        watched.open("/admin/animations/new?lang=en")
        watched.page.fill("[name=setting-units_at_air]", "500")
        expect(watched.page.locator("#worth")).to_contain_text("500 units at the start")


@pytest.mark.parametrize(("scheme", "width", "language"), [("light", 1280, "fr"), ("dark", 360, "en")])
def test_axe_finds_nothing_and_no_page_is_wider_than_the_screen(
    browser: Browser, url: str, odile: Any, scheme: str, width: int, language: str
) -> None:
    found = {}
    look = {"width": width, "color_scheme": scheme, "language": language, "reduced_motion": "reduce"}
    with window(browser, url, storage_state=odile, **look) as watched:
        page = watched.page
        watched.open("/admin/activities")
        one = page.locator("tbody th a").first.get_attribute("href")
        watched.open("/admin/animations")
        links = page.locator("tbody th a")
        animation = links.first.get_attribute("href") if links.count() else None
        more = [animation, f"{animation}/void"] if animation else []
        for path in (*PAGES, one, *more):
            watched.open(f"{path}{'&' if '?' in path else '?'}lang={language}")
            for each in page.locator("main details").all():
                each.evaluate("each => { each.open = true }")
            wrong = [each["id"] for each in Axe().run(page).response["violations"]]
            if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
                wrong.append("wider than the screen")
            found |= {path: wrong} if wrong else {}
    assert found == {}
