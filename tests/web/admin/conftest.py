"""Browsers of staff: signed in as whatever role a test needs."""

from collections.abc import Callable

import pytest
from flask import Flask

from loyalty.access import sessions
from loyalty.db import Database
from loyalty.web.staff_session import COOKIE
from tests.makers.staff import Member, member
from tests.web.browser import Browser

StaffAt = Callable[..., Browser]


@pytest.fixture
def odile_of_the_staff(app: Flask, db: Database) -> Member:
    """Odile's account: an administrator with a second factor."""
    return member(db, app.extensions["loyalty"].sealer)


@pytest.fixture
def staff_at(app: Flask, db: Database) -> StaffAt:
    """Opens a browser in which somebody of this role is signed in; they read English."""

    def open_browser(role: str = "administrator", email: str | None = None) -> Browser:
        account = member(db, app.extensions["loyalty"].sealer, role=role, email=email or f"{role}@lumiere.example")
        return signed_in(app, db, account)

    return open_browser


@pytest.fixture
def odile_at(app: Flask, db: Database, odile_of_the_staff: Member) -> Browser:
    """The browser in which Odile is signed in."""
    return signed_in(app, db, odile_of_the_staff)


def signed_in(app: Flask, db: Database, account: Member) -> Browser:
    """A browser that has a good session of an account."""
    token = db.write(
        lambda session: sessions.begin(session, kind=sessions.STAFF, subject_id=account.id, agent="a test")
    )
    browser = Browser(app, db)
    browser.client.set_cookie(COOKIE, token, domain="club.example", secure=True, path="/")
    return browser
