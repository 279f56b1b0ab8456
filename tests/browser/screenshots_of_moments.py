"""The pages that stand only once something was done, for `make screenshots`: given, printed, refused, taken back."""

from pathlib import Path
from typing import Any

import pyotp
from playwright.sync_api import Browser, Page

from tests.browser.test_play import open_code
from tests.browser.watch import Watched, window

_SPOILT = (  # a form: its name here, where it is, what is done to it
    ("too-old", "/profile", "form => { form.csrf_token.value = 'x' }"),
    ("too-heavy", "/profile", "form => { form.display_name.value = 'x'.repeat(3_000_000) }"),
    ("just-gone", "/rewards/cafe-croissant", "form => { form.action = '/rewards/concert-prive' }"),
)


def give(watched: Watched, receiver: Any, browser: Browser, folder: Path, mark: str) -> None:
    """A code that is shown, one that is wrong, a look at the name, and what is said once it is done."""
    page = watched.page
    with window(browser, watched.url, storage_state=receiver) as other:
        other.open("/give")
        other.page.locator("#receive ~ form button").click()
        code = str(other.page.text_content(".code-large"))
    watched.open("/give")
    page.locator("#receive ~ form button").click()
    _picture(page, folder, f"give-code-{mark}")
    for typed, shown, name in (("ABCD-EF2H", ".notice-bad", "wrong"), (code, ".facts", "confirm")):
        page.fill("#code", typed)
        page.fill("#amount", "10")
        page.press("#amount", "Enter")
        page.wait_for_selector(shown)
        _picture(page, folder, f"give-{name}-{mark}")
    page.locator("main form .btn-primary").click()
    page.wait_for_selector(".notice-good")
    _picture(page, folder, f"given-{mark}")


def printed(page: Page, folder: Path, mark: str) -> None:
    """The voucher that is open, on paper."""
    page.emulate_media(media="print")
    _picture(page, folder, f"voucher-printed-{mark}")
    page.emulate_media(media="screen")


def refused(watched: Watched, folder: Path, mark: str) -> None:
    """A form that is too old, one that is too heavy, and a reward somebody else was faster at."""
    page = watched.page
    for name, path, spoil in _SPOILT:
        watched.open(path)
        form = page.locator("main form:has(.btn-primary)")
        if form.count():
            form.first.evaluate(spoil)
            with page.expect_navigation():
                form.first.locator(".btn-primary").click()
            _picture(page, folder, f"refused-{name}-{mark}")


def unlinking(watched: Watched, folder: Path, mark: str) -> None:
    """Ines as the manager sees her, about to unlink an account."""
    watched.open("/admin/fans?q=ines%40")
    watched.page.locator("tbody th a").first.click()
    watched.page.locator(".plain-acts summary").first.click()
    _picture(watched.page, folder, f"admin-fan-unlink-{mark}")


def voided(watched: Watched, given: dict[str, str], folder: Path, mark: str) -> None:
    """An animation that never should have been; by now Odile may have to show that it is she."""
    page, slug = watched.page, f"code-{mark}"
    open_code(watched.url, given["odile"], slug)
    watched.open(f"/admin/animations/{slug}/void")
    page.fill("#reason", "Le code a fuité sur un forum")
    page.fill("#word", "ANNULER" if mark.endswith("fr") else "VOID")
    _picture(page, folder, f"admin-animation-void-{mark}")
    with page.expect_navigation():
        page.locator("main form .btn-danger").click()
    if page.locator("#code").count():
        page.fill("#code", pyotp.TOTP(given["admin_secret"]).now())
        with page.expect_navigation():
            page.press("#code", "Enter")
    _picture(page, folder, f"admin-animation-voided-{mark}")


def _picture(page: Page, folder: Path, name: str) -> None:
    page.screenshot(path=folder / f"{name}.png", full_page=True)
