"""A browser of somebody: it keeps cookies and sends the forms it was given."""

import re
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from loyalty.db import Database

TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


class Browser:
    """One browser, with its own cookies."""

    def __init__(self, app: Flask, db: Database, *, address: str = "203.0.113.7", language: str = "en") -> None:
        self.client, self.db = app.test_client(), db
        self.headers = {"Host": "club.example", "Accept-Language": language}
        self.address = address

    def get(self, path: str, **options: Any) -> TestResponse:
        """Open an address."""
        return self.send("GET", path, **options)

    def send(self, method: str, path: str, **options: Any) -> TestResponse:
        """Any request, as this browser."""
        options.setdefault("headers", self.headers)
        options.setdefault("base_url", "https://club.example")
        options.setdefault("environ_overrides", {"REMOTE_ADDR": self.address})
        return self.client.open(path, method=method, buffered=True, **options)

    def submit(self, path: str, *, on: str | None = None, **fields: str) -> TestResponse:
        """Send a form with the anti-forgery token of the page it stands on."""
        token = TOKEN.search(self.get(on or path).text)
        assert token, f"no form on {on or path}"
        return self.send("POST", path, data={"csrf_token": token[1], **fields})

    def cookie(self, name: str) -> str | None:
        """What lets this browser in."""
        kept = self.client.get_cookie(name, "club.example")
        return None if kept is None else kept.value
