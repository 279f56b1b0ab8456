"""A fan in a real browser: signs in, reads, redeems, shows; at 360 pixels, by keyboard, in both languages."""

import io
from itertools import product
from typing import Any

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Browser, expect

from tests.browser.watch import Watched, latest_code, sign_in, window

PUBLIC = ("/", "/sign-in", "/rewards", "/earn", "/dev/mailbox")
OWN = ("/", "/earn", "/history", "/history?show=refused", "/rewards", "/rewards/cafe-croissant",
       "/rewards/avant-premiere", "/vouchers", "/give", "/tier", "/profile", "/profile/erase")  # fmt: skip
HOME_BYTES = 100_000
SAID = {
    "fr": {"choose": "Choisir", "exchange": "Échanger", "home": "Accueil", "yours": "C’est à vous"},
    "en": {"choose": "Choose", "exchange": "Exchange", "home": "Home", "yours": "It is yours"},
}


def tab_to(watched: Watched, starts: str) -> None:
    """Move the focus with the keyboard alone until what has it begins with these words."""
    seen = "() => (document.activeElement.innerText || document.activeElement.ariaLabel || '').trim()"
    for _ in range(60):
        watched.page.keyboard.press("Tab")
        if str(watched.page.evaluate(seen)).startswith(starts):
            return
    raise AssertionError(f"the keyboard does not reach {starts!r}")


def qr_of(watched: Watched) -> str:
    """What a camera reads on the page."""
    picture = Image.open(io.BytesIO(watched.page.locator(".qr").screenshot()))
    (found,) = zxingcpp.read_barcodes(picture)
    return str(found.text)


@pytest.mark.parametrize(("language", "reward"), [("fr", "rencontre-autrice"), ("en", "livre-de-poche")])
def test_a_fan_signs_in_redeems_and_shows_the_voucher_by_keyboard_alone(
    browser: Browser, url: str, language: str, reward: str
) -> None:
    said = SAID[language]
    with window(browser, url, language=language) as watched:
        page = watched.page
        sign_in(watched)
        watched.open(f"/?lang={language}")
        expect(page.locator(".hero-figure")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        tab_to(watched, said["choose"])
        page.keyboard.press("Enter")
        page.wait_for_url("**/rewards")
        watched.open(f"/rewards/{reward}")
        tab_to(watched, said["exchange"])
        page.keyboard.press("Enter")
        page.wait_for_url("**/vouchers/*")
        expect(page.get_by_role("status")).to_contain_text(said["yours"])
        assert qr_of(watched).startswith("HTTP://127.0.0.1")
        box = page.locator(".qr").bounding_box()
        assert box is not None and box["width"] >= 280
        assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_the_code_is_black_on_white_in_the_dark_too(browser: Browser, url: str, ines: Any) -> None:
    with window(browser, url, color_scheme="dark", storage_state=ines) as watched:
        watched.open("/vouchers")
        watched.page.locator(".stubs:not(.stubs-past) a").first.click()
        assert "/V/" in qr_of(watched)


def test_a_link_in_the_same_browser_needs_one_button(browser: Browser, url: str) -> None:
    with window(browser, url) as watched:
        page = watched.page
        watched.open("/sign-in")
        page.fill("#email", "marc@example.org")
        page.press("#email", "Enter")
        page.wait_for_url("**/sign-in/code")
        watched.open("/dev/mailbox")
        page.locator("article a").first.click()
        page.locator("main button").click()
        expect(page.locator(".hero-figure")).to_be_visible()


def test_somebody_new_joins(browser: Browser, url: str) -> None:
    with window(browser, url, language="en") as watched:
        page = watched.page
        sign_in(watched, "nadia@example.org")
        page.fill("#display_name", "Nadia")
        page.fill("#birth_year", "1990")
        page.check("#agrees")
        page.press("#birth_year", "Enter")
        expect(page.locator(".hero-hello")).to_contain_text("Hello Nadia")
        expect(page.locator(".empty")).to_be_visible()


def test_home_weighs_less_than_a_hundred_kilobytes(browser: Browser, url: str, ines: Any) -> None:
    with window(browser, url, storage_state=ines) as watched:
        watched.open("/")
        weights = watched.bytes_by_address
        assert len(weights) >= 4 and all(weights.values()), weights
        assert sum(weights.values()) < HOME_BYTES, weights


@pytest.mark.parametrize(("scheme", "language"), list(product(("light", "dark"), ("fr", "en"))))
def test_axe_finds_nothing_on_any_page(browser: Browser, url: str, scheme: str, language: str) -> None:
    found = {}
    with window(browser, url, language=language, color_scheme=scheme, reduced_motion="reduce") as watched:
        for path in PUBLIC:
            found |= complaints(watched, path)
        watched.open("/sign-in")
        watched.page.fill("#email", f"{scheme}-{language}@example.org")
        watched.page.press("#email", "Enter")
        watched.page.wait_for_url("**/sign-in/code")
        found |= complaints(watched, "/sign-in/code")
        code = latest_code(watched)
        watched.open("/sign-in/code")
        watched.page.fill("#code", code)
        watched.page.press("#code", "Enter")
        watched.page.wait_for_url("**/sign-in/join")
        found |= complaints(watched, "/sign-in/join")
    assert found == {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_a_fans_own_pages(browser: Browser, url: str, ines: Any, scheme: str) -> None:
    found = {}
    with window(browser, url, color_scheme=scheme, reduced_motion="reduce", storage_state=ines) as watched:
        for path in OWN:
            found |= complaints(watched, path)
        watched.open("/vouchers")
        links = watched.page.locator(".stub").evaluate_all("all => all.map(each => each.getAttribute('href'))")
        for path in links[:6]:
            found |= complaints(watched, path)
        watched.may_fail = True
        found |= complaints(watched, "/nowhere")
    assert found == {}


def complaints(watched: Watched, path: str) -> dict[str, list[str]]:
    """What axe finds wrong with a page, and whether it must be pushed sideways at 360 pixels."""
    watched.open(path)
    said = watched.wrong()
    return {path: said} if said else {}
