"""Odile fills the catalogue by keyboard; a fan sees it; every page of rewards, vouchers, partners and settings."""

import re
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect

from tests.browser.test_fan import HOME_BYTES
from tests.browser.watch import Watched, window
from tests.makers.pictures import photo

PAGES = (
    "/admin/rewards",
    "/admin/rewards?q=nothing",
    "/admin/rewards/-/new",
    "/admin/rewards/cafe-croissant",
    "/admin/rewards/cafe-croissant/edit",
    "/admin/rewards/cafe-croissant/stock",
    "/admin/rewards/cafe-croissant/archive",
    "/admin/rewards/cafe-croissant/preview",
    "/admin/vouchers",
    "/admin/partners",
    "/admin/partners/cafe-lumiere",
    "/admin/partners/cafe-lumiere/archive",
    "/admin/programme",
    "/admin/programme/expiry",
    "/admin/programme/expiry?kind=sliding&sliding_months=12",
    "/admin/programme/tiers",
    "/admin/programme/tiers/-/new",
    "/admin/programme/tiers/argent",
    "/admin/programme/tiers/argent/archive",
    "/admin/programme/points",
    "/admin/approvals",
)
DONE = {"fr": "Enregistré", "en": "Saved"}


def fill(watched: Watched, said: dict[str, str]) -> None:
    """Fill a form as the keyboard does: from field to field by Tab."""
    page = watched.page
    page.focus(f"#{next(iter(said))}")
    for _ in range(40):
        name = str(page.evaluate("document.activeElement.name || ''"))
        if name in said:
            page.keyboard.type(said.pop(name))
        if not said:
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"the keyboard does not reach {said.keys()}")


@pytest.mark.parametrize("language", ["fr", "en"])
def test_odile_makes_a_reward_with_a_picture_by_keyboard_and_a_fan_sees_it(
    browser: Browser, url: str, odile: Any, ines: Any, tmp_path: Path, language: str
) -> None:
    picture = tmp_path / "mug.jpg"
    picture.write_bytes(photo(1600, 900))
    slug = f"mug-{language}"
    with window(browser, url, width=1280, storage_state=odile) as watched:
        page = watched.page
        watched.open(f"/admin/rewards?lang={language}")
        page.keyboard.press("/")
        assert page.evaluate("document.activeElement.type") == "search"
        watched.open("/admin/rewards/-/new")
        page.set_input_files("#picture", picture)
        fill(watched, {"name_fr": "Le mug de la matinale", "name_en": "The morning mug",
                       "description_fr": "Au comptoir.", "description_en": "At the counter.",
                       "slug": slug, "cost_points": "300", "value_cents": "8"})  # fmt: skip
        page.keyboard.press("Control+s")
        page.wait_for_url(f"**/rewards/{slug}")
        expect(page.get_by_role("status")).to_contain_text(DONE[language])
        watched.open(f"/admin/rewards/{slug}/stock")
        fill(watched, {"quantity": "25", "donor": "Atelier", "reason": "Livraison"})
        page.keyboard.press("Enter")
        expect(page.get_by_role("status")).to_contain_text(DONE[language])
        expect(page.locator(".tile dd").first).to_contain_text("25")
    with window(browser, url, language=language, storage_state=ines) as watched:
        watched.open(f"/rewards/{slug}?lang={language}")
        expect(watched.page.locator("h1")).to_have_text(
            {"fr": "Le mug de la matinale", "en": "The morning mug"}[language]
        )
        shown = watched.page.locator(".reward-large")
        assert shown.evaluate("image => image.decode().then(() => image.naturalWidth)") == 1200
        watched.open("/rewards")
        watched.page.wait_for_load_state("networkidle")
        assert watched.page.evaluate("document.documentElement.scrollWidth") <= 360
        small = [size for address, size in watched.bytes_by_address.items() if "/pictures/small/" in address]
        assert small and max(small) <= 8_000
        watched.bytes_by_address.clear()
        watched.open("/")
        assert sum(watched.bytes_by_address.values()) < HOME_BYTES


