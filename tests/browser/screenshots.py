"""`make screenshots`: every page, at 360 and 1280 pixels, light and dark, in French and English."""

import sys
import tempfile
from itertools import product
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.browser import screenshots_of_moments as moments
from tests.browser import station
from tests.browser.chromium import executable
from tests.browser.screenshots_of_staff import partner, staff
from tests.browser.test_play import open_code
from tests.browser.watch import sign_in, window

BEFORE = {
    "welcome": "/",
    "sign-in": "/sign-in",
    "catalogue-visitor": "/rewards",
    "earn-visitor": "/earn",
    "not-found": "/nowhere",
    "signed-out": "/history",
    "mailbox": "/dev/mailbox",
    "problem": "/problems/not_enough_points",
    "code-unknown": "/V/AAAA",
}
AFTER = {
    "home": "/",
    "earn": "/earn",
    "history": "/history",
    "history-activities": "/history?show=activities",
    "history-refused": "/history?show=refused",
    "rewards": "/rewards",
    "reward-affordable": "/rewards/cafe-croissant",
    "reward-too-dear": "/rewards/avant-premiere",
    "reward-not-yet": "/rewards/finale-grand-ecran",
    "reward-reserved": "/rewards/soiree-enregistrement",
    "reward-sold-out": "/rewards/concert-prive",
    "vouchers": "/vouchers",
    "tier": "/tier",
    "profile": "/profile",
    "erase": "/profile/erase",
    "play": "/play/code-du-jour",
    "network": "/profile/networks/twitch",
    "give": "/give",
}


def main(folder: Path, station_folder: Path) -> None:
    """Make them all."""
    folder.mkdir(parents=True, exist_ok=True)
    with station.served(station_folder) as url, sync_playwright() as playwright:
        given = station.passes(station_folder)
        open_code(url, given["odile"], "code-du-jour")
        browser = playwright.chromium.launch(executable_path=executable(), args=["--no-sandbox"])
        kept = odile = None
        with window(browser, url) as watched:
            sign_in(watched, "marc@example.org")
            marc = watched.page.context.storage_state()
        for width, scheme, language in product((360, 1280), ("light", "dark"), ("fr", "en")):
            look = {"width": width, "language": language, "color_scheme": scheme}
            mark = f"{width}-{scheme}-{language}"
            with window(browser, url, **look) as watched:
                watched.may_fail = True
                _take(watched, BEFORE, folder, mark)
                watched.open("/sign-in")
                watched.page.fill("#email", "nobody")
                watched.page.press("#email", "Enter")
                watched.page.wait_for_selector(".wrong")
                watched.page.screenshot(path=folder / f"sign-in-wrong-{mark}.png", full_page=True)
            with window(browser, url, **look, storage_state=kept) as watched:
                watched.may_fail = True
                if kept is None:
                    sign_in(watched)
                    kept = watched.page.context.storage_state()
                language_now = f"?lang={language}"
                watched.open(f"/{language_now}")
                _take(watched, AFTER, folder, mark)
                _vouchers(watched, folder, mark)
                _talk(watched, folder, mark)
                moments.give(watched, marc, browser, folder, mark)
                moments.refused(watched, folder, mark)
            odile = staff(browser, url, given, folder, look, odile)
            partner(browser, url, given, folder, look)
        browser.close()


def _take(watched, pages, folder, mark) -> None:
    for name, path in pages.items():
        watched.open(path)
        watched.page.screenshot(path=folder / f"{name}-{mark}.png", full_page=True)


def _vouchers(watched, folder, mark) -> None:
    for name, chosen in (
        ("voucher", ".stubs:not(.stubs-past) a"),
        ("voucher-used", ".stub-used"),
        ("voucher-expired", ".stub-expired"),
    ):
        watched.open("/vouchers")
        if watched.page.locator(chosen).count():
            watched.page.locator(chosen).first.click()
            watched.page.screenshot(path=folder / f"{name}-{mark}.png", full_page=True)
            if name == "voucher":
                moments.printed(watched.page, folder, mark)


def _talk(watched, folder, mark) -> None:
    """The pages that follow a form: a code to link by, a question, its refusal."""
    page = watched.page
    watched.open("/profile/networks/twitch")
    page.locator("form[action='/profile/networks/twitch'] button").click()
    page.wait_for_selector(".code-large")
    page.screenshot(path=folder / f"network-code-{mark}.png", full_page=True)
    watched.open("/profile")
    page.locator("a[href$='/unlink']").first.click()
    page.screenshot(path=folder / f"unlink-{mark}.png", full_page=True)
    watched.open("/history?show=refused")
    page.locator(".line-more a").first.click()
    page.screenshot(path=folder / f"question-{mark}.png", full_page=True)
    if page.locator("#text").count():
        page.locator("main form button").click()
        page.wait_for_selector(".wrong")
        page.screenshot(path=folder / f"question-wrong-{mark}.png", full_page=True)
        page.fill("#text", "Le match passait aussi à la radio : pourquoi ce message n’a-t-il pas compté ?")
        page.locator("main form button").click()
        page.wait_for_selector(".talk")
    page.screenshot(path=folder / f"question-asked-{mark}.png", full_page=True)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as made:
        main(Path(sys.argv[1] if len(sys.argv) > 1 else "screenshots"), Path(made))
