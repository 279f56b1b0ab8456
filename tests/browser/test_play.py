"""A fan types the code said on air: from home to the points, at 360 pixels, by keyboard alone."""

import json
import urllib.request
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect

from tests.browser import station
from tests.browser.test_fan import tab_to
from tests.browser.watch import window


def open_code(where: str, odile: str, slug: str) -> None:
    """Odile opens a code that is on air from now on."""
    said = {
        "kind": "on_air_code",
        "slug": slug,
        "show": "la-matinale",
        "starts_at": datetime.now(UTC).isoformat(),
        "minutes": 30,
        "solution": {"code": "Tournesol 47"},
    }
    headers = {
        "Authorization": f"Bearer {odile}",
        "Content-Type": "application/json",
        "Idempotency-Key": slug,
    }
    sent = urllib.request.Request(f"{where}/api/v1/animations", json.dumps(said).encode(), headers)
    urllib.request.urlopen(sent).close()


def test_a_code_said_on_air_becomes_points(browser: Browser, url: str, served_in: tuple[str, Path], ines: Any) -> None:
    open_code(url, station.passes(served_in[1])["odile"], "code-du-jour")
    with window(browser, url, language="fr", storage_state=ines, reduced_motion="reduce") as watched:
        page = watched.page
        watched.open("/")
        tab_to(watched, "À l’antenne maintenant")
        page.keyboard.press("Enter")
        page.wait_for_url("**/play/code-du-jour")
        expect(page.locator("#code")).to_be_focused()
        page.keyboard.type("coquelicot")
        page.keyboard.press("Enter")
        expect(page.get_by_role("alert")).to_contain_text("Il vous reste 4 essais")
        assert Axe().run(page).violations_count == 0
        page.locator("#code").press_sequentially("tournesol 47")
        page.keyboard.press("Enter")
        expect(page.get_by_role("status")).to_contain_text("Vous gagnez")
        assert Axe().run(page).violations_count == 0
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