def test_cancelling_gives_the_points_back(browser: Browser, url: str, odile: Any, ines: Any) -> None:
    with window(browser, url, language="en", storage_state=ines) as watched:
        watched.open("/rewards/livre-de-poche?lang=en")
        watched.page.locator("form .btn-wide").click()
        watched.page.wait_for_url("**/vouchers/*")
        code = watched.page.locator(".human").first.text_content()
        watched.open("/")
        before = watched.page.text_content(".hero-figure")
    with window(browser, url, width=1280, storage_state=odile) as watched:
        page = watched.page
        watched.open("/admin/vouchers?lang=en")
        page.fill("#sought", code or "")
        page.press("#sought", "Enter")
        page.wait_for_url(re.compile(r"/admin/vouchers/\d+$"))
        page.locator(".act summary").first.focus()
        page.keyboard.press("Enter")
        page.locator("#reason-cancel").fill("Asked by the fan")
        page.press("#reason-cancel", "Enter")
        expect(page.locator(".page-head .state")).to_have_text("Cancelled")
        expect(page.locator(".happened")).to_contain_text("Asked by the fan")
    with window(browser, url, language="en", storage_state=ines) as watched:
        watched.open("/?lang=en")
        after = watched.page.text_content(".hero-figure")
    number = [int(re.sub(r"\D", "", each or "")) for each in (before, after)]
    assert number[1] == number[0] + 400


def test_a_colour_is_tried_live_on_the_whole_page(browser: Browser, url: str, odile: Any) -> None:
    with window(browser, url, width=1280, storage_state=odile) as watched:
        page = watched.page
        watched.open("/admin/programme?lang=en")
        page.locator("#brand_colour").fill("#0b6623")
        expect(page.locator(".swatch-button")).to_have_css("background-color", "rgb(11, 102, 35)")
        expect(page.locator("[data-contrast=button]")).to_have_text(re.compile(r"^7\.\d : 1$"))


@pytest.mark.parametrize(("scheme", "width"), list(product(["light", "dark"], [360, 1280])))
def test_no_page_keeps_anybody_out(browser: Browser, url: str, odile: Any, scheme: str, width: int) -> None:
    language = "fr" if scheme == "light" else "en"
    found = {}
    with window(browser, url, width=width, color_scheme=scheme, storage_state=odile) as watched:
        page = watched.page
        watched.open("/admin/vouchers")
        one = page.locator("tbody a").first.get_attribute("href") or ""
        for path in (*PAGES, one):
            watched.open(f"{path}{'&' if '?' in path else '?'}lang={language}")
            for closed in page.locator("main details:not([open]) > summary").element_handles()[:3]:
                closed.click()
            assert page.evaluate("document.documentElement.scrollWidth") <= width, path
            found[path] = [each["id"] for each in Axe().run(page).response["violations"]]
        watched.open(f"/admin/partners/cafe-lumiere?lang={language}")
        page.locator("form[action$=enrolment] button").first.click()
        expect(page.locator(".qr svg")).to_be_visible()
        found["the enrolment"] = [each["id"] for each in Axe().run(page).response["violations"]]
        watched.may_fail = True
        watched.open("/admin/rewards/cafe-croissant/archive")
        page.evaluate("document.querySelector('main form').noValidate = true")
        page.locator("main .btn-danger").click()
        expect(page.locator("#reason")).to_have_attribute("aria-invalid", "true")
        found["what is wrong"] = [each["id"] for each in Axe().run(page).response["violations"]]
    assert {path: wrong for path, wrong in found.items() if wrong} == {}


@pytest.mark.parametrize(("language", "said"), [("fr", "Mo"), ("en", "MB")])
def test_39_a_picture_far_too_heavy_is_refused_in_words_by_the_server_itself(
    browser: Browser, url: str, odile: Any, tmp_path: Path, language: str, said: str
) -> None:
    heavy = tmp_path / "heavy.jpg"
    heavy.write_bytes(photo() + bytes(9 * 1024**2))
    # A script refuses it before it is sent; without scripts the server has to.
    with window(browser, url, width=1280, storage_state=odile, java_script_enabled=False) as watched:
        watched.may_fail = True
        watched.open(f"/admin/rewards/cafe-croissant/edit?lang={language}")
        watched.page.set_input_files("#picture", heavy)
        with watched.page.expect_response(lambda response: response.request.method == "POST") as answered:
            watched.page.click("main form .save-bar .btn-primary")
        assert answered.value.status == 413
        expect(watched.page.locator("main h1")).to_contain_text(said)
