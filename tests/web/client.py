"""A client of the API as a program would write one: paths under /api/v1, JSON, a key, a new Idempotency-Key each."""

import itertools
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

ELSEWHERE = ("/api/", "/hooks/", "/V/", "/problems/", "/static/", "/healthz", "/readyz")
_numbers = itertools.count(1)


class Client:
    """Sends requests with one credential; none when it is None."""

    def __init__(self, app: Flask, token: str | None = None) -> None:
        self.app = app
        self.token = token
        self._client = app.test_client()

    def get(self, path: str, **options: Any) -> TestResponse:
        """GET under /api/v1, or anywhere when the path says so."""
        return self.send("GET", path, **options)

    def post(self, path: str, json: Any = None, *, key: str | None = "", **options: Any) -> TestResponse:
        """POST JSON; `key` None sends no Idempotency-Key, "" a new one."""
        headers = dict(options.pop("headers", {}))
        if key is not None:
            headers["Idempotency-Key"] = key or f"key-{next(_numbers)}"
        if json is not None:
            options["json"] = json
        return self.send("POST", path, headers=headers, **options)

    def send(self, method: str, path: str, **options: Any) -> TestResponse:
        """Any request."""
        headers = {"Host": "club.example", "Accept-Language": "en", **options.pop("headers", {})}
        if self.token is not None:
            headers.setdefault("Authorization", f"Bearer {self.token}")
        where = path if path.startswith(ELSEWHERE) else f"/api/v1{path}"
        return self._client.open(where, method=method, headers=headers, buffered=True, **options)


def refused(response: TestResponse, status: int, code: str) -> dict[str, Any]:
    """The problem document of a refusal, which must be this one."""
    assert response.status_code == status, response.text
    assert response.content_type == "application/problem+json", response.text
    problem: dict[str, Any] = response.json
    assert (problem["status"], problem["code"]) == (status, code), problem
    assert problem["type"] == f"https://club.example/problems/{code}"
    assert problem["title"]
    assert problem["detail"]
    assert len(problem["request_id"]) == 16
    return problem
