"""A fan links an account by a code and asks about a line: at 360 pixels, by keyboard, with and without scripts."""

import json
import urllib.request
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect

from tests.browser import station
from tests.browser.test_fan import complaints, tab_to
from tests.browser.watch import Watched, window

PATH = "/profile/networks/twitch"
_numbers = count(1)


def say(where: str, odile: str, text: str, *, actor: str) -> None:
    """Write in the chat."""
    said = {
        "network": "twitch",
        "actor": actor,
        "kind": "live_chat",
        "object": "channel",
        "id": f"link-{next(_numbers)}-{actor}",
        "text": text,
    }
    headers = {"Authorization": f"Bearer {odile}", "Content-Type": "application/json"}
    urllib.request.urlopen(
        urllib.request.Request(f"{where}/api/v1/activities", json.dumps(said).encode(), headers)
    ).close()


def fine(watched: Watched) -> None:
    """Whether axe and the width of the screen have nothing to say about the page as it stands."""
    assert [each["id"] for each in Axe().run(watched.page).response["violations"]] == []
    assert watched.page.evaluate("document.documentElement.scrollWidth") <= 360


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_an_account_is_linked_by_keyboard_alone(
    browser: Browser, url: str, served_in: tuple[str, Path], ines: Any, scheme: Any
) -> None:
    look = {"color_scheme": scheme, "reduced_motion": "reduce"}
    with window(browser, url, language="fr", storage_state=ines, **look) as watched:
        page = watched.page
        watched.open("/profile")
        tab_to(watched, "Relier Twitch")
        page.keyboard.press("Enter")
        page.wait_for_url(f"**{PATH}")
        fine(watched)
        tab_to(watched, "Afficher mon code")
        page.keyboard.press("Enter")
        expect(page.locator(".code-large")).to_be_visible()
        fine(watched)
        say(url, station.passes(served_in[1])["odile"], f"!lier {page.inner_text('.code-large')}", actor=f"tw-{scheme}")
        tab_to(watched, "Est-il arrivé")
        page.keyboard.press("Enter")
        expect(page.get_by_role("status")).to_contain_text("est relié")
        fine(watched)


def test_it_works_without_scripts(browser: Browser, url: str, served_in: tuple[str, Path], ines: Any) -> None:
    with window(browser, url, language="en", storage_state=ines, java_script_enabled=False) as watched:
        page = watched.page
        watched.open(f"{PATH}?lang=en")
        page.locator("main button").click()
        code = page.inner_text(".code-large")
        say(url, station.passes(served_in[1])["odile"], code, actor="tw-plain")
        page.get_by_role("link", name="Did it arrive?").click()
        expect(page.locator(".notice-good")).to_contain_text("is linked")


def test_a_line_is_asked_about_by_keyboard_alone(browser: Browser, url: str, ines: Any) -> None:
    with window(browser, url, language="en", storage_state=ines, reduced_motion="reduce") as watched:
        page = watched.page
        watched.may_fail = True  # a question without words is refused
        watched.open("/history?show=activities&lang=en")
        fine(watched)
        tab_to(watched, "A question?")
        page.keyboard.press("Enter")
        page.wait_for_url("**/history/activity/*")
        fine(watched)
        tab_to(watched, "Ask")
        page.keyboard.press("Enter")
        expect(page.locator(".wrong")).to_be_visible()
        fine(watched)
        page.locator("#text").press_sequentially("Why that many?")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        expect(page.get_by_role("status")).to_contain_text("Waiting for an answer")
        fine(watched)
        watched.open("/history?show=activities")
        expect(page.get_by_text("waiting")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_a_problem_page(browser: Browser, url: str, scheme: Any) -> None:
    with window(browser, url, color_scheme=scheme) as watched:
        assert complaints(watched, "/problems/not_enough_points") == {}
