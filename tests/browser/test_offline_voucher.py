"""A voucher that was opened is shown without a network, and to nobody any more after a sign-out."""

import time
from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Error, expect

from tests.browser.test_fan import qr_of
from tests.browser.watch import Watched, sign_in, window

pytestmark = pytest.mark.usefixtures("nobody_was_counted")

KEPT = """async () => (await Promise.all((await caches.keys()).map(async (name) =>
    (await (await caches.open(name)).keys()).map((each) => new URL(each.url).pathname)))).flat()"""


@pytest.fixture
def watched(browser: Browser, url: str, ines: Any) -> Iterator[Watched]:
    """Ines' phone, which is about to lose its network."""
    with window(browser, url, language="fr", storage_state=ines) as opened:
        opened.may_fail = True  # a browser without a network complains of it
        yield opened


def open_voucher(watched: Watched) -> str:
    """Open the first voucher, and wait until it is kept; returns its path."""
    watched.open("/vouchers")
    path = str(watched.page.locator(".stubs:not(.stubs-past) a").first.get_attribute("href"))
    watched.open(path)
    wait_until_kept(watched, path)
    return path


def wait_until_kept(watched: Watched, path: str) -> None:
    """Wait until a voucher and what it is made of are kept."""
    until = time.monotonic() + 10
    while not {path, "/static/fan.css", "/static/voucher.js"} <= set(watched.page.evaluate(KEPT)):
        assert time.monotonic() < until, "it was not kept"
        time.sleep(0.05)


def test_an_opened_voucher_is_there_without_a_network_and_says_so(watched: Watched) -> None:
    path, page = open_voucher(watched), watched.page
    expect(page.locator("#kept")).to_be_hidden()
    code = qr_of(watched)
    page.context.set_offline(True)
    watched.open(path)
    expect(page.locator("#kept")).to_contain_text("Hors ligne")
    assert qr_of(watched) == code
    assert page.evaluate("getComputedStyle(document.querySelector('.pass')).borderTopWidth") == "1px", "it has its look"
    assert Axe().run(page).violations_count == 0
    page.context.set_offline(False)
    watched.open(path)
    expect(page.locator("#kept")).to_be_hidden()


def test_nothing_but_vouchers_is_kept_or_answered(watched: Watched) -> None:
    path, page = open_voucher(watched), watched.page
    for other in ("/", "/vouchers", "/profile", "/history", "/partner", "/admin"):
        watched.open(other)
    kept = page.evaluate(KEPT)
    assert {each for each in kept if not each.startswith(("/static/", "/brand/"))} == {path, "/kept-for"}
    page.context.set_offline(True)
    for other in ("/", "/vouchers", "/profile", "/partner", "/api/v1/openapi.json"):
        with pytest.raises(Error, match="ERR_"):
            watched.open(other)
    page.context.set_offline(False)


def test_what_was_another_fans_is_forgotten_and_after_a_sign_out_everything(
    browser: Browser, url: str, watched: Watched
) -> None:
    of_ines, phone = open_voucher(watched), watched
    with window(browser, url, language="fr") as watched:
        watched.may_fail = True
        page = watched.page
        sign_in(watched, "marc@example.org")
        watched.open("/vouchers")
        assert page.evaluate(KEPT) == []
        path = buy(watched)
        wait_until_kept(watched, path)
        phone.page.context.clear_cookies()
        phone.page.context.add_cookies(page.context.cookies())  # type: ignore[arg-type]
        phone.open(path)
        wait_until_kept(phone, path)
        assert of_ines not in phone.page.evaluate(KEPT)
        watched.open("/profile")
        page.locator("form[action='/sign-out'] button").click()
        page.wait_for_url(url + "/")
        assert page.evaluate(KEPT) == []
        page.context.set_offline(True)
        with pytest.raises(Error, match="ERR_"):
            watched.open(path)


def buy(watched: Watched) -> str:
    """Exchange points for whatever can be had; returns the voucher's path."""
    page = watched.page
    watched.open("/rewards")
    page.locator(".reward:has(.tag-good) a").first.click()
    page.locator("form button.btn-primary").click()
    page.wait_for_url("**/vouchers/*")
    return str(page.evaluate("location.pathname"))
