"""What a counter needs around it: vouchers that fans got, links that make a phone a device, and what became of them."""

import itertools
import json
import urllib.request
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Page, expect

from tests.browser.watch import Watched

CAFE, BOOKSHOP = "cafe-lumiere", "librairie-des-halles"
TARTINE = {
    "slug": "tartine",
    "name_fr": "Une tartine",
    "name_en": "A slice of toast",
    "description_fr": "Jusqu’à onze heures.",
    "description_en": "Until eleven.",
    "partner": CAFE,
    "cost_points": 10,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Voucher:
    """One that a fan got."""

    id: str
    code: str
    url: str


@dataclass
class Counter:
    """A station as its staff sees it, through the API."""

    url: str
    key: str
    fan: str
    name: str = "counter"
    numbers: Any = field(default_factory=itertools.count)

    def opened(self) -> "Counter":
        """The same, with a reward without limits in the catalogue."""
        known = {each["slug"] for each in self.send("/rewards?limit=100")["items"]}
        if TARTINE["slug"] not in known:
            received = {"kind": "received", "quantity": 100, "donor": "Café Lumière", "reason": "Livraison."}
            self.send("/rewards", TARTINE)
            self.send("/rewards/tartine/stock", received)
        return self

    def voucher(self) -> Voucher:
        """A fresh voucher of the fan."""
        redeemed = self.send("/redemptions", {"fan": self.fan, "reward": "tartine"})
        shown = self.send(f"/vouchers/{redeemed['voucher']}")
        return Voucher(id=shown["id"], code=shown["code"], url=shown["url"])

    def uses(self, voucher: Voucher) -> int:
        """How often it was used."""
        return int(self.send(f"/vouchers/{voucher.id}")["uses"])

    def enrol(self, watched: Watched, partner: str = CAFE, *, name: str = "Caisse 1") -> None:
        """Make a device of a window, and leave it on the scanner."""
        place = self.send(f"/partners/{partner}")["places"][0]["id"]
        code = self.send(f"/partners/{partner}/enrolments", {"place": place})["code"]
        watched.open(f"/partner/enrol/{code}")
        watched.page.fill("#name", name)
        watched.page.press("#name", "Enter")
        watched.page.wait_for_url("**/partner/", wait_until="networkidle")  # before its scripts listen, keys are lost

    def shut_out(self, partner: str, name: str) -> None:
        """Revoke the devices of this name."""
        for each in self.send(f"/partners/{partner}")["devices"]:
            if each["name"] == name and each["revoked_at"] is None:
                self.send(f"/devices/{each['id']}?reason=lost", method="DELETE")

    def send(self, path: str, body: Any = None, *, method: str | None = None) -> Any:
        """What the API answers."""
        headers = {
            "Authorization": f"Bearer {self.key}",
            "Content-Type": "application/json",
            "Idempotency-Key": f"{self.name}-{next(self.numbers)}",
        }
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.url}/api/v1{path}", data, headers, method=method)
        with urllib.request.urlopen(request) as answer:
            return json.loads(answer.read() or b"null")


def typed(watched: Watched, code: str) -> None:
    """Type a code wherever the focus is, as a hand scanner does."""
    watched.page.keyboard.type(code)
    watched.page.keyboard.press("Enter")


def shows(page: Page, state: str) -> Any:
    """Wait for a verdict, and until it takes a key or a tap: at first it takes none, lest it be an accident."""
    verdict = page.locator(f"dialog[open] .verdict-{state}")
    expect(verdict.locator(".btn-big")).to_be_focused()
    return verdict
