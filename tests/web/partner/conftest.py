"""Phones at counters: one enrolled at the Café Lumière, one of another partner, and a fan's voucher for a coffee."""

import re
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from flask import Flask

from loyalty.db import Database
from loyalty.flows import manage_partners
from loyalty.settings import Settings
from loyalty.vouchers import code
from loyalty.vouchers.issue import body_of
from loyalty.vouchers.token import VoucherKeys
from tests import cast
from tests.cast import ODILE
from tests.makers.partners import known_partner
from tests.makers.rewards import coffee
from tests.makers.vouchers import redeemed
from tests.web.browser import Browser

NewBrowser = Callable[..., Browser]


@dataclass(frozen=True, slots=True)
class Got:
    """A fan's voucher, as a camera reads it and as it is typed."""

    token: str
    code: str


def enrolment(db: Database, partner: str = "cafe-lumiere", *, place: str = "Comptoir de la gare") -> str:
    """A fresh code for a phone at a new place."""
    known_partner(db, partner)
    where = manage_partners.add_place(db, partner_slug=partner, name=place, actor=ODILE)
    assert where.id is not None
    return manage_partners.open_enrolment(db, partner_slug=partner, place_id=where.id, actor=ODILE).code


def enrol(browser: Browser, invitation: str, name: str = "Caisse 1") -> Browser:
    """Make a device of a browser."""
    answer = browser.submit("/partner/enrol/device", on=f"/partner/enrol/{invitation}", code=invitation, name=name)
    assert (answer.status_code, answer.location) == (303, "/partner/"), answer.text
    return browser


def look(browser: Browser, text: str) -> str:
    """What the counter is shown for a code."""
    answer = browser.submit("/partner/look", on="/partner/", text=text)
    assert answer.status_code == 200, answer.text
    return verdict(answer.text)


def confirm(browser: Browser, shown: str) -> str:
    """What it is shown once it confirmed."""
    answer = browser.submit("/partner/use", on="/partner/", text=hidden(shown, "text"), nonce=hidden(shown, "nonce"))
    assert answer.status_code == 200, answer.text
    return verdict(answer.text)


def hidden(page: str, name: str) -> str:
    """A hidden field of a page."""
    found = re.search(rf'name="{name}" value="([^"]+)"', page)
    assert found, f"no field {name}"
    return found[1]


def verdict(page: str) -> str:
    """The verdict on a page, without what stands around it."""
    found = re.search(r'<section class="verdict.*</section>', page, re.DOTALL)
    assert found, "no verdict"
    return found[0]


def state(shown: str) -> str:
    """In one word, what a verdict says."""
    found = re.search(r'data-state="(\w+)"', shown)
    assert found
    return found[1]


@pytest.fixture
def new_browser(app: Flask, db: Database) -> NewBrowser:
    """Opens another browser."""
    return lambda **options: Browser(app, db, **options)


@pytest.fixture
def counter(new_browser: NewBrowser, db: Database) -> Browser:
    """A phone at the counter of the Café Lumière."""
    return enrol(new_browser(), enrolment(db))


@pytest.fixture
def got(app: Flask, db: Database, settings: Settings) -> Got:
    """What Inès shows."""
    coffee(db, description_fr="Sur place, hors terrasse.", description_en="Inside, not on the terrace.")
    voucher = redeemed(db, cast.ines(db).id).voucher
    return Got(VoucherKeys(settings.voucher_keys).write(body_of(voucher)), code.spell(voucher.token_id))
