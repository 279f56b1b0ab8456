"""One browser and one station for all tests of this folder."""

import json
import sqlite3
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.browser import station
from tests.browser.chromium import executable
from tests.browser.watch import enter_admin, sign_in, window

expect.set_options(timeout=20_000)  # a machine that is busy with the other tests needs longer than the five seconds


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A Chromium without a window."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=executable(), args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def served_in(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """A station, and the folder it keeps its data in."""
    folder = tmp_path_factory.mktemp("station")
    with station.served(folder) as url:
        yield url, folder


@pytest.fixture(scope="session")
def url(served_in: tuple[str, Path]) -> str:
    """Where the station is; Ines has just spent a lot in its shop, so she can choose whatever there is."""
    where, folder = served_in
    given = station.passes(folder)
    bought = {
        "network": "station",
        "actor": given["ines"],
        "kind": "purchase",
        "object": "order:1",
        "quantity": 200_000,
    }
    headers = {"Authorization": f"Bearer {given['odile']}", "Content-Type": "application/json"}
    sent = urllib.request.Request(f"{where}/api/v1/activities", json.dumps(bought).encode(), headers)
    urllib.request.urlopen(sent).close()
    return where


@pytest.fixture
def nobody_was_counted(served_in: tuple[str, Path]) -> None:
    """Tests share one station and one network address: how often they signed in before is no test's business."""
    with closing(sqlite3.connect(served_in[1] / "var" / "loyalty.sqlite3", timeout=20)) as kept, kept:
        kept.execute("DELETE FROM rate_window")


@pytest.fixture(scope="session")
def ines(browser: Browser, url: str) -> Any:
    """What a browser remembers in which Ines is signed in: an address is sent three codes a quarter of an hour."""
    with window(browser, url) as watched:
        sign_in(watched)
        return watched.page.context.storage_state()


@pytest.fixture(scope="session")
def odile(browser: Browser, url: str, served_in: tuple[str, Path]) -> Any:
    """What a browser remembers in which Odile is signed in to the admin."""
    with window(browser, url, width=1280) as watched:
        enter_admin(watched, station.passes(served_in[1]))
        return watched.page.context.storage_state()
