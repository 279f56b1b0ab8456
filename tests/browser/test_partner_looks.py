"""Every page and state of a partner's device, as axe and a narrow screen see it."""

from itertools import product
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser import station
from tests.browser.counter import Counter, shows, typed
from tests.browser.watch import window

LOOKS = list(product(("light", "dark"), ("fr", "en")))


@pytest.fixture(scope="module")
def counter(url: str, served_in: tuple[str, Path]) -> Counter:
    """The counter of the Café Lumière, where Ines shows her vouchers."""
    given = station.passes(served_in[1])
    return Counter(url=url, key=given["odile"], fan=given["ines"], name="looked-at").opened()


@pytest.mark.parametrize(("scheme", "language"), LOOKS)
def test_axe_finds_nothing_on_any_page_and_state(
    browser: Browser, url: str, counter: Counter, scheme: str, language: str
) -> None:
    voucher, found = counter.voucher(), {}
    with window(browser, url, language=language, color_scheme=scheme, reduced_motion="reduce") as watched:
        page = watched.page

        def check(name: str) -> None:
            found[name] = watched.wrong()

        watched.may_fail = True
        for path in ("/partner/", "/partner/enrol", "/partner/enrol/WRONG"):
            watched.open(path)
            check(path)
        counter.enrol(watched)
        check("scanner")
        for name, code, key in (("ready", voucher.code, ""), ("handed", "", "Enter"), ("used", voucher.code, "Enter")):
            if key:
                page.keyboard.press(key)
            if code:
                typed(watched, code)
            shows(page, "refused" if name == "used" else name)
            check(name)
        watched.open("/partner/")
        typed(watched, "not a code")
        shows(page, "refused")
        check("malformed")
        watched.open("/partner/today")
        check("today")
        page.locator(".read-handed a").first.click()
        page.wait_for_url("**/undo/*")
        check("undo")
        page.get_by_role("radio").last.check()
        page.locator("main button").click()
        page.wait_for_selector(".wrong")
        check("undo without a reason")
        watched.open("/partner/device")
        page.locator("summary").click()
        check("device")
        watched.open(voucher.url[voucher.url.index("/V/") :])
        check("own camera")
        watched.open("/partner/device")
        page.locator("summary").click()
        page.locator("details button").click()
        page.wait_for_selector("main .round")
        check("left")
    assert {name: said for name, said in found.items() if said} == {}
