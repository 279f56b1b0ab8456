"""Browsers of fans: they keep cookies, send the forms they were given, and read their e-mails."""

import dataclasses
import re
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from loyalty import clock
from loyalty.db import Database
from loyalty.fans.tables import Fan
from loyalty.flows.send_mail import latest
from loyalty.settings import Settings
from loyalty.web.app import create_app
from loyalty.web.fan_session import COOKIE
from tests import cast
from tests.cast import MORNING
from tests.web import browser


class Browser(browser.Browser):
    """A fan's browser, whose owner reads the e-mails."""

    def ask(self, email: str) -> tuple[str, str]:
        """Have a code sent; returns the code and the link's path."""
        response = self.submit("/sign-in", email=email)
        assert (response.status_code, response.location) == (303, "/sign-in/code"), response.text
        return letter(self.db)

    def sign_in(self, email: str = "ines@example.org") -> TestResponse:
        """Sign in by code."""
        code, _ = self.ask(email)
        return self.submit("/sign-in/code", code=code)

    def cookie(self, name: str = COOKIE) -> str | None:
        """What lets this browser in."""
        return super().cookie(name)


def letter(db: Database) -> tuple[str, str]:
    """The code and the link's path of the latest e-mail."""
    text = latest(db)[0].text
    code, link = re.search(r"\b\d{6}\b", text), re.search(r"https://club\.example(/sign-in/link/\S+)", text)
    assert code and link
    return code[0], link[1]


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Those of a demonstration: e-mails go to the mailbox page."""
    return dataclasses.replace(settings, demo=True)


@pytest.fixture
def app(settings: Settings, db: Database) -> Iterator[Flask]:
    """The application, on a Monday at 8:00 in Paris."""
    with clock.running_on(clock.stopped_at(MORNING)):
        cast.open_station(db)
        yield create_app(settings, db)


@pytest.fixture
def ines(app: Flask, db: Database) -> Fan:
    """A fan with an empty wallet."""
    return cast.ines(db)


@pytest.fixture
def new_browser(app: Flask, db: Database) -> Callable[..., Browser]:
    """Opens another browser."""
    return lambda **options: Browser(app, db, **options)


@pytest.fixture
def browser(new_browser: Callable[..., Browser]) -> Browser:
    """A browser that knows nothing."""
    return new_browser()


@pytest.fixture
def ines_at(ines: Fan, browser: Browser) -> Browser:
    """The browser Ines is signed in with; she reads English today."""
    assert browser.sign_in().location == "/"
    browser.get("/?lang=en")
    return browser
