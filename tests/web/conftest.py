"""An application on a database of its own, and clients of it: one for each of the cast."""

import base64
from collections.abc import Callable, Iterator

import pytest
from flask import Flask

from loyalty import clock
from loyalty.db import Database
from loyalty.flows.manage_keys import make_key
from loyalty.settings import Settings, load
from loyalty.staff.scopes import SCOPES
from loyalty.web.app import create_app
from tests.cast import MORNING, ODILE, open_station
from tests.web.client import Client


@pytest.fixture
def settings(database_url: str) -> Settings:
    """Those of a small installation."""
    return load(
        {
            "LOYALTY_DATABASE_URL": database_url,
            "LOYALTY_SECRET_KEY": "for the tests, and nothing but the tests",
            "LOYALTY_VOUCHER_KEYS": "1:" + base64.b64encode(bytes(range(32))).decode(),
            "LOYALTY_PUBLIC_URL": "https://club.example",
        }
    )


@pytest.fixture
def app(settings: Settings, db: Database) -> Iterator[Flask]:
    """The application, on a Monday at 8:00 in Paris."""
    with clock.running_on(clock.stopped_at(MORNING)):
        open_station(db)
        yield create_app(settings, db)


@pytest.fixture
def client_with(app: Flask, db: Database) -> Callable[..., Client]:
    """Makes a client whose key has these scopes."""

    def make(*scopes: str) -> Client:
        return Client(app, make_key(db, name="test", scopes_wanted=scopes, actor=ODILE).token)

    return make


@pytest.fixture
def anybody(app: Flask) -> Client:
    """A client without a credential."""
    return Client(app)


@pytest.fixture
def odile(client_with: Callable[..., Client]) -> Client:
    """A client that may do everything a key can."""
    return client_with(*SCOPES)
