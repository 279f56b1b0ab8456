"""The pages of staff and of partners, for `make screenshots`: each list, the first thing in it, and its forms."""

import json
import urllib.request
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser

from loyalty.web.device_session import COOKIE
from tests.browser import screenshots_of_moments as moments
from tests.browser.watch import Watched, enter_admin, window
from tests.samples.webhook.sender import sign

ADMIN = {
    "overview": "/admin/",
    "figures": "/admin/figures",
    "animations": "/admin/animations",
    "animation-new": "/admin/animations/new",
    "rules": "/admin/rules",
    "rule-new": "/admin/rules/new",
    "activities": "/admin/activities",
    "rewards": "/admin/rewards",
    "reward-new": "/admin/rewards/-/new",
    "vouchers": "/admin/vouchers",
    "partners": "/admin/partners",
    "fans": "/admin/fans",
    "fans-none": "/admin/fans?q=nobody-of-that-name",
    "questions": "/admin/questions",
    "approvals": "/admin/approvals",
    "deliveries": "/admin/deliveries",
    "sources": "/admin/deliveries/sources",
    "imports": "/admin/imports",
    "audit": "/admin/audit",
    "accounts": "/admin/accounts",
    "accounts-wrong": "/admin/accounts/-/journal.csv?first=x",
    "trust": "/admin/trust",
    "programme": "/admin/programme",
    "expiry": "/admin/programme/expiry",
    "expiry-preview": "/admin/programme/expiry?kind=sliding&sliding_months=12",
    "tiers": "/admin/programme/tiers",
    "tier-new": "/admin/programme/tiers/-/new",
    "tier-edit": "/admin/programme/tiers/argent",
    "tier-archive": "/admin/programme/tiers/argent/archive",
    "points-policy": "/admin/programme/points",
    "team": "/admin/team",
    "keys": "/admin/keys",
    "account": "/admin/account",
    "not-found": "/admin/nowhere",
}
# The first thing of a list, and what stands below its address.
FIRST = {
    "animation": ("/admin/animations", ("",)),
    "rule": ("/admin/rules", ("", "/edit")),
    "activity": ("/admin/activities", ("",)),
    "reward": ("/admin/rewards", ("", "/edit", "/stock", "/preview", "/archive")),
    "voucher": ("/admin/vouchers", ("",)),
    "partner": ("/admin/partners", ("", "/archive")),
    "fan": ("/admin/fans", ("", "/merge", "/leave")),
    "question": ("/admin/questions", ("",)),
    "record": ("/admin/audit", ("",)),
    "month": ("/admin/accounts", ("",)),
    "delivery": ("/admin/deliveries", ("",)),
    "import": ("/admin/imports", ("",)),
}
HEADER = "network,actor,kind,object,id,happened_at"
ROWS = (
    "twitch,90210,live_chat,channel:radio-lumiere,m1,2026-11-20T08:00:00+01:00",
    "twitch,90211,live_chat,channel:radio-lumiere,m2,hier",
    "twitch,,live_chat,channel:radio-lumiere,m3,2026-11-20T08:02:00+01:00",
)
PARTNER = {"scan": "/partner/", "today": "/partner/today", "device": "/partner/device"}


def staff(browser: Browser, url: str, given: dict[str, str], folder: Path, look: dict[str, Any], kept: Any) -> Any:
    """Picture the admin; returns what the browser remembers, to be signed in the next time."""
    with window(browser, url, **look, storage_state=kept) as watched:
        if kept is None:
            watched.open("/admin/sign-in")
            _picture(watched, folder, "admin-sign-in", look)
            enter_admin(watched, given)
            kept = watched.page.context.storage_state()
            _bring(watched, url)
        watched.may_fail = True
        watched.open(f"/admin/?lang={look['language']}")
        for name, path in ADMIN.items():
            watched.open(path)
            _picture(watched, folder, f"admin-{name}", look)
        for name, (path, below) in FIRST.items():
            watched.open(path)
            first = watched.page.locator("main [data-rows] tbody a, main .table-admin tbody a, main .panel li a").first
            if first.count():
                address = str(first.get_attribute("href")).partition("?")[0]
                for rest in below:
                    watched.open(f"{address}{rest}")
                    _picture(watched, folder, f"admin-{name}{rest.replace('/', '-')}", look)
        mark = f"{look['width']}-{look['color_scheme']}-{look['language']}"
        moments.unlinking(watched, folder, mark)
        moments.voided(watched, given, folder, mark)
    return kept


def _bring(watched: Watched, url: str) -> None:
    """A delivery of a source of our own, signed as it asks, and a file with bad rows: neither list is empty then."""
    page = watched.page
    watched.open("/admin/deliveries/sources")
    page.select_option("#connector", "webhook")
    page.fill("#slug", "quiz")
    page.click("section[aria-labelledby=new-source] .btn-primary")
    secret = str(page.text_content("#secret-made"))
    said = {"network": "twitch", "actor": "90210", "kind": "live_chat", "object": "channel:radio-lumiere", "id": "m0"}
    body = json.dumps({**said, "text": "Quel match, allez les Bleus !"}).encode()
    signed = sign(body, secret=secret, at=datetime.now(UTC))
    urllib.request.urlopen(urllib.request.Request(f"{url}/hooks/webhook/quiz", body, signed)).close()
    watched.open("/admin/imports")
    file = "\n".join([HEADER, *ROWS]).encode()
    page.set_input_files("input[type=file]", {"name": "stats.csv", "mimeType": "text/csv", "buffer": file})
    page.click("main form .btn-primary")
    page.wait_for_selector("#rows", timeout=60_000)  # the page finds out by itself that it was tried


def partner(browser: Browser, url: str, given: dict[str, str], folder: Path, look: dict[str, Any]) -> None:
    """Picture the scanner and what is around it."""
    kept = {"name": COOKIE, "value": given["cafe"], "domain": "127.0.0.1", "path": "/", "expires": -1}
    kept |= {"secure": True, "httpOnly": True, "sameSite": "Lax"}
    with window(browser, url, **look, storage_state={"cookies": [kept]}) as watched:
        watched.may_fail = True
        watched.open("/partner/enrol")
        _picture(watched, folder, "partner-enrol", look)
        for name, path in PARTNER.items():
            watched.open(f"{path}?lang={look['language']}")
            _picture(watched, folder, f"partner-{name}", look)


def _picture(watched: Watched, folder: Path, name: str, look: dict[str, Any]) -> None:
    mark = f"{look['width']}-{look['color_scheme']}-{look['language']}"
    watched.page.screenshot(path=folder / f"{name}-{mark}.png", full_page=True)
