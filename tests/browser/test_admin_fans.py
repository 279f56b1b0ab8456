"""Odile helps a fan and brings in a file: found, understood, credited by keyboard, in both languages."""

import re
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect

from tests.browser.watch import Watched, window

PAGES = ("/admin/fans", "/admin/fans?q=zzzz", "{fan}", "{fan}?show=refused", "{fan}/merge?q=a", "{merge}",
         "{fan}/leave", "/admin/questions", "/admin/audit", "{record}", "/admin/keys", "/admin/deliveries",
         "/admin/deliveries/sources", "/admin/imports")  # fmt: skip
SAID = {
    "fr": {"give": "Corriger le solde", "done": "C’est fait.", "by": "Correction par l’équipe", "try": "L’importer"},
    "en": {"give": "Correct the balance", "done": "It is done.", "by": "Correction by the team", "try": "Import it"},
}


@pytest.fixture
def desk(browser: Browser, url: str, odile: Any) -> Any:
    """Opens a window in which Odile is signed in and reads a language."""

    def open_window(language: str = "fr", **options: Any) -> Any:
        return window(browser, url, language=language, storage_state=odile, **{"width": 1280, **options})

    return open_window


def speak(watched: Watched, language: str) -> None:
    """Have the admin speak a language."""
    watched.open("/admin/account")
    watched.page.select_option("#language", language)
    watched.page.locator("main form button").first.click()
    watched.page.wait_for_load_state()


def ines(watched: Watched) -> str:
    """The path of her page."""
    watched.open("/admin/fans?q=ines%40example")
    return str(watched.page.locator("tbody th a").first.get_attribute("href"))


def paths(watched: Watched) -> list[str]:
    fan = ines(watched)
    watched.open("/admin/fans")
    links = [str(each.get_attribute("href")) for each in watched.page.locator("tbody th a").all()]
    other = next(each for each in links if each != fan).rsplit("/", 1)[1]
    watched.open("/admin/audit")
    record = watched.page.locator("tbody a[href*='/admin/audit/']").first.get_attribute("href")
    return [path.format(fan=fan, merge=f"{fan}/merge/{other}", record=record) for path in PAGES]


@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_fan_is_found_understood_and_credited_by_keyboard(desk: Any, language: str) -> None:
    with desk(language) as watched:
        page, said = watched.page, SAID[language]
        speak(watched, language)
        watched.open("/admin/fans")
        page.keyboard.press("/")
        page.keyboard.type("ines@example")
        page.keyboard.press("Enter")
        page.wait_for_url("**/admin/fans?q=*")
        page.keyboard.press("j")
        page.keyboard.press("Enter")
        page.wait_for_url(re.compile(r"/admin/fans/\d+$"))
        expect(page.locator(".table-lines tbody tr").first).to_be_visible()
        page.focus("#amount")
        page.keyboard.type("25")
        page.keyboard.press("Tab")
        page.keyboard.press("Tab")
        page.keyboard.type("Appel à la station")
        page.keyboard.press("Control+s")
        expect(page.get_by_role("status")).to_contain_text(said["done"])
        line = page.locator(".table-lines tbody tr").first
        expect(line).to_contain_text(said["by"])
        expect(line).to_contain_text("Appel à la station")
        expect(line).to_contain_text("+25")


@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_file_is_tried_and_then_imported(desk: Any, language: str, tmp_path: Path) -> None:
    rows = [
        f"twitch,{language}-fan-{at},live_chat,channel:1,{language}-{at},2026-11-20T08:00:00+01:00" for at in range(9)
    ]
    file = tmp_path / "stats.csv"
    file.write_text("\n".join(["network,actor,kind,object,id,happened_at", *rows, "twitch,,live_chat,c,x,", ""]))
    with desk(language) as watched:
        page = watched.page
        speak(watched, language)
        watched.open("/admin/imports")
        page.set_input_files("#file", str(file))
        page.locator("main form button").first.click()
        page.wait_for_url(re.compile(r"/admin/imports/\d+$"))
        for wanted in (".table-admin[data-rows]", ".state-good"):
            for _ in range(60):
                if page.locator(wanted).count():
                    break
                page.wait_for_timeout(500)
                page.reload()
            expect(page.locator(wanted).first).to_be_visible()
            if wanted != ".state-good":
                assert Axe().run(page).violations_count == 0
                with page.expect_navigation():  # or the next reload would cut it off
                    page.get_by_role("button", name=SAID[language]["try"], exact=True).click()
        with page.expect_download() as download:
            page.locator("a[download]").click()
        assert "row,problem" in Path(download.value.path()).read_text(encoding="utf-8-sig")


@pytest.mark.parametrize(("scheme", "language", "width"), [("light", "fr", 360), ("dark", "en", 1280)])
def test_every_page_of_it_is_accessible_and_none_scrolls_sideways(
    desk: Any, scheme: str, language: str, width: int
) -> None:
    with desk(language, width=width, color_scheme=scheme) as watched:
        speak(watched, language)
        for path in paths(watched):
            watched.open(path)
            found = Axe().run(watched.page)
            assert found.violations_count == 0, f"{path} {found.generate_report()}"
            assert watched.too_wide() == [], path
