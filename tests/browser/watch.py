"""A browser window that is watched: what it asks for, what its console says, what its policy stops."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import pyotp
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Response

_FITS = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
# What reaches beyond the window and stands in nothing that scrolls by itself.
_TOO_WIDE = """() => [...document.querySelectorAll("body *")]
    .filter(each => each.checkVisibility({ contentVisibilityAuto: true }))
    .filter(each => each.getBoundingClientRect().right > document.documentElement.clientWidth + 0.5)
    .filter(each => {
        for (let around = each.parentElement; around !== document.body; around = around.parentElement)
            if (getComputedStyle(around).overflowX !== "visible") return false;
        return true;
    })
    .map(each => `${each.tagName}.${each.className} ${each.textContent.trim().slice(0, 40)}`)
    .slice(-4)"""


@dataclass
class Watched:
    """A page and everything that went wrong on it."""

    page: Page
    url: str
    complaints: list[str] = field(default_factory=list)
    bytes_by_address: dict[str, int] = field(default_factory=dict)
    may_fail: bool = False  # while a refusal is on purpose: browsers log every 4xx

    def open(self, path: str) -> None:
        """Go to a page of the station."""
        self.page.goto(f"{self.url}{path}")

    def too_wide(self) -> list[str]:
        """What makes the page wider than the window, where it is."""
        return [] if self.page.evaluate(_FITS) else list(self.page.evaluate(_TOO_WIDE)) or ["the page itself"]

    def wrong(self) -> list[str]:
        """What axe finds wrong with the page as it is, and what makes it wider than the window."""
        violations = Axe().run(self.page).response["violations"]
        said = [f"{each['id']}: {node['html'][:120]}" for each in violations for node in each["nodes"]]
        return said + [f"wider than the screen: {each}" for each in self.too_wide()]

    def listen(self) -> None:
        """Begin to watch."""
        host = urlsplit(self.url).netloc
        self.page.on("console", lambda said: self._complain(said.type in ("error", "warning"), said.text))
        self.page.on("pageerror", lambda error: self._complain(True, str(error)))
        self.page.on("request", lambda sent: self._complain(urlsplit(sent.url).netloc != host, sent.url))
        self.page.on("response", self._weigh)

    def _complain(self, wrong: bool, said: str) -> None:
        if wrong and not (self.may_fail and "Failed to load resource" in said):
            self.complaints.append(said)

    def _weigh(self, response: Response) -> None:
        length = response.headers.get("content-length")
        self.bytes_by_address[response.url] = int(length) if length else 0


@contextmanager
def window(browser: Browser, url: str, *, width: int = 360, language: str = "fr", **options: Any) -> Iterator[Watched]:
    """A window of its own, with nothing in its memory; fails at the end if anything was wrong."""
    height = 800 if width < 800 else 900
    locale = {"fr": "fr-FR", "en": "en-GB"}[language]
    context = browser.new_context(viewport={"width": width, "height": height}, locale=locale, **options)
    watched = Watched(context.new_page(), url)
    watched.listen()
    try:
        yield watched
        assert watched.complaints == [], watched.complaints
    finally:
        context.close()


def sign_in(watched: Watched, email: str = "ines@example.org") -> None:
    """Sign in by the code that the development mailbox shows."""
    page = watched.page
    watched.open("/sign-in")
    page.fill("#email", email)
    page.press("#email", "Enter")
    page.wait_for_url("**/sign-in/code")
    code = latest_code(watched)
    watched.open("/sign-in/code")
    page.fill("#code", code)
    page.press("#code", "Enter")
    page.wait_for_url(lambda address: "/sign-in/code" not in address)


def latest_code(watched: Watched) -> str:
    """The code in the latest message of the development mailbox."""
    watched.open("/dev/mailbox")
    return (watched.page.text_content("article h2") or "")[:6]


def enter_admin(watched: Watched, given: dict[str, str]) -> None:
    """Sign Odile in with what the demonstration keeps of her; once the code is used, that of the next half minute."""
    page, app = watched.page, pyotp.TOTP(given["admin_secret"])
    watched.may_fail = True
    for seconds_ahead in (0, 30):
        watched.open("/admin/sign-in")
        page.fill("#email", given["admin_email"])
        page.fill("#password", given["admin_password"])
        page.fill("#code", app.at(int(time.time()) + seconds_ahead))
        page.press("#code", "Enter")
        page.wait_for_load_state()
        if "/sign-in" not in page.url:
            watched.may_fail = False
            return
    raise AssertionError("Odile does not get in")
