"""Two fans in real browsers: one shows a code, the other gives points by it; nothing of it needs a script."""

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect

from tests.browser.watch import Watched, sign_in, window

pytestmark = pytest.mark.usefixtures("nobody_was_counted")


def fine(watched: Watched) -> None:
    """Nothing for axe to complain about, nothing wider than the screen."""
    assert [each["id"] for each in Axe().run(watched.page).response["violations"]] == []
    assert watched.too_wide() == []


def test_points_are_given_by_code_after_a_look_at_the_name(browser: Browser, url: str, ines: Any) -> None:
    with window(browser, url, language="en", java_script_enabled=False) as receiver:
        sign_in(receiver, "marc@example.org")
        receiver.open("/give")
        receiver.page.locator("#receive ~ form button").click()
        code = str(receiver.page.locator(".code-large").text_content())
        with window(browser, url, language="en", storage_state=ines) as giver:
            page = giver.page
            giver.open("/give?lang=en")
            page.fill("#code", code.lower())
            page.fill("#amount", "25")
            page.press("#amount", "Enter")
            expect(page.locator(".facts")).to_contain_text("Marc")
            fine(giver)
            page.get_by_role("button", name="Give").click()
            expect(page.get_by_role("status")).to_contain_text("Given.")
            giver.open("/history")
            expect(page.locator(".lines").first).to_contain_text("You gave them to Marc")
            fine(giver)
        receiver.open("/history?lang=en")
        expect(receiver.page.locator(".lines").first).to_contain_text("gave them to you")
